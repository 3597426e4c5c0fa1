"""Take docs/screenshots anew: a demo hub of our own, real browsers, drawn cameras.

.venv/bin/python -m tools.screenshots               all of them
.venv/bin/python -m tools.screenshots board home    some
.venv/bin/python -m tools.screenshots --folder DIR --language en
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from confhub.config import Settings
from confhub.demo.logins import PASSWORD
from tests.chromium import CHROMIUM
from tests.e2e.hub_process import HubProcess
from tests.e2e.reception import everybody_receives_everybody
from tests.e2e.seat import ARGUMENTS, Desk, Seat, browser
from tests.e2e.secretary import choose, join_links, schedule
from tools import planning_scenes
from tools.demo_week import add_week
from tools.linked_sites import line, linked_sites
from tools.scenes import Room, film

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"": (1366, 768), "-phone": (390, 844)}
TITLE = "Họp trực tuyến về phòng chống rét"
BRIEFING = "Giao ban huyện Nậm Pồ"  # of the demo: open now
ZONE = dt.timezone(dt.timedelta(hours=7))
MEDIA_MS = 60_000
UNITS = ("dien bien", "nam po", "cha nua")
ROOMS: Mapping[str, Room] = {
    "diemcau.trunguong": Room("TRUNG ƯƠNG", 3, "#c9b796"),
    "diemcau.dienbien": Room("TỈNH ĐIỆN BIÊN", 5, "#b9c3c9"),
    "diemcau.nampo": Room("HUYỆN NẬM PỒ", 2, "#bcc7b3"),
    "diemcau.chanua": Room("XÃ CHÀ NƯA", 1, "#cfc3b4"),
}
# What stands out on the board: two lines with loss, a long one, a slow computer, a narrow one.
LINES = (
    line(64, 0.14, up_bps=180_000),
    line(310, 0.02),
    line(48, 0.05),
    line(37, cpu=True),
    line(92, 0.01, up_bps=150_000),
)


# Tiles and folds move for a fifth of a second; a picture of them moving would be blurred.
SETTLE_MS = 700
# The names that a site's own devices would have.
DEVICES = """
Object.defineProperty(MediaDeviceInfo.prototype, "label", {
  get() {
    return { audioinput: "Micrô hội nghị USB", videoinput: "Camera phòng họp",
             audiooutput: "Loa phòng họp" }[this.kind];
  },
});
"""


@dataclass
class Studio:
    """A hub with its demo, a browser, and where pictures go."""

    hub: HubProcess
    playwright: Playwright
    chromium: Browser
    folder: Path
    scenes: Path
    language: str

    async def desk(self, login: str = "") -> Desk:
        """Signed in, or not, and in the language asked for."""
        desk = await Desk.open(self.chromium, self.hub.origin)
        if login:
            await desk.sign_in(login, PASSWORD)
        else:
            await desk.page.goto(f"{self.hub.origin}/signin")
        await self.speak(desk.page)
        return desk

    async def seat(self, stack: AsyncExitStack, login: str) -> Seat:
        """A site's browser of its own, whose camera is its drawn room."""
        path = self.scenes / f"{login}.y4m"
        await film(self.chromium, ROOMS[login], path)
        camera = f"--use-file-for-fake-video-capture={path}"
        chromium = await self.playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*ARGUMENTS, camera], headless=True
        )
        stack.push_async_callback(chromium.close)
        seat = await Seat.open(chromium, self.hub.origin)
        await seat.page.add_init_script(DEVICES)
        await seat.sign_in(login, PASSWORD)
        await self.speak(seat.page)
        return seat

    async def speak(self, page: Page) -> None:
        button = page.locator(f"form.languages button[value={self.language}]")
        if await button.get_attribute("aria-pressed") == "false":
            async with page.expect_navigation():
                await button.evaluate("button => button.click()")  # it may be in a closed menu

    async def visit(self, login: str, path: str, name: str) -> None:
        """The page at `path`, loaded at each size."""
        desk = await self.desk(login)
        for suffix in SIZES:
            await self.resize(desk.page, suffix)
            await desk.page.goto(f"{self.hub.origin}{path}")
            await self.shoot(desk.page, name, suffix)
        await desk.close()

    async def resize(self, page: Page, suffix: str) -> None:
        width, height = SIZES[suffix]
        await page.set_viewport_size({"width": width, "height": height})

    async def shoot(self, page: Page, name: str, *suffixes: str) -> None:
        """The page as it is, at these sizes (all of them by default)."""
        for suffix in suffixes or SIZES:
            await self.resize(page, suffix)
            await page.evaluate("document.fonts.ready")
            await page.wait_for_timeout(SETTLE_MS)
            await page.screenshot(path=self.folder / f"{name}{suffix}.png")


async def sign_in(studio: Studio) -> None:
    await studio.visit("", "/signin", "sign-in")


async def home(studio: Studio) -> None:
    await studio.visit("thuky.dienbien", "/", "home")


async def week(studio: Studio) -> None:
    await studio.visit("thuky.dienbien", "/meetings?view=week", "schedule")


