"""Pages at the size of the country, and what they cost a meeting that runs meanwhile.

`make bench-pages`. The country of 2022 with a site for each of its 11,368 units, a meeting of 780
sites, four weeks of meetings of every district. Each page is asked for one at a time, then all of
them by four people at once; a small meeting speaks throughout.

The last line: the slowest page's median when nobody else asks, the longest that the event loop
was held by anything of ours, and the longest hole in somebody's speech.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import msgspec

from benchmarks.country import Country, fill, folder_of
from benchmarks.hub import Hub
from benchmarks.machine import describe_machine, keep
from benchmarks.page_list import PAGES, Page, names_of
from rooms.load.generator import Generator
from rooms.load.plan import Report, Seat
from rooms.load.processes import divided_cores
from rooms.load.synthetic.clip import LAYERS

TOGETHER = 4
# Between two requests, so that each hold of the loop is told apart.
REST_S = 0.25
SETTLE_S = 3.0
VOICES = 3
SLOW_LOOP_MS = 5
# A centre's pages come whole or not within what a person waits.
PAGE_TIMEOUT_S = 60.0
_HELD = re.compile(
    r"event loop held for (\d+) ms \((\d+) on a core\) by (.+), at (.+)$", re.MULTILINE
)
_NOT_OURS = "nothing in this process"


class Timing(msgspec.Struct, frozen=True):
    """One page: milliseconds when nobody else asks, and the size of its answer."""

    name: str
    p50_ms: float
    most_ms: float
    kilobytes: float


class Hold(msgspec.Struct, frozen=True):
    """`worked_ms` of it the loop's thread was on a core; the rest others had."""

    held_ms: int
    worked_ms: int
    handler: str
    at: str


class Found(msgspec.Struct, frozen=True):
    """One run. Gaps are milliseconds between two packets of a voice, 20 when nothing is amiss."""

    pages: Sequence[Timing]
    holds: Sequence[Hold]
    quiet_gap_ms: float
    alone_gap_ms: float
    together_gap_ms: float
    together_per_s: float
    late_load_ms: float


class People:
    """Whoever asks for pages, signed in at the centre."""

    def __init__(self, http: aiohttp.ClientSession, origin: str, country: Country) -> None:
        self._http, self._origin, self._names = http, origin, names_of(country)
        self._headers = {who: {"Cookie": f"confhub={one}"} for who, one in country.cookies.items()}
        self._headers["program"] = {"Authorization": f"Bearer {country.program}"}

    async def ask(self, page: Page) -> tuple[float, int]:
        """Milliseconds until the answer's last byte, and its bytes; RuntimeError unless good."""
        began = time.perf_counter()
        headers = self._headers.get(page.who)
        url = self._origin + page.path.format(**self._names)
        async with self._http.get(url, headers=headers, allow_redirects=False) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{page.label}: {answer.status}")
        return (time.perf_counter() - began) * 1000, len(body)

    async def time(self, page: Page, rounds: int) -> Timing:
        """The first answer is left out: it reads templates and fills caches, once a start."""
        await self.ask(page)
        found = []
        for _ in range(rounds):
            await asyncio.sleep(REST_S)
            found.append(await self.ask(page))
        times = [took for took, _ in found]
        return Timing(
            page.label,
            round(statistics.median(times), 1),
            round(max(times), 1),
            round(found[0][1] / 1000, 1),
        )


def seats(origin: str, tokens: Sequence[str]) -> list[Seat]:
    """Three speak, one is seen; everybody else listens and times the voices."""
    layers = tuple(layer.rid for layer in LAYERS)
    return [
        Seat(
            f"{origin}/join/{token}/socket",
            layers if index == 0 else layers[:1] if index < VOICES else (),
            speaks=index < VOICES,
            first_px=360,
            pictures=1,
            sampled=index >= VOICES,
        )
        for index, token in enumerate(tokens)
    ]


async def run(options: argparse.Namespace, folder: Path) -> Found:
    country = await fill(folder)
    print(f"{country.units} units, {country.sites} sites, {country.meetings} meetings", flush=True)
    hub = Hub(folder)
    hub.start(settings={"CONFHUB_SLOW_LOOP_MS": str(SLOW_LOOP_MS)})
    try:
        meeting = seats(hub.origin, country.seats)
        async with Generator(meeting, together=len(meeting), cores=divided_cores()[1]) as speaking:
            await speaking.join()
            await asyncio.sleep(SETTLE_S)
            return await _measure(options, hub, speaking, country)
    finally:
        hub.stop()


