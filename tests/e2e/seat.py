"""One site's browser: comes in through the pages as a person does, and tells what it receives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from playwright.async_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    StorageState,
    expect,
)

from tests import chromium
from tests.chromium import CHROMIUM, WAIT_MS

ARGUMENTS = (
    *chromium.ARGUMENTS,
    # A picture that moves and a beep each second; the question for permission answers itself.
    "--use-fake-device-for-media-stream=fps=15",
    "--use-fake-ui-for-media-stream",
    # Several pages of one test are in front of nobody: none may sleep.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)

# Chromium gives up what it loads when any interface of the machine comes or goes, as at the making
# of a network namespace, and sees it a while later when it is busy.
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
# To Firefox a socket that the network has cut is an error of the page.
LOST_CONNECTIONS = ("Firefox can’t establish a connection", "The connection to ws")

# A browser answers within milliseconds, on a busy machine within seconds.
ANSWER_S = 20.0

_RECEIVED = """
async () => {
  const {receive, state} = window.confhubRoom;
  if (!receive) return [];
  const streams = [...(await receive.getStats()).values()].filter(s => s.type === "inbound-rtp");
  const of = (slot) => streams.find(s => s.mid === slot.mid) ?? {};
  return state.slots.filter(slot => slot.member).map(slot => ({
    member: slot.member,
    kind: of(slot).kind ?? "",
    frames: of(slot).framesDecoded ?? 0,
    height_px: of(slot).frameHeight ?? 0,
    energy: of(slot).totalAudioEnergy ?? 0,
  }));
}
"""
_LAYERS = """
async () => [...(await window.confhubRoom.send?.getStats() ?? new Map()).values()]
  .filter(s => s.type === "outbound-rtp" && s.kind === "video" && s.framesSent)
  .map(s => ({rid: s.rid, frames: s.framesSent, height_px: s.frameHeight ?? 0}))
"""
_CIPHERS = """
async () => {
  const ciphers = [];
  for (const pc of [window.confhubRoom.send, window.confhubRoom.receive])
    for (const s of (await pc?.getStats() ?? new Map()).values())
      if (s.type === "transport") ciphers.push(s.srtpCipher);
  return ciphers;
}
"""


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived from one member: frames decoded, and sound as totalAudioEnergy (W3C)."""

    frames: int = 0
    height_px: int = 0
    energy: float = 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    rid: str
    frames: int
    height_px: int


@asynccontextmanager
async def browser(playwright: Playwright, chromium: Path = CHROMIUM) -> AsyncIterator[Browser]:
    """A Chromium with fake devices; `chromium` may run it inside a network namespace."""
    started = await playwright.chromium.launch(
        executable_path=str(chromium), args=list(ARGUMENTS), headless=True
    )
    try:
        yield started
    finally:
        await started.close()


class Desk:
    """One person's browser window. `complaints` is what its console held against us."""

    def __init__(self, context: BrowserContext, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.complaints: list[str] = []
        self._context = context
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self._note(str(error)))

    @classmethod
    async def open(cls, browser: Browser, origin: str, state: StorageState | None = None) -> Self:
        """`state`: the cookies of somebody who has signed in before."""
        context = await browser.new_context(
            viewport={"width": 1366, "height": 768},
            ignore_https_errors=True,
            locale="vi-VN",
            storage_state=state,
        )
        return cls(context, await context.new_page(), origin)

    def _note(self, complaint: str) -> None:
        if not complaint.startswith(LOST_CONNECTIONS):
            self.complaints.append(complaint)

    async def visit(self, address: str) -> None:
        """Open a page, once more where the network changed under it."""
        try:
            await self.page.goto(address)
        except Error as error:
            if NETWORK_CHANGED not in str(error):
                raise
            await self.page.goto(address)

    async def sign_in(self, login: str, password: str) -> None:
        page = self.page
        await self.visit(f"{self.origin}/signin")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", password)
        await page.get_by_role("button", name="Đăng nhập").click()
        await page.wait_for_url(f"{self.origin}/")

    async def close(self) -> None:
        await self._context.close()


class Seat(Desk):
    """A browser in a meeting's room."""

    member_id = ""

    async def come_in(self, login: str, password: str, title: str, query: str = "") -> None:
        """Sign in, then `enter`."""
        await self.sign_in(login, password)
        await self.enter(title, query=query)

    async def enter(self, title: str, *, microphone: bool = True, query: str = "") -> None:
        """From the first page: the button beside the meeting, then the device check. `query` is
        added to the room's address."""
        card = self.page.locator("section.join").filter(has_text=title)
        await card.get_by_role("link", name="Vào họp").click()
        if query:
            await self.page.wait_for_url("**/meetings/*/room")
            await self.visit(f"{self.page.url}?{query}")
        await self.join(microphone=microphone)

    async def enter_by_link(self, address: str, *, microphone: bool = True) -> None:
        await self.visit(address)
        await self.join(microphone=microphone)

    async def join(self, *, microphone: bool) -> None:
        page = self.page
        await expect(page.locator("#check-preview")).to_have_attribute(
            "data-camera", "true", timeout=WAIT_MS
        )
        toggle = page.locator("#check-toggle-microphone")
        if (await toggle.get_attribute("aria-pressed") == "true") != microphone:
            await toggle.click()
        wanted = "true" if microphone else "false"
        await expect(toggle).to_have_attribute("aria-pressed", wanted, timeout=WAIT_MS)
        await page.click("#join")
        await self.is_live()
        self.member_id = await page.evaluate("window.confhubRoom.state.self")

    async def come_back(self, *, microphone: bool = True) -> None:
        """By the button of the last page: straight in, past the device check."""
        await self.page.click("#closed-again")
        await self.is_live()
        button = self.page.locator("#tool-microphone")
        if (await button.get_attribute("data-on") == "true") != microphone:
            await button.click()
        wanted = "true" if microphone else "false"
        await expect(button).to_have_attribute("data-on", wanted, timeout=WAIT_MS)

    async def is_live(self, within_ms: float = WAIT_MS) -> None:
        await self.has_state("live", within_ms)

    async def has_state(self, state: str, within_ms: float = WAIT_MS) -> None:
        root = self.page.locator("html")
        await expect(root).to_have_attribute("data-room-state", state, timeout=within_ms)

    async def received(self) -> Mapping[str, Received]:
        """By member, of the present connection."""
        found: dict[str, Received] = {}
        for row in await self._told(_RECEIVED):
            before = found.get(row["member"], Received())
            found[row["member"]] = Received(
                max(before.frames, row["frames"]),
                max(before.height_px, row["height_px"]),
                max(before.energy, row["energy"]),
            )
        return found

    async def layers(self) -> Sequence[Layer]:
        """The simulcast layers that this page really sends, smallest first."""
        rows = [Layer(**row) for row in await self._told(_LAYERS)]
        return sorted(rows, key=lambda layer: layer.height_px)

    async def ciphers(self) -> Sequence[str]:
        """The SRTP protection profile of each connection."""
        found: list[str] = await self._told(_CIPHERS)
        return found

    async def _told(self, script: str) -> list[Any]:
        """What the page's connections say; nothing where they do not answer, to be asked again: a
        question that hangs says not where, and for how long a test waits is the test's to say."""
        try:
            async with asyncio.timeout(ANSWER_S):
                told: list[Any] = await self.page.evaluate(script)
        except TimeoutError:
            return []
        return told
