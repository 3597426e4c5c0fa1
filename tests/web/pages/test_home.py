"""The first page: what to do now, today and next, by role."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from tests.web.browser import NOON, Clock, SignedIn
from tests.web.meeting_pages import of_nam_po
from web.services import Services


def meeting(name: str, starts_in: dt.timedelta, **changed: object) -> Meeting:
    given = {"id": name, "title": f"Họp {name}"} | changed
    return of_nam_po(NOON + starts_in, dt.timedelta(hours=1), **given)


def parts(page: str) -> dict[str, str]:
    """The page's sections by their first heading."""
    sections = re.findall(r'<section class="(?:join|agenda)[^"]*">.*?</section>', page, re.S)
    headings = [re.sub(r"<[^>]+>", "", re.findall(r"<h2>.*?</h2>", s)[0]) for s in sections]
    return dict(zip(headings, sections, strict=True))


async def test_an_open_room_is_the_one_thing_to_do(signed_in: SignedIn, services: Services) -> None:
    await services.store.meetings.add(meeting("gần", dt.timedelta(minutes=30)))
    page = await (await (await signed_in("site", "cha-nua")).get("/")).text()
    assert 'href="/meetings/gần/room"' in page
    assert "Phòng họp đã mở" in page
    assert list(parts(page)) == ["Họp gần"]