async def _measure(
    options: argparse.Namespace, hub: Hub, speaking: Generator, country: Country
) -> Found:
    limit = aiohttp.ClientTimeout(total=PAGE_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=limit) as http:
        people = People(http, hub.origin, country)
        wanted = [page for page in PAGES if options.only in page.label]
        quiet = await speaking.measure(5.0)
        before = len(hub.log())
        timings = []
        await speaking.begin()
        for page in wanted:
            timings.append(await people.time(page, options.rounds))
            print(_line(timings[-1]), flush=True)
        alone = await speaking.collect()
        await speaking.begin()
        began = time.monotonic()
        crowd = (_visit(people, wanted, number) for number in range(TOGETHER))
        await asyncio.gather(*crowd)
        took_s = time.monotonic() - began
        together = await speaking.collect()
    await speaking.leave()
    return Found(
        pages=timings,
        holds=_holds(hub.log()[before:]),
        quiet_gap_ms=gap_ms(quiet),
        alone_gap_ms=gap_ms(alone),
        together_gap_ms=gap_ms(together),
        together_per_s=round(TOGETHER * len(wanted) / took_s, 1),
        late_load_ms=max((*quiet.late_ms, *alone.late_ms, *together.late_ms), default=0.0),
    )


async def _visit(people: People, wanted: Sequence[Page], number: int) -> None:
    """Every page once, one after another, each person beginning elsewhere."""
    first = number * len(wanted) // TOGETHER
    for page in (*wanted[first:], *wanted[:first]):
        await people.ask(page)


def gap_ms(report: Report) -> float:
    """The longest hole in anybody's speech; RuntimeError unless everybody is in."""
    failed = [site.failed for site in report.sites if site.failed]
    if failed:
        raise RuntimeError(f"not everybody was in: {failed[0]}")
    return max(site.sound_gap_ms for site in report.sites)


def _holds(log: str) -> list[Hold]:
    """The longest of each handler, the longest first."""
    longest: dict[str, Hold] = {}
    for held_ms, worked_ms, handler, at in _HELD.findall(log):
        known = longest.get(handler)
        if known is None or known.held_ms < int(held_ms):
            longest[handler] = Hold(int(held_ms), int(worked_ms), handler, at)
    return sorted(longest.values(), key=lambda hold: -hold.held_ms)


def _line(timing: Timing) -> str:
    return (
        f"{timing.name:<44}p50 {timing.p50_ms:7.1f} ms, most {timing.most_ms:7.1f} ms,"
        f" {timing.kilobytes:7.1f} kB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each page is asked for")
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    parser.add_argument("--data", type=Path, help="a folder that keeps the country for next time")
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine}")
    with folder_of(options.data) as folder:
        found = asyncio.run(run(options, folder))
    for hold in found.holds[:15]:
        held = f"held {hold.held_ms:5d} ms ({hold.worked_ms} on a core)"
        print(f"{held} by {hold.handler}, at {hold.at}")
    print(
        f"gaps in speech: {found.quiet_gap_ms:.0f} ms while nobody asks, {found.alone_gap_ms:.0f}"
        f" one page at a time, {found.together_gap_ms:.0f} by {TOGETHER} people"
        f" ({found.together_per_s} pages/s);"
        f" the load itself was {found.late_load_ms:.0f} ms late at worst"
    )
    if not options.only:
        keep("pages", machine, msgspec.to_builtins(found))
    ours = [hold.held_ms for hold in found.holds if not hold.handler.startswith(_NOT_OURS)]
    worked = max((hold.worked_ms for hold in found.holds), default=0)
    print(f"the most that the loop's thread worked within one hold: {worked} ms")
    slowest = max(timing.p50_ms for timing in found.pages)
    print(
        f"slowest_page_ms: {slowest:.0f} longest_loop_ms: {max(ours, default=SLOW_LOOP_MS)}"
        f" sound_gap_ms: {max(found.alone_gap_ms, found.together_gap_ms):.0f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
