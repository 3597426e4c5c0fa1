"""Voice and picture over a poor line: by the hub, and straight from browser to browser.

`python -m benchmarks.lossy [--seconds N] [--far firefox]`. Two real browsers, one of them behind a
TUN relay in a network namespace (tun_relay.py): its line has a round trip of 200 ms and the trouble
that a row names, in both directions. Both are Chromium unless the far one is to be Firefox. Both
send and receive a voice and a camera of 640 x 360. `hub`: through our router, which stands on the
good side; `plain`: one RTCPeerConnection between the two pages.
Each row begins on a good line, has its trouble for a while and ends when the picture is back.

`concealed`: the share of played sound that the browser had to make up; `frozen`: seconds that
pictures stood still, of what the poor site sends (up) and gets (down); `recovery`: from the end of
the trouble until both pages decode the full height again. Needs root. The last line is the verdict,
sums over all rows:
`lossy concealed ratio: A freezes ratio: B recovery_s: C` (hub by plain; C is the hub's median).
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from playwright.async_api import Browser, Page, Playwright, Route, async_playwright

from benchmarks.machine import describe_machine, keep
from benchmarks.tun_relay import PoorSite, open_poor_site
from rooms.media.conference import Conference
from rooms.media.router import MediaRouter
from rooms.media.source import Source, Tile
from tests import chromium
from tests.e2e.firefox import firefox
from tests.e2e.pair import Engine
from tests.rooms.media.link import Line

ORIGIN = "http://localhost/"  # secure for browsers; nothing is fetched from there
SCRIPT = Path(__file__).with_name("lossy.js")
ROOM = Path(__file__).parent.parent / "web" / "static" / "js" / "room"
ARGUMENTS = (
    *chromium.ARGUMENTS,
    "--use-fake-device-for-media-stream=fps=15",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
DELAY_S = 0.1  # each way
GOOD_BPS = 3_000_000.0
HEIGHT_PX = 360
SETTLE_S = 30.0
RECOVERY_S = 30.0
LOOK_S = 0.25
# Decoded between two looks at 15 frames a second, with one that was late.
FRAMES_A_LOOK = 2


@dataclass(frozen=True)
class Trouble:
    name: str
    loss: float = 0.0
    rate_bps: float = GOOD_BPS


TROUBLES = (
    Trouble("5 % loss", 0.05),
    Trouble("10 % loss", 0.10),
    Trouble("20 % loss", 0.20),
    Trouble("300 kbit/s", 0.0, 300_000),
    Trouble("300 kbit/s, 10 % loss", 0.10, 300_000),
)


@dataclass(frozen=True)
class Wanted:
    """`seconds` of each trouble; `only`: a word of the trouble's name or the way."""

    seconds: float
    only: str
    far: Engine


@dataclass(frozen=True)
class Row:
    trouble: str
    way: str
    concealed: float  # of the samples played
    freezes: int
    frozen_up_s: float  # of what the poor site sends
    frozen_down_s: float
    recovery_s: float

    @property
    def frozen_s(self) -> float:
        return self.frozen_up_s + self.frozen_down_s


