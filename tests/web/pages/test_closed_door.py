"""A door that stays shut says whose it is, why, when it opens, and whom to call."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import pytest_asyncio

from confhub.meetings.meeting import AgendaItem, MeetingStatus
from confhub.people.person import Person
from tests.living_links import living_links
from tests.statuses import set_status
from tests.web.browser import NOON, Clock, SignedIn, WebClient, submit
from tests.web.meeting_pages import of_nam_po
from tests.web.paper_pages import add_papers
from web.services import Services

MEETING = of_nam_po(
    NOON + dt.timedelta(days=2),
    note="Mang theo số liệu tháng 11",
    agenda=(AgendaItem("Báo cáo của các xã", "Các xã", 30),),
    created_by="secre-nam-po",
)
SITE = "Phòng họp Xã Chà Nưa"
NUMBERS = ("0215 3 001 010", "0900 000 010")


@pytest_asyncio.fixture
async def path(services: Services) -> str:
    """Chà Nưa's link; the presiding room has numbers."""
    chair = await services.store.sites.get("nam-po-room")
    room_phone, technician_phone = NUMBERS
    await services.store.sites.update(
        replace(
            chair,
            room_phone=room_phone,
            technician_name="Cà A Khánh",
            technician_phone=technician_phone,
        )
    )
    await services.store.meetings.add(MEETING)
    links = await services.store.links.ensure(MEETING, MEETING.ends_at + dt.timedelta(days=9))
    link = next(link for link in links if link.site_id == "cha-nua-room")
    return f"/join/{services.tokens.sign(link)}"


async def _set(services: Services, status: MeetingStatus) -> None:
    await set_status(services.store, MEETING.id, status, "Trùng lịch")


async def _revoke(services: Services) -> None:
    for link in await living_links(services.store, MEETING.id):
        await services.store.links.revoke(link.id, NOON)


async def test_who_comes_too_early_reads_all_that_is_prepared(client: WebClient, path: str) -> None:
    html = await (await client.get(path)).text()
    assert "Phòng họp chưa mở" in html
    for told in (SITE, MEETING.title, MEETING.note, "Báo cáo của các xã", "Cà A Khánh", *NUMBERS):
        assert told in html
    assert "Secretary Huyện Nậm Pồ" in html


@pytest.mark.parametrize("status", ["ended", "cancelled", "postponed"])
async def test_every_shut_door_names_the_site_and_whom_to_call(
    client: WebClient, services: Services, path: str, status: MeetingStatus
) -> None:
    await _set(services, status)
    html = await (await client.get(path)).text()
    assert all(told in html for told in (SITE, MEETING.title, *NUMBERS))


async def test_a_revoked_link_tells_whom_to_call_and_nothing_of_the_meeting(
    client: WebClient, services: Services, path: str
) -> None:
    await _revoke(services)
    answer = await client.get(path)
    html = await answer.text()
    assert answer.status == 410
    assert all(told in html for told in (SITE, *NUMBERS))
    assert not any(kept in html for kept in (MEETING.title, MEETING.note, "Báo cáo của các xã"))


async def test_a_link_that_nobody_signed_tells_nothing(client: WebClient, path: str) -> None:
    html = await (await client.get("/join/bm9uc2Vuc2U.bm9uc2Vuc2U")).text()
    assert not any(kept in html for kept in (SITE, MEETING.title, *NUMBERS))


async def test_a_site_by_its_account_reads_the_same(signed_in: SignedIn, path: str) -> None:
    browser = await signed_in("site", "cha-nua")
    html = await (await browser.get("/meetings/briefing/room")).text()
    assert all(told in html for told in (SITE, MEETING.note, *NUMBERS))
    stranger = await signed_in("site", "si-pha")
    html = await (await stranger.get("/meetings/briefing/room")).text()
    assert not any(kept in html for kept in (MEETING.title, MEETING.note, *NUMBERS))


