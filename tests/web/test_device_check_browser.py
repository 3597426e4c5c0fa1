"""The device check in real Chromium: a refused microphone is explained, and mended in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect

from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.web.browser import NOON
from tests.web.meeting_pages import of_nam_po
from web.app import build_app
from web.services import Services

MEETING = of_nam_po(NOON + dt.timedelta(minutes=30))


async def test_a_refused_microphone_is_explained_and_a_permission_given_later_is_taken_up(
    services: Services,
) -> None:
    await services.store.meetings.add(MEETING)
    links = await services.store.links.ensure(MEETING, MEETING.ends_at)
    token = services.tokens.sign(next(one for one in links if one.site_id == "cha-nua-room"))
    async with TestServer(build_app(services)) as server, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*ARGUMENTS, "--use-fake-device-for-media-stream", "--deny-permission-prompts"],
        )
        try:
            origin = str(server.make_url("")).rstrip("/")
            context = await chromium.new_context(locale="vi-VN")
            page = await context.new_page()
            page.set_default_timeout(WAIT_MS)
            await page.goto(f"{origin}/join/{token}")
            guide = page.locator("#check-guide")
            await expect(guide).to_contain_text("“Cho phép”")
            await expect(guide).to_be_visible(timeout=WAIT_MS)
            await expect(page.locator("#join")).to_be_enabled(timeout=WAIT_MS)
            await context.grant_permissions(["microphone", "camera"], origin=origin)
            await expect(guide).to_be_hidden(timeout=WAIT_MS)
            preview = page.locator("#check-preview")
            await expect(preview).to_have_attribute("data-camera", "true")
        finally:
            await chromium.close()


# Another program holds the camera for the first two tries.
BUSY_CAMERA = """
let tries = 0;
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  if (wish.video && ++tries < 3) throw new DOMException("in use", "NotReadableError");
  return open(wish);
};
"""


async def test_a_camera_that_becomes_free_is_taken_without_a_click(services: Services) -> None:
    async with trying_devices(services) as page:
        await page.add_init_script(BUSY_CAMERA)
        await page.reload()
        note = page.locator("#check-camera-note")
        await expect(note).to_contain_text("đang được phần mềm khác sử dụng", timeout=WAIT_MS)
        preview = page.locator("#check-preview")
        await expect(preview).to_have_attribute("data-camera", "true", timeout=WAIT_MS)
        await expect(note).to_be_empty()


async def test_devices_are_tried_before_the_room_opens(services: Services) -> None:
    async with trying_devices(services) as page:
        preview = page.locator("#check-preview")
        await expect(preview).to_have_attribute("data-camera", "true", timeout=WAIT_MS)
        await page.get_by_role("link", name="Thử xong").click()
        await expect(page.get_by_role("heading", name="Phòng họp chưa mở")).to_be_visible()


@asynccontextmanager
async def trying_devices(services: Services) -> AsyncIterator[Page]:
    """The device check of a meeting of another day."""
    meeting = replace(MEETING, starts_at=NOON + dt.timedelta(days=2))
    meeting = replace(meeting, ends_at=meeting.starts_at + dt.timedelta(hours=1))
    await services.store.meetings.add(meeting)
    links = await services.store.links.ensure(meeting, meeting.ends_at)
    token = services.tokens.sign(next(one for one in links if one.site_id == "cha-nua-room"))
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    async with TestServer(build_app(services)) as server, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *flags]
        )
        try:
            page = await chromium.new_page(locale="vi-VN")
            page.set_default_timeout(WAIT_MS)
            await page.goto(f"{str(server.make_url('')).rstrip('/')}/join/{token}")
            await page.get_by_role("link", name="Thử camera, micrô, loa").click()
            yield page
        finally:
            await chromium.close()
