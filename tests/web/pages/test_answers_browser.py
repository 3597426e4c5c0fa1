"""The table of answers follows what sites say while it is open."""

from __future__ import annotations

import datetime as dt

from playwright.async_api import expect

from tests.web.browser import NOON
from tests.web.meeting_pages import of_nam_po
from tests.web.pages.test_answers_stream import SITES, say
from tests.web.test_schedule_browser import Desk, desk
from web.services import Services

__all__ = ["desk"]


async def test_a_line_changes_as_its_site_answers_and_keeps_who_stands_at_it(
    desk: Desk, services: Services
) -> None:
    page, meeting = desk.page, of_nam_po(NOON + dt.timedelta(days=2), sites=SITES)
    await services.store.meetings.add(meeting)
    await services.store.links.ensure(meeting, meeting.ends_at)
    async with page.expect_response(lambda answer: answer.url.endswith("/answers/stream")):
        await page.goto(f"{desk.address}/meetings/{meeting.id}/answers")
    line = page.locator(".answer-line", has_text="Xã Chà Nưa")
    await expect(line).to_contain_text("Chưa trả lời")
    link = line.get_by_role("link")
    await link.focus()
    await say(services, meeting, SITES[1])
    await expect(line).to_contain_text("Có dự họp")
    await expect(page.locator("[data-live=said]")).to_contain_text("1/2 đã xác nhận")
    await expect(link).to_be_focused()
