"""Prove a running hub, or a fresh one in a folder of its own: one line a proof, exit 0 if all hold.

    make smoke                                   the hub on this machine, else a fresh one
    make smoke ORIGIN=https://hop.example        another hub that holds the demo province

The meeting it schedules is ended again. CONFHUB_METRICS_TOKEN is sent where it is set.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import ssl
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Error, async_playwright

from confhub.config import Settings, read_settings
from confhub.demo.logins import PASSWORD
from tests.e2e.hub_process import HubProcess
from tests.e2e.metrics import measured_sites
from tests.e2e.reception import everybody_receives_everybody
from tests.e2e.seat import Seat, browser
from tests.e2e.secretary import join_links, schedule
from tests.waiting import until

TITLE = "Kiểm tra hệ thống"
UNITS = ("Huyện Nậm Pồ", "Xã Chà Nưa")
SITE_CODES = ("dbn-npo", "dbn-npo-chanua")
MEETING_LENGTH = dt.timedelta(minutes=30)
ANSWER_TIMEOUT_S = 5.0
METRICS_WITHIN_S = 30.0


async def prove(origin: str, settings: Settings) -> None:
    """Print a line as each proof holds; raises what broke."""
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await stack.enter_async_context(browser(playwright))
        secretary = await Seat.open(chromium, origin)
        await secretary.sign_in("thuky.nampo", os.environ.get("DEMO_PASSWORD", PASSWORD))
        say("sign in", "the secretary of Nậm Pồ")
        start, end = span(settings)
        title = f"{TITLE} {start}"
        meeting = await schedule(
            secretary,
            title,
            host="Huyện Nậm Pồ",
            units=["cha nua"],
            start=start,
            end=end,
            on=dt.datetime.now(ZoneInfo(settings.timezone)).date(),
        )
        say("schedule", f"{title}: {meeting}")
        await stack.enter_async_context(ended_again(secretary, meeting))
        seats = await join(chromium, origin, await join_links(secretary, meeting))
        await everybody_receives_everybody(seats, {})
        say("media", f"{' and '.join(UNITS)} see and hear each other")
        await until(lambda: metrics_show_both(origin, settings), METRICS_WITHIN_S)
        say("metrics", f"{' and '.join(SITE_CODES)} are in /metrics")
    say("end", "the meeting is over for everybody")


async def join(chromium: Browser, origin: str, links: dict[str, str]) -> list[Seat]:
    seats = [await Seat.open(chromium, origin) for _ in UNITS]
    for seat, unit in zip(seats, UNITS, strict=True):
        await seat.enter_by_link(links[unit])
        say("join", f"{unit}, by its link")
    return seats


@asynccontextmanager
async def ended_again(secretary: Seat, meeting: str) -> AsyncIterator[None]:
    """However the proofs go, no trial stays in the schedule as a live meeting."""
    try:
        yield
    finally:
        await secretary.page.goto(f"{meeting}/room")
        await secretary.page.click("#join")
        await secretary.is_live()
        await secretary.page.click("#tool-leave")
        await secretary.page.click("#end-now")
        await secretary.page.click("#end-sure")
        await secretary.has_state("closed")


async def metrics_show_both(origin: str, settings: Settings) -> bool:
    text = await asyncio.to_thread(fetch, f"{origin}/metrics", settings.metrics_token)
    return measured_sites(text) >= set(SITE_CODES)


def fetch(address: str, token: str = "") -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(address, headers=headers)
    # A lab certificate is its own authority; what is proven here is not the certificate.
    trusting = ssl._create_unverified_context()
    with urllib.request.urlopen(request, context=trusting, timeout=ANSWER_TIMEOUT_S) as answer:
        body: bytes = answer.read()
    return body.decode()


def span(settings: Settings) -> tuple[str, str]:
    """From now on for half an hour, within today."""
    now = dt.datetime.now(ZoneInfo(settings.timezone))
    end = min(now + MEETING_LENGTH, now.replace(hour=23, minute=59))
    return f"{now:%H:%M}", f"{end:%H:%M}"


def say(proof: str, about: str) -> None:
    print(f"ok  {proof:<9} {about}", flush=True)


@contextmanager
def hub_to_prove(settings: Settings) -> Iterator[str]:
    """The origin of the hub that answers here, else of a fresh one that ends with us."""
    scheme = "http" if settings.tls == "off" else "https"
    origin = os.environ.get("ORIGIN") or f"{scheme}://localhost:{settings.listen_port}"
    try:
        fetch(f"{origin}/healthz")
    except OSError:
        if os.environ.get("ORIGIN"):
            raise
    else:
        say("hub", f"{origin}, found running")
        yield origin
        return
    with tempfile.TemporaryDirectory(prefix="confhub-smoke-") as folder:
        hub = HubProcess(Path(folder) / "data", timezone=settings.timezone)
        hub.command("demo")
        hub.start()
        say("hub", f"{hub.origin}, started fresh")
        try:
            yield hub.origin
        finally:
            hub.stop()


def main() -> int:
    settings = read_settings(None)
    try:
        with hub_to_prove(settings) as origin:
            asyncio.run(prove(origin.rstrip("/"), settings))
    except (AssertionError, OSError, Error, TimeoutError) as error:
        print(f"failed: {type(error).__name__}: {error}", file=sys.stderr)
        print("A running hub must hold the demo province: confhub demo", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
