"""Who came to a meeting: the reckoning, the page of one that is over, and its sheet of paper."""

from __future__ import annotations

import datetime as dt

from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect

from confhub.meetings.meeting import Attendance, Meeting
from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.fences import fence_of
from tests.web.browser import NOON, PASSWORD, SignedIn
from tests.web.meeting_pages import of_nam_po
from web.app import build_app
from web.meetings.attendance import presences
from web.rendering.pages import FLASH_COOKIE
from web.services import Services

START = NOON - dt.timedelta(hours=3)
MEETING = of_nam_po(
    START,
    dt.timedelta(hours=1),
    sites=("nam-po-room", "cha-nua-room", "si-pha-room"),
    status="ended",
)


def at(minutes: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def stay(member: str, joined: int, left: int | None) -> Attendance:
    return Attendance("briefing", member, at(joined), None if left is None else at(left))


def test_several_stays_are_one_presence() -> None:
    found = presences([stay("s-a", 20, 50), stay("s-a", 0, 10), stay("a-officer", 0, 50)], at(60))
    assert found.keys() == {"a"}
    assert (found["a"].joined_at, found["a"].left_at) == (at(0), at(50))
    assert (found["a"].stays, found["a"].length) == (2, dt.timedelta(minutes=40))


def test_who_is_still_there_has_not_left() -> None:
    found = presences([stay("s-a", 0, 10), stay("s-a", 20, None)], at(60))
    assert found["a"].left_at is None
    assert found["a"].length == dt.timedelta(minutes=50)


async def _add(services: Services) -> None:
    await services.store.meetings.add(MEETING)
    fence = await fence_of(services.store, MEETING.id)
    for minutes, unit_id in ((2, "nam-po"), (5, "cha-nua")):
        member = f"s-{unit_id}-room"
        await services.store.rooms.joined(fence, Attendance(MEETING.id, member, at(minutes)))
        await services.store.rooms.left(fence, member, at(60), "ended")


async def test_a_meeting_that_is_over_tells_who_came_and_who_did_not(
    signed_in: SignedIn, services: Services
) -> None:
    await _add(services)
    page = await (await (await signed_in("secretary", "nam-po")).get("/meetings/briefing")).text()
    assert "Có mặt 2/3" in page
    assert "09:05–10:00" in page
    assert "55 phút" in page
    assert page.count("Vắng") == 1


async def test_paper_has_nothing_to_press_and_a_sheet_for_each_site(
    services: Services,
) -> None:
    await _add(services)
    coming = Meeting(
        id="coming",
        title="Giao ban tháng 12",
        level_id="district",
        host_unit_id="nam-po",
        chair_site_id="nam-po-room",
        starts_at=NOON + dt.timedelta(days=7),
        ends_at=NOON + dt.timedelta(days=7, hours=1),
        sites=MEETING.sites,
    )
    await services.store.meetings.add(coming)
    await services.store.links.ensure(coming, coming.ends_at)
    async with TestServer(build_app(services)) as server, async_playwright() as playwright:
        address = f"http://127.0.0.1:{server.port}"
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            context = await chromium.new_context(locale="vi-VN")
            form: dict[str, str | float | bool] = {"login": "secretary.nam-po", "next": "/"}
            form["password"] = PASSWORD
            await context.request.post(f"{address}/signin", form=form, max_redirects=0)
            page = await context.new_page()
            page.set_default_timeout(WAIT_MS)
            for path in ("/meetings/briefing", "/meetings/coming/links", "/meetings", "/sites"):
                said = services.tokens.said.sign("good Đã lưu.".encode())
                await context.add_cookies([{"name": FLASH_COOKIE, "value": said, "url": address}])
                await page.emulate_media(media="screen")
                await page.goto(address + path)
                await expect(page.locator(".flash")).to_have_text("Đã lưu.")
                await page.emulate_media(media="print")
                for pressed in await page.locator("button, .button, .nav, .flash").all():
                    await expect(pressed).to_be_hidden()
            await page.goto(f"{address}/meetings/coming/links")
            paper = await page.pdf(format="A4")
            assert paper.count(b"/Type /Page\n") == len(coming.sites)
        finally:
            await chromium.close()
