"""Who is taken, and when all are free, at the size of the country and a year of its meetings.

`make bench-schedule`. Every unit of 2022 has a site. Each of its districts meets its communes once
a week, each province its districts, and the rest of 60,000 meetings are small ones. Three sites
share a technician, each tenth unit has two sites in one room, lines of provinces and districts
carry 40 streams; a third of the units has busy hours each week, each seventh site a power cut in
the year, and the hub maintenance each week. What is asked is what a form asks, through the store:
read, put into the index, and searched; how full the hub is too. Suggestions look at four weeks.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import random
import sqlite3
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks.country import ZONE, fill, folder_of
from benchmarks.machine import describe_machine, keep
from confhub.config import Settings
from confhub.desks.planning.clashes import clashes_of
from confhub.desks.planning.slots import slots_of
from confhub.identity import new_id
from confhub.meetings.meeting import Meeting
from confhub.planning.conflicts import Clash, find_clashes
from confhub.planning.takings import Takings, needs_of, takings_of
from confhub.store import Store, open_store
from confhub.units.site import Site
from confhub.units.unit import Unit

MEETINGS = 60_000
WEEKS = 52
LARGE_SITES = 780  # the centre, every province and district, and some communes
# Of what is asked: most meetings are a district's, a few a province's, some of the whole country.
SHARES = {"small": 0.35, "district": 0.5, "province": 0.13, "country": 0.02}
ROOM = "Phòng họp số 1"
HUB_SITES = 500  # what a hub carries; of districts' meetings as many meet most mornings
_DAY = dt.timedelta(days=1)
_HOUR = dt.timedelta(hours=1)


class Year:
    """A year of meetings over a country, by chance that is the same each time."""

    def __init__(
        self,
        units: Sequence[Unit],
        site_of: dict[str, str],
        first: dt.date,
        second_of: Mapping[str, str] | None = None,
    ) -> None:
        """`second_of`: second sites of some of the units, which every other meeting takes."""
        self._chance = random.Random(10_599)
        self._site_of, self._first, self._second_of = site_of, first, second_of or {}
        below: dict[str, list[Unit]] = {}
        for unit in units:
            below.setdefault(unit.parent_id or "", []).append(unit)
        self._units, self._below = units, below
        ranks: dict[str, list[Unit]] = {"province": [], "district": []}
        for unit in units:
            if unit.level_id in ranks and unit.id in below:
                ranks[unit.level_id].append(unit)
        self._hosts = ranks

    def meetings(self, count: int) -> Iterator[Meeting]:
        made = 0
        for week in range(WEEKS):
            for kind in ("district", "province"):
                for host in self._hosts[kind]:
                    if made < count:
                        made += 1
                        yield self._meeting(kind, host, week)
        while made < count:
            made += 1
            yield self.meeting("small")

    def asked(self) -> Meeting:
        (kind,) = self._chance.choices(list(SHARES), list(SHARES.values()))
        return self.meeting(kind)

    def meeting(self, kind: str) -> Meeting:
        hosts = self._hosts.get(kind, self._units)
        host = self._units[0] if kind == "country" else self._chance.choice(hosts)
        return self._meeting(kind, host, self._chance.randrange(WEEKS))

    def _meeting(self, kind: str, host: Unit, week: int) -> Meeting:
        if kind == "small":
            others = self._chance.sample(self._units, 2)
        elif kind == "country":
            others = [unit for unit in self._units if unit.level_id != "commune"][:LARGE_SITES]
        else:
            others = self._below[host.id]
        ids = dict.fromkeys(self._site(unit.id) for unit in (host, *others))
        day = self._first + _DAY * (7 * week + self._chance.randrange(5))
        opens = dt.datetime.combine(day, dt.time(8), ZONE).astimezone(dt.UTC)
        start = opens + self._chance.randrange(17) * _HOUR / 2
        return Meeting(
            id=new_id(),
            title="Giao ban",
            level_id=host.level_id,
            host_unit_id=host.id,
            chair_site_id=next(iter(ids)),
            chair_name=f"Ông {self._chance.randrange(3)}",
            starts_at=start,
            ends_at=start + self._chance.choice([1, 1.5, 2]) * _HOUR,
            sites=tuple(ids),
        )

    def _site(self, unit_id: str) -> str:
        second = self._second_of.get(unit_id)
        return second if second and self._chance.random() < 0.5 else self._site_of[unit_id]


def write(database: Path, meetings: Sequence[Meeting]) -> None:
    """Straight into the file: the store writes one meeting at a time, with links and record."""
    with sqlite3.connect(database) as connection:
        columns = (
            "id, title, level_id, host_unit_id, chair_site_id, chair_name, starts_at, ends_at,"
            " status, status_reason, note, created_by, version"
        )
        connection.executemany(
            f"INSERT INTO meeting ({columns}) VALUES (?,?,?,?,?,?,?,?,'scheduled','','','',1)",
            [_row(meeting) for meeting in meetings],
        )
        connection.executemany(
            "INSERT INTO invitation (meeting_id, site_id, position) VALUES (?,?,?)",
            ((m.id, site, n) for m in meetings for n, site in enumerate(m.sites)),
        )


def take_along(database: Path, units: Sequence[Unit], first: dt.date) -> None:
    """Technicians of several sites, lines, and blockings of all kinds, straight into the file."""
    opens = dt.datetime.combine(first, dt.time(7), ZONE).astimezone(dt.UTC)
    spans = [opens + _DAY * day for day in range(7)]
    busy = [
        (new_id(), unit.id, *(f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (start, start + _HOUR)))
        for unit, start in zip(units[::3], itertools.cycle(spans), strict=False)
    ]
    upper = [(unit.id,) for unit in units if unit.level_id in ("province", "district")]
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE site SET room = ? WHERE unit_id IN (SELECT unit_id FROM site WHERE room = ?)",
            (ROOM, ROOM),
        )
        connection.execute("UPDATE site SET technician_phone = '0912 ' || (rowid / 3)")
        connection.executemany("UPDATE site SET streams = 40 WHERE unit_id = ?", upper)
        connection.executemany(
            "INSERT INTO blocking (id, reach, unit_id, kind, reason, starts_at, ends_at, weekly,"
            " zone) VALUES (?, 'unit', ?, 'busy', 'Giao ban', ?, ?, 1, 'Asia/Ho_Chi_Minh')",
            busy,
        )
        once = (
            "INSERT INTO blocking (id, reach, site_id, kind, reason, starts_at, ends_at, weekly,"
            " zone) VALUES (?, ?, ?, ?, '', ?, ?, 0, 'Asia/Ho_Chi_Minh')"
        )
        cuts = connection.execute("SELECT id FROM site WHERE rowid % 7 = 0").fetchall()
        connection.executemany(once, _once(cuts, "site", "power_cut", opens, 8 * _HOUR))
        hub = [(None,)] * WEEKS  # one maintenance a week
        connection.executemany(once, _once(hub, "hub", "maintenance", opens, _HOUR / 2))


def _once(
    sites: Sequence[tuple[str | None]],
    reach: str,
    kind: str,
    opens: dt.datetime,
    length: dt.timedelta,
) -> Iterator[tuple[str | None, ...]]:
    """Blockings of one day each, over the weeks of the year in turn."""
    for number, (site_id,) in enumerate(sites):
        start = opens + _DAY * (7 * (number % WEEKS) + number % 5)
        span = (f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (start, start + length))
        yield new_id(), reach, site_id, kind, *span


async def add_second_sites(store: Store, units: Sequence[Unit]) -> dict[str, str]:
    """Each tenth unit's, in the room of its first; by unit."""
    made = [
        Site(new_id(), unit.id, f"second-{number}", f"{unit.name}, máy 2", room=ROOM)
        for number, unit in enumerate(units[::10])
    ]
    await store.sites.add_many(made)
    return {site.unit_id: site.id for site in made}


