"""The demo's briefing with people in it, in real browsers: one hub and one Chromium for a module's
tests, windows of its own for each test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, StorageState, async_playwright

from confhub.demo.logins import PASSWORD
from tests.e2e.hub_process import HubProcess, demo_hub
from tests.e2e.seat import Seat, browser
from tests.e2e.secretary import join_links

SECRETARY, CHAIR = "thuky.nampo", "diemcau.nampo"
COMMUNE = "Xã Chà Nưa"


@dataclass
class Briefing:
    """Whoever signed in once is so in each further window: that takes half of a test's time."""

    hub: HubProcess
    chromium: Browser
    meeting: str = ""  # its page's address
    _signed_in: dict[str, StorageState] = field(default_factory=dict)

    async def window(self, login: str) -> Seat:
        """A browser window in which `login` is signed in."""
        seat = await Seat.open(self.chromium, self.hub.origin, self._signed_in.get(login))
        if login not in self._signed_in:
            await seat.sign_in(login, PASSWORD)
            self._signed_in[login] = await seat.page.context.storage_state()
        return seat


@dataclass
class House:
    """Who is in the briefing in one test."""

    briefing: Briefing
    secretary: Seat
    chair: Seat
    commune: Seat  # by its link
    link: str

    @property
    def hub(self) -> HubProcess:
        return self.briefing.hub

    @property
    def meeting(self) -> str:
        return self.briefing.meeting

    @property
    def seats(self) -> tuple[Seat, Seat, Seat]:
        return self.secretary, self.chair, self.commune


@asynccontextmanager
async def open_briefing(folder: Path) -> AsyncIterator[Briefing]:
    async with AsyncExitStack() as stack:
        hub = stack.enter_context(demo_hub(folder))
        playwright = await stack.enter_async_context(async_playwright())
        made = Briefing(hub, await stack.enter_async_context(browser(playwright)))
        secretary = await made.window(SECRETARY)
        await secretary.visit(hub.origin)
        await secretary.page.locator("section.join a[href^='/meetings/demonpo']").first.click()
        made.meeting = re.sub(r"/room$", "", secretary.page.url)
        await secretary.close()
        yield made
    assert "Traceback" not in hub.log()


@asynccontextmanager
async def gathered(briefing: Briefing, *, console: bool) -> AsyncIterator[House]:
    """The presiding site and a commune in the room; the secretary there too, at a `console`
    without camera and microphone, or else at the meeting's pages."""
    secretary, chair = await briefing.window(SECRETARY), await briefing.window(CHAIR)
    commune = await Seat.open(briefing.chromium, briefing.hub.origin)
    seats = secretary, chair, commune
    try:
        presiding = asyncio.create_task(chair.enter_by_link(f"{briefing.meeting}/room"))
        link = (await join_links(secretary, briefing.meeting))[COMMUNE]
        coming = [presiding, asyncio.create_task(commune.enter_by_link(link))]
        if console:
            await watch(secretary, briefing.meeting)
        await asyncio.gather(*coming)
        yield House(briefing, secretary, chair, commune, link)
        for seat in seats:
            assert seat.complaints == []
    finally:
        for seat in seats:
            await seat.close()


async def watch(secretary: Seat, meeting: str) -> None:
    await secretary.visit(f"{meeting}/room")
    await secretary.page.click("#join")
    await secretary.is_live()