async def test_devices_are_tried_only_before_an_opening(
    client: WebClient, services: Services, path: str
) -> None:
    answer = await client.get(f"{path}?check=1")
    html = await answer.text()
    assert answer.status == 200
    assert 'id="check-preview"' in html
    assert 'id="join"' not in html
    await _revoke(services)
    answer = await client.get(f"{path}?check=1")
    assert answer.status == 410
    assert 'id="check-preview"' not in await answer.text()


async def test_whoever_is_invited_reads_whom_to_call_on_the_meetings_page_and_in_its_room(
    signed_in: SignedIn, services: Services, clock: Clock, path: str
) -> None:
    told = Person("secre-nam-po", "", phone="(0215) 3 825 111 máy lẻ 12")
    await services.store.accounts.set_person(told)
    browser = await signed_in("site", "cha-nua")
    html = await (await browser.get("/meetings/briefing")).text()
    numbers = ("tel:02153825111;ext=12", "tel:02153001010", "tel:0900000010")
    assert all(number in html for number in (*numbers, "Cà A Khánh", "Secretary Huyện Nậm Pồ"))
    clock.now = MEETING.starts_at
    guest = await signed_in("site", "cha-nua")
    for asked in (await guest.get("/meetings/briefing/room"), await guest.get(path)):
        html = await asked.text()
        assert 'id="call-dialog"' in html
        assert all(number in html for number in numbers)


async def test_a_meeting_that_is_over_tells_no_numbers(
    signed_in: SignedIn, services: Services, path: str
) -> None:
    await _set(services, "ended")
    browser = await signed_in("site", "cha-nua")
    html = await (await browser.get("/meetings/briefing")).text()
    assert "tel:0900000010" not in html


async def test_a_room_of_which_no_number_is_known_offers_none(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    await services.store.meetings.add(MEETING)
    clock.now = MEETING.starts_at
    html = await (await (await signed_in("site", "cha-nua")).get("/meetings/briefing/room")).text()
    assert "call-dialog" not in html


async def test_who_drives_the_meeting_takes_its_end_back_from_its_page_and_its_door(
    signed_in: SignedIn, services: Services, clock: Clock, path: str
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    await set_status(services.store, MEETING.id, "live")
    await set_status(services.store, MEETING.id, "ended")
    await services.store.audit.write("meeting.ended", subject=MEETING.id, at=clock())
    clock.pass_by(minutes=4)
    places = f"/meetings/{MEETING.id}", f"/meetings/{MEETING.id}/room"
    again = f"/meetings/{MEETING.id}/reopen"
    for place in places:
        assert f'action="{again}"' in await (await secretary.get(place)).text()
        assert "đến 12:05" in await (await secretary.get(place)).text()
    others = [
        (await signed_in("technician", "nam-po"), places[0]),
        (await signed_in("site", "cha-nua"), places[0]),
        (await signed_in("site", "cha-nua"), places[1]),
        (secretary, path),  # a link's holder, whoever is signed in beside
    ]
    for browser, place in others:
        assert again not in await (await browser.get(place)).text()
    answer = await submit(secretary, again, {})
    assert (answer.status, answer.headers["Location"]) == (303, places[1])
    assert (await services.store.meetings.get(MEETING.id)).status == "live"
    await set_status(services.store, MEETING.id, "ended")
    clock.pass_by(minutes=2)
    for place in places:
        assert again not in await (await secretary.get(place)).text()
    assert (await submit(secretary, again, {})).status == 409


async def test_a_site_that_was_closed_reads_and_answers_nothing_behind_its_link(
    client: WebClient, services: Services, path: str
) -> None:
    await add_papers(services, MEETING.id, "cha-nua-room")
    assert "Báo cáo kinh tế" in await (await client.get(f"{path}/papers")).text()
    site = await services.store.sites.get("cha-nua-room")
    await services.store.sites.update(replace(site, active=False))
    for page in (path, f"{path}/papers", f"{path}/answer", f"{path}/papers/paper-1/files/2"):
        answer = await client.get(page)
        assert answer.status == 403
        html = await answer.text()
        assert "đã ngừng hoạt động" in html
        assert "Báo cáo kinh tế" not in html