def _row(m: Meeting) -> tuple[str, ...]:
    starts_at, ends_at = (f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (m.starts_at, m.ends_at))
    who = (m.level_id, m.host_unit_id, m.chair_site_id, m.chair_name)
    return (m.id, m.title, *who, starts_at, ends_at)


class Times(msgspec.Struct):
    """Milliseconds of each question: by the clock, and of the processor, which others who work on
    the machine do not lengthen."""

    clock: list[float] = []
    processor: list[float] = []

    def __str__(self) -> str:
        p50, p99 = (percentile(self.clock, share) for share in (0.5, 0.99))
        processor = percentile(self.processor, 0.99)
        return f"p50 {p50:7.1f} ms  p99 {p99:7.1f} ms  of the processor {processor:7.1f} ms"


async def timed(count: int, ask: Callable[[], Awaitable[object]]) -> Times:
    times = Times()
    for _ in range(count):
        began, used = time.perf_counter(), time.process_time()
        await ask()
        times.clock.append(1000 * (time.perf_counter() - began))
        times.processor.append(1000 * (time.process_time() - used))
    return times


def percentile(times: Sequence[float], share: float) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[round(100 * share) - 1]


async def run(options: argparse.Namespace, folder: Path) -> tuple[float, float]:
    await fill(folder)
    store = await open_store(Settings(data_dir=str(folder), hub_sites=(str(HUB_SITES),)))
    try:
        return await _measure(store, options, folder)
    finally:
        await store.close()


