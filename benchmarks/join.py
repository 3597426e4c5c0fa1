"""From the click on "join" to the first decoded frame, with Chromium on loopback.

`make bench-join`. The page is loaded and its device check done; a synthetic chair is in the room
and sends three layers. Each join is a fresh browser context: nothing is warm but the hub.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path

import aiohttp
import msgspec
from playwright.async_api import Browser, Page, async_playwright, expect

from benchmarks.hub import Hub
from benchmarks.machine import describe_machine, keep
from rooms.load.summary import spread
from rooms.load.synthetic.clip import LAYERS, USUAL, load_clip
from rooms.load.synthetic.sender import Sender
from rooms.load.synthetic.site import Site
from rooms.media.port.dtls import Certificate
from tests.chromium import CHROMIUM
from tests.e2e.seat import ARGUMENTS
from tests.waiting import until

WAIT_MS = 30_000
# When the button was pressed, when the room said that it is live, when media of the receiving
# connection was first on the screen: milliseconds of the page's clock.
WATCH = """
(() => {
  const seen = window.benchJoin = {clicked: 0, connected: 0, frame: 0};
  const remote = new WeakSet();
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...options) {
      super(...options);
      this.addEventListener("track", ({track}) => remote.add(track));
      this.addEventListener("connectionstatechange", () => {
        if (this.connectionState === "connected") seen.connected ||= performance.now();
      });
    }
  };
  addEventListener("click", (event) => {
    if (event.target.closest?.("#join")) seen.clicked ||= performance.now();
  }, true);
  const shown = (video) => {
    const tracks = video.srcObject ? video.srcObject.getTracks() : [];
    if (tracks.some((track) => remote.has(track))) seen.frame ||= performance.now();
    else video.requestVideoFrameCallback(() => shown(video));
  };
  const known = new WeakSet();
  const find = () => {
    for (const video of document.querySelectorAll("video")) {
      if (known.has(video)) continue;
      known.add(video);
      video.requestVideoFrameCallback(() => shown(video));
    }
  };
  new MutationObserver(find).observe(document, {childList: true, subtree: true});
})();
"""


class Join(msgspec.Struct, frozen=True):
    """Milliseconds from the click: to the first connection that stands, to the first frame."""

    connected_ms: float
    frame_ms: float


async def join(browser: Browser, address: str) -> Join:
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    try:
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.add_init_script(WATCH)
        await page.goto(address)
        await expect(page.locator("#check-preview")).to_have_attribute(
            "data-camera", "true", timeout=WAIT_MS
        )
        await expect(page.locator("#join")).to_be_enabled(timeout=WAIT_MS)
        await page.click("#join")
        # Playwright's own waiting evaluates text, which the page's policy forbids.
        await until(partial(_has_frame, page), WAIT_MS / 1000)
        seen = await page.evaluate("window.benchJoin")
        return Join(seen["connected"] - seen["clicked"], seen["frame"] - seen["clicked"])
    finally:
        await context.close()


async def _has_frame(page: Page) -> bool:
    return bool(await page.evaluate("window.benchJoin.frame > 0"))


async def run(count: int, folder: Path) -> list[Join]:
    hub = Hub(folder)
    await hub.prepare(2)
    hub.start()
    chair_address, own = hub.addresses
    sender = Sender(load_clip(USUAL), [layer.rid for layer in LAYERS])
    chair = Site(chair_address, Certificate(), sender=sender)
    joins = []
    try:
        async with aiohttp.ClientSession() as http, async_playwright() as playwright:
            await chair.join(http)
            browser = await playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=list(ARGUMENTS), headless=True
            )
            try:
                for number in range(count):
                    joins.append(await join(browser, own.removesuffix("/socket")))
                    print(
                        f"{number + 1:>3}  connected {joins[-1].connected_ms:>6.0f} ms"
                        f"  first frame {joins[-1].frame_ms:>6.0f} ms",
                        flush=True,
                    )
            finally:
                await browser.close()
    finally:
        await chair.leave()
        hub.stop()
    return joins


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine}")
    with tempfile.TemporaryDirectory(prefix="confhub-bench-") as folder:
        joins = asyncio.run(run(options.count, Path(folder)))
    keep("join", machine, joins)
    found = spread([item.frame_ms for item in joins])
    connected = spread([item.connected_ms for item in joins])
    print(f"connected p50 {connected.p50:.0f} ms, p95 {connected.p95:.0f} ms")
    print(f"join to first frame: p50 {found.p50:.0f} ms p95 {found.p95:.0f} ms ({found.count})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