async def sites(studio: Studio) -> None:
    await studio.visit("kythuat.nampo", "/sites", "sites")


async def meeting_form(studio: Studio) -> None:
    """Half filled in, with what the page has to say about the time."""
    desk = await studio.desk("thuky.dienbien")
    page = desk.page
    await page.goto(f"{studio.hub.origin}/meetings/new")
    await page.fill("[name=title]", "Giao ban công tác phòng chống cháy rừng")
    option = page.locator("#f-host option").filter(has_text="Điện Biên").first
    await page.select_option("#f-host", await option.get_attribute("value"))
    for name in ("nam po", "muong cha", "cha nua"):
        await choose(desk, name)
    await page.evaluate("scrollTo(0, 0)")
    await studio.shoot(page, "meeting-form")
    await desk.close()


async def device_check(studio: Studio) -> None:
    async with AsyncExitStack() as stack:
        page = (await studio.seat(stack, "diemcau.nampo")).page
        await page.goto(await briefing(studio) + "/room")
        await expect(page.locator("#check-preview")).to_have_attribute("data-camera", "true")
        await studio.shoot(page, "device-check")


async def meeting(studio: Studio) -> None:
    """Four levels in one meeting, as the centre sees it."""
    desk = await Desk.open(studio.chromium, studio.hub.origin)
    await desk.sign_in("thuky.trunguong", PASSWORD)
    now = dt.datetime.now(ZONE)
    end = min(now + dt.timedelta(hours=1), now.replace(hour=23, minute=59))
    address = await schedule(
        desk, TITLE, host="Trung ương", units=UNITS, start=f"{now:%H:%M}", end=f"{end:%H:%M}"
    )
    await desk.close()
    async with AsyncExitStack() as stack:
        seats = [await studio.seat(stack, login) for login in ROOMS]
        for seat in seats:
            await seat.page.goto(f"{address}/room")
            await seat.join(microphone=True)
        await everybody_receives_everybody(seats, {})
        for listener in seats[1:3]:
            await listener.page.click("#tool-microphone")
        await seats[2].page.click("#tool-hand")
        page = seats[0].page
        await expect(page.locator("[data-hand=true]").first).to_be_visible()
        await expect(page.locator("[data-video=playing]")).to_have_count(
            len(ROOMS), timeout=MEDIA_MS
        )
        await studio.shoot(page, "meeting", "-phone")
        await studio.resize(page, "")
        await page.click("#tool-people")
        await studio.shoot(page, "meeting", "")


async def board(studio: Studio) -> None:
    """The district's briefing with all its sites in, some of them on poor lines."""
    secretary = await Desk.open(studio.chromium, studio.hub.origin)
    await secretary.sign_in("thuky.nampo", PASSWORD)
    links = await join_links(secretary, await briefing(studio))
    await secretary.close()
    desk = await studio.desk("kythuat.dienbien")
    page = desk.page
    async with linked_sites(links, LINES):
        await page.goto(f"{studio.hub.origin}/board")
        good = page.locator(".counter.state-good b")
        await expect(good).to_have_text(str(len(links) - len(LINES)), timeout=MEDIA_MS)
        await expect(page.locator("#feed")).to_have_attribute("data-feed", "live")
        await studio.shoot(page, "board")
    await desk.close()


async def briefing(studio: Studio) -> str:
    """The address of the demo's meeting that is open now."""
    desk = await Desk.open(studio.chromium, studio.hub.origin)
    await desk.sign_in("thuky.nampo", PASSWORD)
    link = desk.page.get_by_role("link", name=BRIEFING).first
    path = await link.get_attribute("href")
    await desk.close()
    return f"{studio.hub.origin}{path}"


SHOTS: Mapping[str, Callable[[Studio], Awaitable[None]]] = {
    "sign-in": sign_in,
    "home": home,
    "schedule": week,
    "schedule-month": planning_scenes.month,
    "schedule-agenda": planning_scenes.agenda,
    "schedule-paper": planning_scenes.paper,
    "meeting-form": meeting_form,
    "clashes": planning_scenes.clashes,
    "slot-inbox": planning_scenes.questions,
    "sites": sites,
    "device-check": device_check,
    "board": board,
    "meeting": meeting,
}


async def take(names: Sequence[str], folder: Path, language: str) -> None:
    """Take the named pictures into `folder`, which exists."""
    async with AsyncExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="confhub-pictures-")))
        hub = HubProcess(work / "data", timezone=Settings().timezone)
        hub.command("demo")
        await add_week(work / "data")
        hub.start()
        stack.callback(hub.stop)
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await stack.enter_async_context(browser(playwright))
        studio = Studio(hub, playwright, chromium, folder, work, language)
        for name in names:
            await SHOTS[name](studio)
            print(f"{name}: taken", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Take docs/screenshots anew.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SHOTS))
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    options = parser.parse_args()
    if unknown := set(options.names) - SHOTS.keys():
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(options.names or list(SHOTS), options.folder, options.language))
    return 0


if __name__ == "__main__":
    sys.exit(main())