async def _measure(store: Store, options: argparse.Namespace, folder: Path) -> tuple[float, float]:
    today = dt.datetime.now(ZONE).date()
    units = await store.units.tree(None, today)
    sites = await store.sites.list()
    site_of = {site.unit_id: site.id for site in sites}
    year = Year(units, site_of, today, await add_second_sites(store, units))
    sites = await store.sites.list()
    planned = list(year.meetings(options.meetings))
    print(f"{len(sites)} sites, {len(planned)} meetings", flush=True)
    await asyncio.to_thread(write, folder / "confhub.db", planned)
    await asyncio.to_thread(take_along, folder / "confhub.db", units, today)
    along = await store.takings.along([site.id for site in sites], today)

    began = time.perf_counter()
    takings = Takings(taking for meeting in planned for taking in takings_of(meeting, along))
    print(f"the whole year put into an index: {time.perf_counter() - began:.1f} s", flush=True)

    met: Counter[str] = Counter()

    async def pure() -> None:
        one = year.asked()
        find_clashes(needs_of(one, along), takings, one.starts_at, one.ends_at)

    async def check() -> None:
        one = year.asked()
        met.update(set(map(_kind, await clashes_of(store, one, ZONE))))

    async def suggest() -> None:
        one = year.asked()
        await slots_of(store, one, "", one.starts_at, ZONE)

    found = {}
    for name, count, ask in (
        ("clashes, whole year in memory", options.checks, pure),
        ("clashes, from the store", options.checks, check),
        ("suggestions over four weeks", options.suggestions, suggest),
    ):
        await timed(3, ask)  # holidays of the year, statements that are compiled
        found[name] = await timed(count, ask)
        print(f"{name:<32} {found[name]}", flush=True)
    print(f"meetings that were told of each kind: {dict(met)}", flush=True)
    keep("schedule", describe_machine(), {name: str(times) for name, times in found.items()})
    _pure, conflicts, suggestions = (percentile(times.clock, 0.99) for times in found.values())
    return conflicts, suggestions


def _kind(clash: Clash) -> str:
    """What a clash is about: a site that is taken, or blocked, a room, a technician, a line."""
    cause = clash.holder.cause
    own = cause in ("meeting", "load")
    return clash.need.resource.kind if own else f"blocked: {cause}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meetings", type=int, default=MEETINGS)
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--suggestions", type=int, default=200)
    options = parser.parse_args()
    print(describe_machine())
    with folder_of(None) as folder:
        conflicts, suggestions = asyncio.run(run(options, folder))
    print(f"conflicts_p99_ms: {conflicts:.1f} suggestions_p99_ms: {suggestions:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