class Pair:
    """Two pages, `near` on the good side and `far` on the poor one."""

    def __init__(self, near: Page, far: Page) -> None:
        self.near, self.far = near, far
        self.pages = (near, far)

    async def meet_by_hub(self, conference: Conference) -> None:
        for name, page in (("near", self.near), ("far", self.far)):
            offer: dict[str, Any] = await page.evaluate("lossy.publish()")
            sources: dict[str, Source] = offer["sources"]
            answer = await conference.publisher(name).answer(offer["sdp"], sources)
            await page.evaluate("sdp => lossy.published(sdp)", answer)
        for name, other, page in (("near", "far", self.near), ("far", "near", self.far)):
            subscriber = conference.subscriber(name)
            subscriber.set_view([Tile(other, "camera", HEIGHT_PX)])
            taken = await page.evaluate("sdp => lossy.subscribe(sdp)", subscriber.offer())
            await subscriber.accept(taken)

    async def meet_plainly(self) -> None:
        offer = await self.near.evaluate("lossy.call()")
        answer = await self.far.evaluate("sdp => lossy.take(sdp)", offer)
        await self.near.evaluate("sdp => lossy.taken(sdp)", answer)

    async def heard(self) -> list[dict[str, float]]:
        return [await page.evaluate("lossy.heard()") for page in self.pages]

    async def until_clear(self, within_s: float) -> float:
        """How long it took until both decode the full height fluently; at most `within_s`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        before = await self.heard()
        while loop.time() - began < within_s:
            await asyncio.sleep(LOOK_S)
            now = await self.heard()
            if all(
                new["height_px"] >= HEIGHT_PX and new["frames"] - old["frames"] >= FRAMES_A_LOOK
                for new, old in zip(now, before, strict=True)
            ):
                return loop.time() - began
            before = now
        return within_s


@asynccontextmanager
async def open_browser(playwright: Playwright, program: str) -> AsyncIterator[Browser]:
    started = await playwright.chromium.launch(
        executable_path=program, args=list(ARGUMENTS), headless=True
    )
    try:
        yield started
    finally:
        await started.close()


@asynccontextmanager
async def open_pair(playwright: Playwright, site: PoorSite, far: Engine) -> AsyncIterator[Pair]:
    patience = await asyncio.to_thread((ROOM / "patience.js").read_text)
    script = patience.replace("export class", "class") + await asyncio.to_thread(SCRIPT.read_text)

    async def serve(route: Route) -> None:
        body = f"<!doctype html><title>lossy</title><script>{script}</script>"
        await route.fulfill(body=body, content_type="text/html")

    async with AsyncExitStack() as stack:
        pages = []
        for opening in (
            open_browser(playwright, "/usr/bin/chromium"),
            firefox(playwright, site.chromium.parent, site.name)
            if far == "firefox"
            else open_browser(playwright, str(site.chromium)),
        ):
            browser = await stack.enter_async_context(opening)
            page = await browser.new_page()
            await page.route("**/*", serve)
            await page.goto(ORIGIN)
            await page.evaluate("lossy.open()")
            pages.append(page)
        yield Pair(*pages)


async def measure(
    playwright: Playwright, site: PoorSite, trouble: Trouble, way: str, wanted: Wanted
) -> Row:
    set_line(site, Trouble("good"))
    async with AsyncExitStack() as stack:
        pair = await stack.enter_async_context(open_pair(playwright, site, wanted.far))
        if way == "hub":
            router = await MediaRouter.open(
                addresses=[site.near], port=0, on_event=lambda _event: None
            )
            stack.push_async_callback(router.close)
            await pair.meet_by_hub(router.conference("lossy"))
        else:
            await pair.meet_plainly()
        if await pair.until_clear(SETTLE_S) >= SETTLE_S:
            raise RuntimeError(f"no picture on a good line ({way})")
        await asyncio.sleep(5)  # estimates rise to what the line holds
        before = await pair.heard()
        set_line(site, trouble)
        await asyncio.sleep(wanted.seconds)
        after = await pair.heard()
        set_line(site, Trouble("good"))
        recovery_s = await pair.until_clear(RECOVERY_S)
    changes = [
        {name: new[name] - old[name] for name in new}
        for new, old in zip(after, before, strict=True)
    ]
    total = {name: sum(one[name] for one in changes) for name in changes[0]}
    return Row(
        trouble.name,
        way,
        total["concealed"] / max(1.0, total["samples"]),
        int(total["freezes"]),
        changes[0]["frozen_s"],
        changes[1]["frozen_s"],
        recovery_s,
    )


def set_line(site: PoorSite, trouble: Trouble) -> None:
    for line in (site.down, site.up):
        line.loss, line.rate_bps = trouble.loss, trouble.rate_bps


def ratio(rows: list[Row], name: str) -> float:
    """The hub's sum by the plain connection's; inf when only the hub had any."""
    hub = sum(getattr(row, name) for row in rows if row.way == "hub")
    plain = sum(getattr(row, name) for row in rows if row.way == "plain")
    return float(hub / plain) if plain else (float("inf") if hub else 1.0)


async def run(wanted: Wanted) -> list[Row]:
    rows: list[Row] = []
    print(
        f"{'trouble':24}{'way':8}{'concealed':>11}{'freezes':>9}{'frozen up':>11}{'down':>8}"
        f"{'recovery':>10}"
    )
    with tempfile.TemporaryDirectory() as folder:
        down, up = (
            Line(rate_bps=GOOD_BPS, delay_s=DELAY_S, overhead_bytes=0, seed=seed) for seed in (1, 2)
        )
        with open_poor_site(Path(folder), down, up) as site:
            async with async_playwright() as playwright:
                for trouble in TROUBLES:
                    for way in ("plain", "hub"):
                        if wanted.only not in f"{trouble.name}, {way}":
                            continue
                        row = await measure(playwright, site, trouble, way, wanted)
                        rows.append(row)
                        print(
                            f"{row.trouble:24}{row.way:8}{row.concealed:>10.2%}{row.freezes:>9}"
                            f"{row.frozen_up_s:>10.1f}s{row.frozen_down_s:>7.1f}s"
                            f"{row.recovery_s:>9.1f}s",
                            flush=True,
                        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.lossy", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each trouble")
    parser.add_argument("--only", default="", help="a word of the trouble's name or the way")
    parser.add_argument("--far", default="chromium", choices=get_args(Engine))
    wanted = Wanted(**vars(parser.parse_args()))
    machine = describe_machine()
    rows = asyncio.run(run(wanted))
    keep("lossy" if wanted.far == "chromium" else f"lossy-{wanted.far}", machine, rows)
    recoveries_s = [row.recovery_s for row in rows if row.way == "hub"]
    recovery_s = statistics.median(recoveries_s) if recoveries_s else math.nan
    print(
        f"lossy concealed ratio: {ratio(rows, 'concealed'):.2f}"
        f" freezes ratio: {ratio(rows, 'frozen_s'):.2f} recovery_s: {recovery_s:.1f}"
    )


if __name__ == "__main__":
    main()
