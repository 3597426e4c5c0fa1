"""A real Chromium with two peer connections per page, driven over CDP: no web app in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from rooms.media.conference import Conference
from rooms.media.source import Source
from tests import chromium

ARGUMENTS = [
    *chromium.ARGUMENTS,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
SCRIPT = Path(__file__).with_name("page.js")


@asynccontextmanager
async def serve_page() -> AsyncIterator[str]:
    """An empty page on localhost, which browsers call secure. Yields its URL."""

    async def page(_request: web.Request) -> web.Response:
        script = await asyncio.to_thread(SCRIPT.read_text)
        body = f"<!doctype html><title>media</title><script>{script}</script>"
        return web.Response(text=body, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def launch_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.CHROMIUM, args=ARGUMENTS, headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


class Member:
    """One page that sends and receives, and the signalling that its room hub would do."""

    def __init__(self, page: Page, conference: Conference, member_id: str) -> None:
        self.page = page
        self.conference = conference
        self.member_id = member_id

    async def publish(self) -> None:
        offer: Mapping[str, Any] = await self.page.evaluate("media.publish()")
        await self._answer(offer)

    async def republish(self, *, restart: bool) -> None:
        await self._answer(await self.page.evaluate("r => media.offer(r)", restart))

    async def _answer(self, offer: Mapping[str, Any]) -> None:
        sources: dict[str, Source] = offer["sources"]
        answer = await self.conference.publisher(self.member_id).answer(offer["sdp"], sources)
        await self.page.evaluate("sdp => media.answered(sdp)", answer)

    async def subscribe(self, through: Callable[[str], str] = str) -> None:
        """`through` changes the hub's offer on its way, such as its address."""
        subscriber = self.conference.subscriber(self.member_id)
        offer = through(subscriber.offer())
        answer = await self.page.evaluate("sdp => media.subscribe(sdp)", offer)
        await subscriber.accept(answer)

    async def stats(self) -> dict[str, Any]:
        result: dict[str, Any] = await self.page.evaluate("media.stats()")
        return result


async def wait_for(
    condition: Callable[[], Any], what: str, timeout_s: float = 15.0, interval_s: float = 0.1
) -> Any:
    """Poll an (async) condition until it is true; returns its value."""
    last: Any = None
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                last = condition()
                if asyncio.iscoroutine(last):
                    last = await last
                if last:
                    return last
                await asyncio.sleep(interval_s)
    except TimeoutError:
        raise AssertionError(f"never came true: {what}") from None
