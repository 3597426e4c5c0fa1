"""The longest hole in a voice while the hub's process is busy, or stands still altogether.

`make bench-stall`. The country of 2022 and a small meeting that speaks, as `bench-pages` has them;
media are forwarded by a worker, or with `--workers 0` by the hub's own process, for comparison. One
after another: the hub stands still for five seconds (SIGSTOP), twenty pages are loaded, a CSV
file of 3.5 MB is checked for an import, the whole country is opened.

The last line: the longest time between two packets of a voice at any receiver; 20 ms is none.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec

from benchmarks.country import Country, fill, folder_of
from benchmarks.hub import Hub
from benchmarks.machine import describe_machine, keep
from benchmarks.page_list import PAGES
from benchmarks.pages import PAGE_TIMEOUT_S, SETTLE_S, People, gap_ms, seats
from rooms.load.generator import Generator
from rooms.load.processes import divided_cores

STANDS_STILL_S = 5.0
PAGES_AT_ONCE = 20
QUIET_S = 5.0
CSV_BYTES = 3_500_000
CSV_LINES = 19_000  # the most that an import takes is 20,000
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Found(msgspec.Struct, frozen=True):
    """Gaps are milliseconds, by what was done meanwhile."""

    workers: int
    gaps_ms: dict[str, float]
    late_load_ms: float


async def run(options: argparse.Namespace, folder: Path) -> Found:
    country = await fill(folder)
    hub = Hub(folder)
    hub.start(settings={"CONFHUB_MEDIA_WORKERS": str(options.workers)})
    try:
        meeting = seats(hub.origin, country.seats)
        async with Generator(meeting, together=len(meeting), cores=divided_cores()[1]) as speaking:
            await speaking.join()
            await asyncio.sleep(SETTLE_S)
            found = await _measure(hub, speaking, country, workers=options.workers)
            await speaking.leave()
            return found
    finally:
        hub.stop()


async def _measure(hub: Hub, speaking: Generator, country: Country, *, workers: int) -> Found:
    limit = aiohttp.ClientTimeout(total=2 * PAGE_TIMEOUT_S)
    gaps: dict[str, float] = {}
    late = 0.0
    async with aiohttp.ClientSession(timeout=limit) as http:
        people = People(http, hub.origin, country)
        served = hub.part("hub") if workers else hub.pid
        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "nothing": lambda: asyncio.sleep(QUIET_S),
            "the hub stands still": lambda: _stand_still(served),
            f"{PAGES_AT_ONCE} pages at once": lambda: _load(people),
            "a CSV import": lambda: _import(http, hub.origin, country),
            "the whole country is opened": lambda: _open_country(people),
        }
        for name, step in steps.items():
            await speaking.begin()
            await step()
            report = await speaking.collect()
            gaps[name] = round(gap_ms(report), 1)
            late = max(late, *report.late_ms)
            print(f"{name:<28}{gaps[name]:8.0f} ms", flush=True)
    return Found(workers, gaps, late)


async def _stand_still(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(STANDS_STILL_S)
    finally:
        os.kill(pid, signal.SIGCONT)
    await asyncio.sleep(SETTLE_S)


async def _load(people: People) -> None:
    await asyncio.gather(*(people.ask(page) for page in PAGES[:PAGES_AT_ONCE]))


async def _open_country(people: People) -> None:
    """Every page that shows all of it, one after another."""
    for page in PAGES:
        if page.name in {"links", "meeting's form", "sites", "units", "board", "accounts"}:
            await people.ask(page)


async def _import(http: aiohttp.ClientSession, origin: str, country: Country) -> None:
    """Have a file checked; RuntimeError unless it is read to its end."""
    headers = {"Cookie": f"confhub={country.cookies['admin']}"}
    address = f"{origin}/units/import"
    async with http.get(address, headers=headers) as page:
        token = _CSRF.search(await page.text())
    if token is None:
        raise RuntimeError("no form to import by")
    form = aiohttp.FormData()
    form.add_field("csrf", token.group(1))
    form.add_field("file", _csv(), filename="units.csv", content_type="text/csv")
    async with http.post(address, headers=headers, data=form) as answer:
        if answer.status != 200 or "units.csv" not in await answer.text():
            raise RuntimeError(f"the import was not taken: {answer.status}")


def _csv() -> bytes:
    """New communes under one district that there is, with names as long as it takes."""
    name = "Xã " + "Mường " * ((CSV_BYTES // CSV_LINES - 52) // 8)
    lines = [f"9{number:05d},{name}{number},Xã,001,2030-01-01" for number in range(CSV_LINES)]
    return "\n".join(["Mã,Tên,Cấp,Mã đơn vị cấp trên,Hiệu lực từ", *lines]).encode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--data", type=Path, help="a folder that keeps the country for next time")
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine}")
    with folder_of(options.data) as folder:
        found = asyncio.run(run(options, folder))
    print(f"the load itself was {found.late_load_ms:.0f} ms late at worst")
    keep("stall" if options.workers else "stall-in-one", machine, msgspec.to_builtins(found))
    print(f"sound_gap_ms: {max(found.gaps_ms.values()):.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
