"""Workers in processes of their own that do what the house does of meetings, to be killed at
whatever step; and what stands on record in the end."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from confhub.config import Settings
from confhub.desks.planning import series as desk
from confhub.jobs import overruns, series
from confhub.jobs.runner import Runner
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.people.actor import Actor
from confhub.planning.recurrence import weekly
from confhub.store import Store
from confhub.store import tables as t
from tests.confhub.jobs.crew import MOST_TRIES, QUICK, dying_at, opened, quick_now
from tests.confhub.store.country import draft_of, found_country, meeting, site

What = Literal["overruns", "series"]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
A_MOMENT_S = 0.005  # until the lease of who was killed ends
FORGOTTEN = 2  # meetings that nobody ended
TIMES = 5  # that the series is held
SITES = ("site-a", "site-b", "site-c")
PIECE = 2 * len(SITES)  # rows of invitations: two meetings, so that there are some pieces
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Done:
    """What the works left: by meeting begin, status and version; acts; news; jobs not done."""

    meetings: tuple[tuple[dt.datetime, str, int], ...]
    acts: Counter[str]
    news: Counter[tuple[str, str]]
    open_jobs: int


async def prepare(settings: Settings, what: What) -> None:
    """Up to the point where the jobs are due, in pieces of as many rows as `work` takes."""
    store, now = opened(settings), quick_now()
    try:
        country = await found_country(store)
        await store.sites.add_many([site(country.province, one[-1]) for one in SITES])
        if what == "overruns":
            begun = now - OPEN_AFTER_END - 4 * HOUR
            for number in range(FORGOTTEN):
                at = begun + number * dt.timedelta(minutes=1)
                span = {"starts_at": at, "ends_at": at + HOUR}
                forgotten = meeting(
                    country.province, SITES, id=f"m-{number}", status="live", **span
                )
                await store.meetings.add(forgotten)
            await store.jobs.add("look", "overrun meetings", {}, now, None)
            return
        first = now + dt.timedelta(days=7)
        draft = draft_of(country.province, "province", SITES, first, HOUR)
        day = first.astimezone(ZONE).date()  # of any year: a holiday may be among the next
        rule = weekly(day, count=TIMES, off_days="hold")
        await desk.schedule(store, Actor(now), "first", draft, rule, ZONE)
    finally:
        await store.close()


def work(settings: Settings, what: What, die_at: int | None = None) -> None:
    """Until all of it is done; or killed by oneself at a step of the database."""
    if die_at is not None:
        dying_at(die_at)
    asyncio.run(_work(settings, what))


async def _work(settings: Settings, what: What) -> None:
    desk.MOST_ROWS = PIECE
    store = opened(settings)

    async def held() -> Collection[str]:
        return ()

    kinds = overruns.overruns(held) if what == "overruns" else series.series(ZONE)
    quick = [replace(one, timeout_s=2.0, most_tries=MOST_TRIES, pauses=QUICK) for one in kinds]
    runner = Runner(store, quick, quick_now, "hub", grace_s=1.0)
    try:
        while (await store.jobs.backlog(quick_now())).waiting:
            if not await runner.do_next():
                await asyncio.sleep(A_MOMENT_S)
    finally:
        await store.close()


async def done(settings: Settings) -> Done:
    store = opened(settings)
    try:
        return await _read(store)
    finally:
        await store.close()


async def _read(store: Store) -> Done:
    m, j = t.meeting.c, t.job.c
    async with store._database.read() as connection:
        rows = await connection.execute(select(m.starts_at, m.status, m.version))
        acts = await connection.scalars(select(t.audit.c.action))
        told = await connection.execute(select(t.outbox.c.topic, t.outbox.c.payload))
        waiting = await connection.scalars(select(j.id).where(j.done_at.is_(None)))
        return Done(
            tuple(sorted((row.starts_at, row.status, row.version) for row in rows)),
            Counter(acts),
            Counter((row.topic, str(row.payload.get("what"))) for row in told),
            len(waiting.all()),
        )