async def test_a_later_meeting_says_when_its_room_opens(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.meetings.add(meeting("chiều", dt.timedelta(hours=3)))
    page = await (await (await signed_in("site", "cha-nua")).get("/")).text()
    today = parts(page)["Hôm nay"]
    assert "15:00" in today
    assert "Vào phòng từ 14:00" in today
    assert "/room" not in page


async def test_the_room_opens_on_the_page_when_its_time_comes(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    await services.store.meetings.add(meeting("chiều", dt.timedelta(hours=3)))
    browser = await signed_in("site", "cha-nua")
    clock.pass_by(hours=2)
    assert "/meetings/chiều/room" in await (await browser.get("/")).text()
    clock.pass_by(hours=4)
    assert "/meetings/chiều/room" not in await (await browser.get("/")).text()


async def test_tomorrow_begins_at_midnight_where_the_users_are(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.meetings.add(meeting("tối", dt.timedelta(hours=11, minutes=59)))
    await services.store.meetings.add(meeting("mai", dt.timedelta(hours=12)))
    page = parts(await (await (await signed_in("secretary", "nam-po")).get("/")).text())
    assert "Họp tối" in page["Hôm nay"]
    assert "Họp mai" in page["Sắp tới"]
    assert "Thứ Tư, 25/11/2026" in page["Sắp tới"]


async def test_a_draft_is_no_news_and_a_cancelled_meeting_of_today_is(
    signed_in: SignedIn, services: Services
) -> None:
    in_3h, in_3d = dt.timedelta(hours=3), dt.timedelta(days=3)
    await services.store.meetings.add(meeting("nháp", in_3h, status="draft"))
    await services.store.meetings.add(meeting("hoãn", in_3h, status="cancelled"))
    await services.store.meetings.add(meeting("bỏ", in_3d, status="cancelled"))
    page = await (await (await signed_in("secretary", "nam-po")).get("/")).text()
    assert "Họp nháp" not in page
    assert "Họp bỏ" not in page
    assert "Họp hoãn" in parts(page)["Hôm nay"]


async def test_a_full_fortnight_is_cut_and_says_how_much_more(
    signed_in: SignedIn, services: Services
) -> None:
    for n in range(11):
        await services.store.meetings.add(meeting(f"số{n}", dt.timedelta(days=1 + n)))
    page = await (await (await signed_in("secretary", "nam-po")).get("/")).text()
    assert parts(page)["Sắp tới"].count('class="agenda-row') == 8
    assert "Xem thêm 3 cuộc họp" in page


async def test_a_meeting_one_has_no_part_in_is_not_shown(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.meetings.add(meeting("kín", dt.timedelta(minutes=30)))
    for role, unit in (("site", "si-pha"), ("secretary", "lai-chau")):
        page = await (await (await signed_in(role, unit)).get("/")).text()
        assert "Họp kín" not in page
        assert "Hôm nay không có cuộc họp nào" in page


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        ("secretary", ("/meetings/new", "/sites", "/units", "/board"), ("/accounts",)),
        ("technician", ("/sites", "/units", "/board"), ("/meetings/new", "/accounts")),
        ("site", ("/meetings",), ("/meetings/new", "/sites", "/units", "/board", "/accounts")),
        ("admin", ("/meetings/new", "/sites", "/units", "/board", "/accounts"), ()),
    ],
)
async def test_each_role_is_offered_what_it_may_open(
    signed_in: SignedIn, role: str, seen: tuple[str, ...], unseen: tuple[str, ...]
) -> None:
    browser = await signed_in(role, "nam-po")
    page = await (await browser.get("/")).text()
    for path in seen:
        assert f'href="{path}"' in page
        if path != "/board":  # this hub has none
            assert (await browser.get(path)).status == 200
    for path in unseen:
        assert f'href="{path}"' not in page
        assert (await browser.get(path)).status == 403


async def test_what_a_unit_below_holds_is_told_but_not_offered_as_ones_own(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.meetings.add(meeting("gần", dt.timedelta(minutes=30)))
    page = await (await (await signed_in("secretary", "central")).get("/")).text()
    assert "/room" not in page
    assert "Họp gần" in parts(page)["Hôm nay"]
    page = await (await (await signed_in("secretary", "nam-po")).get("/")).text()
    assert 'href="/meetings/gần/room"' in page


async def test_a_technician_is_told_what_is_held_in_their_rooms_this_week(
    signed_in: SignedIn, services: Services
) -> None:
    store = services.store
    found = await store.accounts.by_login("technician.nam-po")
    assert found is not None
    for site_id in ("nam-po-room", "cha-nua-room"):
        known = await store.sites.get(site_id)
        await store.sites.update(dataclasses.replace(known, technician_id=found[0].id))
    day = dt.timedelta(days=1)
    await store.meetings.add(meeting("một", 2 * day))
    await store.meetings.add(meeting("hai", 2 * day, sites=("cha-nua-room",)))
    await store.meetings.add(meeting("xa", 9 * day))
    page = await (await (await signed_in("technician", "nam-po")).get("/")).text()
    own = page.partition("Phòng tôi phục vụ")[2].partition("</section>")[0]
    assert own.count("Trùng giờ") == 2
    assert 'href="/meetings/hai"' in own
    assert "Họp xa" not in own
    other = await (await (await signed_in("technician", "cha-nua")).get("/")).text()
    assert "Phòng tôi phục vụ" not in other


async def test_a_technicians_evening_between_two_sittings_is_no_clash(
    signed_in: SignedIn, services: Services
) -> None:
    store, day, hour = services.store, dt.timedelta(days=1), dt.timedelta(hours=1)
    found = await store.accounts.by_login("technician.nam-po")
    assert found is not None
    known = await store.sites.get("nam-po-room")
    await store.sites.update(dataclasses.replace(known, technician_id=found[0].id))
    begins = NOON + 2 * day
    sittings = tuple(Sitting(begins + n * day, begins + n * day + hour) for n in range(3))
    await store.meetings.add(
        meeting("kỳ", 2 * day, ends_at=sittings[-1].ends_at, sittings=sittings)
    )
    await store.meetings.add(meeting("tối", 3 * day + 6 * hour))
    browser = await signed_in("technician", "nam-po")
    own = (await (await browser.get("/")).text()).partition("Phòng tôi phục vụ")[2]
    own = own.partition("</section>")[0]
    assert "Họp tối" in own
    assert "3 phiên" in own
    assert "Trùng giờ" not in own
    await store.meetings.add(meeting("trưa", 3 * day))
    own = (await (await browser.get("/")).text()).partition("Phòng tôi phục vụ")[2]
    assert own.partition("</section>")[0].count("Trùng giờ") == 2
