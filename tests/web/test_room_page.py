"""The meeting page: who is let in, what the page is told, and what the others read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from typing import Any

import pytest
import pytest_asyncio
from yarl import URL

from confhub.meetings.meeting import Meeting, MeetingStatus
from tests.living_links import living_links
from tests.statuses import set_status
from tests.web.browser import NOON, Clock, SignedIn, WebClient
from tests.web.meeting_pages import of_nam_po
from web.services import Services

MEETING = of_nam_po(NOON + dt.timedelta(minutes=30), title="Giao ban tháng 11 </script>")


@pytest_asyncio.fixture
async def meeting(services: Services) -> Meeting:
    await services.store.meetings.add(MEETING)
    return MEETING


async def join_path(services: Services, meeting: Meeting, site_id: str) -> str:
    links = await services.store.links.ensure(meeting, meeting.ends_at + dt.timedelta(hours=2))
    link = next(link for link in links if link.site_id == site_id)
    return f"/join/{services.tokens.sign(link)}"


def boot_in(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', html, re.S)
    assert found is not None, html
    boot = json.loads(found[1])
    assert isinstance(boot, dict)
    return boot


async def test_a_link_opens_the_room_in_the_name_of_its_site(
    client: WebClient, services: Services, meeting: Meeting
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    answer = await client.get(path)
    assert answer.status == 200
    boot = boot_in(await answer.text())
    assert boot["socket"] == f"{path}/socket"
    assert boot["seat"] == "Phòng họp Xã Chà Nưa"
    assert (boot["unit"], boot["level"], boot["role"]) == ("Xã Chà Nưa", "Xã", "site")
    assert boot["chair"] is False
    assert boot["exit"] == ""
    assert boot["title"] == MEETING.title  # and no "<" of it closed the element


async def test_the_presiding_site_is_told_that_it_is(
    client: WebClient, services: Services, meeting: Meeting
) -> None:
    answer = await client.get(await join_path(services, meeting, "nam-po-room"))
    assert boot_in(await answer.text())["chair"] is True


async def test_a_secretary_of_the_host_comes_to_a_console(
    signed_in: SignedIn, meeting: Meeting
) -> None:
    browser = await signed_in("secretary", "nam-po")
    boot = boot_in(await (await browser.get("/meetings/briefing/room")).text())
    assert boot["role"] == "secretary"
    assert boot["socket"] == "/meetings/briefing/socket"
    assert boot["exit"] == "/meetings"


async def test_an_invited_site_comes_by_its_own_account(
    signed_in: SignedIn, meeting: Meeting
) -> None:
    browser = await signed_in("site", "cha-nua")
    boot = boot_in(await (await browser.get("/meetings/briefing/room")).text())
    assert (boot["role"], boot["seat"]) == ("site", "Phòng họp Xã Chà Nưa")


async def test_a_unit_that_is_not_invited_stays_out(signed_in: SignedIn, meeting: Meeting) -> None:
    browser = await signed_in("site", "si-pha")
    answer = await browser.get("/meetings/briefing/room")
    assert answer.status == 403
    assert "thành phần dự họp" in await answer.text()


async def test_nobody_comes_by_account_without_signing_in(
    client: WebClient, meeting: Meeting
) -> None:
    answer = await client.get("/meetings/briefing/room", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/signin?next=")


async def test_too_early_tells_the_hour_and_asks_again_by_itself(
    client: WebClient, services: Services, meeting: Meeting, clock: Clock
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    clock.pass_by(minutes=-32)  # the doors open at 11:30, two minutes later
    answer = await client.get(path)
    html = await answer.text()
    assert answer.status == 403
    assert "11:30" in html
    assert "Giao ban tháng 11" in html
    assert 'data-opens-in-s="121"' in html
    clock.pass_by(minutes=2)
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("cancelled", "Cuộc họp đã hủy"),
        ("postponed", "Cuộc họp đã hoãn"),
        ("ended", "Cuộc họp đã kết thúc"),
    ],
)
async def test_a_meeting_that_is_not_held_says_why(
    client: WebClient, services: Services, meeting: Meeting, status: MeetingStatus, words: str
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    await set_status(services.store, meeting.id, status, "Mưa lũ, mất điện diện rộng")
    answer = await client.get(path)
    html = await answer.text()
    assert answer.status == 409
    assert words in html
    assert ("Mưa lũ" in html) == (status != "ended")
    assert "refresh" not in html


async def test_a_revoked_link_says_whom_to_ask(
    client: WebClient, services: Services, meeting: Meeting
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    for link in await living_links(services.store, meeting.id):
        await services.store.links.revoke(link.id, services.clock())
    answer = await client.get(path)
    assert answer.status == 410
    assert "liên hệ thư ký" in await answer.text()


@pytest.mark.parametrize("behind", [".", ",", ")", "%20", "%E2%80%9D.", "%0A", "/", "%2F"])
async def test_what_a_message_put_behind_a_link_does_no_harm(
    client: WebClient, services: Services, meeting: Meeting, behind: str
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    answer = await client.get(URL(f"{path}{behind}", encoded=True))
    assert answer.status == 200
    assert answer.url.path == path


async def test_a_link_we_never_signed_is_refused(client: WebClient) -> None:
    answer = await client.get("/join/bm9uc2Vuc2U.bm9uc2Vuc2U")
    assert answer.status == 400
    assert "Liên kết không đúng" in await answer.text()


async def test_the_page_can_ask_why_its_socket_is_refused(
    client: WebClient, services: Services, meeting: Meeting
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    await services.store.meetings.update(
        dataclasses.replace(await services.store.meetings.get(meeting.id), sites=("nam-po-room",))
    )
    answer = await client.get(path, headers={"Accept": "application/json"})
    assert answer.status == 410
    assert (await answer.json())["code"] == "gone"


async def test_the_page_speaks_the_visitors_language(
    client: WebClient, services: Services, meeting: Meeting
) -> None:
    path = await join_path(services, meeting, "cha-nua-room")
    html = await (await client.get(path, headers={"Accept-Language": "en"})).text()
    assert '<html lang="en">' in html
    assert boot_in(html)["language"] == "en"
