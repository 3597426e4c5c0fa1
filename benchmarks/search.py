"""What a search takes over the whole country and a year of its meetings, on both databases.

`make bench-search`. Every unit of 2022 has a site, and there are 60,000 meetings. A search is what
the page asks: meetings, units, sites, people and accounts, a screen of each; by who may see all, a
province, a district or a commune. Beside each the same run asks for its meetings by a plain LIKE
for every word, over the same words without diacritics, sorted by time.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime as dt
import itertools
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.country import ZONE, fill
from benchmarks.machine import describe_machine, keep
from benchmarks.schedule import MEETINGS, Times, Year, percentile, timed
from confhub.config import Settings
from confhub.meetings.calendar import Within
from confhub.meetings.meeting import Meeting
from confhub.store import Store, open_store
from confhub.store import tables as t
from confhub.store.database.engines import postgresql_engine, sqlite_engine
from confhub.store.database.location import database_url
from confhub.store.search import Kind, Scope
from confhub.units.unit import Unit
from confhub.words.texts import sought_words
from tests.servers import running_postgresql

# A screen of each kind, and one more to see whether there are more (web/pages/search.py).
LIMIT = 9
# Written at once: SQLAlchemy makes a list of values of each.
PIECE = 2000
ABOUT = (
    "phát triển kinh tế xã hội",
    "phòng chống thiên tai",
    "giải ngân vốn đầu tư công",
    "cải cách hành chính",
    "chuyển đổi số",
    "an toàn giao thông",
)
# From what everything has to what one thing has, with words that are only begun.
ASKED = (
    "giao ban",
    "hop giao thong",
    "von dau tu",
    "chuyen doi so nam po",
    "dien bien",
    "hop 4217",
)


def titled(meetings: Sequence[Meeting]) -> Iterator[Meeting]:
    chance = random.Random(10_599)
    for number, meeting in enumerate(meetings):
        name = chance.choice(("Họp", "Giao ban", "Hội nghị"))
        title = f"{name} {number} về {chance.choice(ABOUT)}"
        yield dataclasses.replace(meeting, title=title)


async def write(engine: AsyncEngine, meetings: Sequence[Meeting]) -> None:
    """Past the store, which writes one at a time with links and record; triggers keep the words."""
    names = [column.name for column in t.meeting.c if hasattr(meetings[0], column.name)]
    rows = ({name: getattr(one, name) for name in names} for one in meetings)
    invited = (
        {"meeting_id": one.id, "site_id": site, "position": place}
        for one in meetings
        for place, site in enumerate(one.sites)
    )

    def insert_all(
        connection: Connection, table: Table, found: Iterator[dict[str, object]]
    ) -> None:
        while piece := list(itertools.islice(found, PIECE)):
            connection.execute(insert(table), piece)

    async with engine.begin() as connection:
        await connection.run_sync(insert_all, t.meeting, rows)
        await connection.run_sync(insert_all, t.invitation, invited)
        await connection.execute(text("ANALYZE"))  # as a database does by itself within a day


def scopes_of(units: Sequence[Unit]) -> list[Scope]:
    """Everything, and of each level the unit with the longest way of looking: the first."""
    first = {unit.level_id: unit for unit in reversed(units)}
    below = [first[level] for level in ("province", "district", "commune")]
    return [None, *([Within(unit.id)] for unit in below)]


async def search(store: Store, words: Sequence[str], scope: Scope, today: dt.date) -> None:
    await store.search.meetings(words, scope, today, LIMIT)
    for kind in get_args(Kind):
        await store.search.ids(kind, words, scope, today, LIMIT)


async def plain(engine: AsyncEngine, words: Sequence[str]) -> None:
    e, m = t.search_entry.c, t.meeting.c
    query = select(t.meeting).join(t.search_entry, e.subject == m.id).where(e.kind == "meeting")
    query = query.where(*(e.words.ilike(f"%{word}%") for word in words))
    async with engine.connect() as connection:
        (await connection.execute(query.order_by(m.starts_at.desc()).limit(LIMIT))).all()


async def measure(settings: Settings, options: argparse.Namespace) -> dict[str, Times]:
    await fill(Path(settings.data_dir), settings.database)
    open_engine = postgresql_engine if settings.database else sqlite_engine
    store, engine = await open_store(settings), open_engine(database_url(settings))
    try:
        today = dt.datetime.now(ZONE).date()
        units = await store.units.tree(None, today)
        sites = {site.unit_id: site.id for site in await store.sites.list()}
        planned = list(titled(list(Year(units, sites, today).meetings(options.meetings))))
        await write(engine, planned)
        print(f"{len(units)} units, {len(planned)} meetings", flush=True)
        turns = itertools.cycle(itertools.product(scopes_of(units), map(sought_words, ASKED)))

        async def ask() -> None:
            scope, words = next(turns)
            await search(store, words, scope, today)

        async def ask_plainly() -> None:
            await plain(engine, next(turns)[1])

        asked: tuple[tuple[str, int, Callable[[], Awaitable[object]]], ...] = (
            ("search", options.searches, ask),
            ("LIKE", options.plain, ask_plainly),
        )
        found = {}
        for name, count, question in asked:
            await timed(len(ASKED), question)  # statements that are compiled
            found[name] = await timed(count, question)
            print(f"{name:<8} {found[name]}", flush=True)
    finally:
        await engine.dispose()
        await store.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meetings", type=int, default=MEETINGS)
    parser.add_argument("--searches", type=int, default=480)
    parser.add_argument("--plain", type=int, default=48)
    options = parser.parse_args()
    print(describe_machine())
    kept: dict[str, str] = {}
    slowest = 0.0
    with (
        tempfile.TemporaryDirectory(prefix="confhub-bench-") as place,
        running_postgresql() as server,
    ):
        for name, database in (("SQLite", ""), ("PostgreSQL", server.new_database())):
            folder = Path(place) / name
            folder.mkdir()
            print(f"--- {name}", flush=True)
            settings = Settings(data_dir=str(folder), database=database)
            found = asyncio.run(measure(settings, options))
            halves = [percentile(times.clock, 0.5) for times in found.values()]
            print(f"of the time of a plain LIKE: {halves[0] / halves[1]:.3f}", flush=True)
            slowest = max(slowest, percentile(found["search"].clock, 0.99))
            kept |= {f"{name}, {what}": str(times) for what, times in found.items()}
    keep("search", describe_machine(), kept)
    print(f"search_p99_ms: {slowest:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
