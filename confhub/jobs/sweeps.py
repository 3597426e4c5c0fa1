"""Forgets what is kept long enough, a little at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

from confhub.config import Settings
from confhub.jobs.job import Job, Kind
from confhub.store import Work
from confhub.trail.chain import forgotten
from confhub.trail.check import FORGOTTEN

# So many rows take some tens of milliseconds, for which others wait who write to SQLite.
PIECE = 500
EVERY = dt.timedelta(days=1)
# Long enough to see what was done and delivered, and who was there, and far longer than any span
# of a job, or than a hub sleeps that comes back.
SETTLED_DAYS = 7

Forget = Callable[[Work, dt.datetime, int], Awaitable[int]]


def sweeps(settings: Settings) -> tuple[Kind, ...]:
    """One kind for each thing that is kept for a time; 0 days of the settings: for ever."""
    chosen: tuple[tuple[str, int, Forget], ...] = (
        ("old audit lines", settings.audit_days, _audit),
        ("old attendance", settings.attendance_days, _attendance),
        ("old answers", settings.attendance_days, _answers),
        ("old replies", settings.attendance_days, _replies),
        ("old room logs", settings.room_log_days, _room_logs),
        ("old links", settings.link_days, _links),
        ("old jobs", SETTLED_DAYS, _jobs),
        ("old news", SETTLED_DAYS, _news),
        ("dropped mails", SETTLED_DAYS, _mails),
        ("old notices", SETTLED_DAYS, _notices),
        ("letters of no mail", SETTLED_DAYS, _letters),
        ("gone hubs", SETTLED_DAYS, _hubs),
    )
    return tuple(sweep(name, days, forget) for name, days, forget in chosen if days)


def sweep(name: str, days: int, forget: Forget) -> Kind:
    keep = dt.timedelta(days=days)

    async def work(job: Job) -> None:
        now = job.now()
        async with job.piece() as work:
            if await forget(work, now - keep, PIECE) == PIECE:
                job.go_on({}, now)

    return Kind(name, work, every=EVERY)


async def _audit(work: Work, before: dt.datetime, limit: int) -> int:
    """The oldest lines of the chain, whose rest is chained to the last of them; a line says so."""
    count, ends = await work.seals.forget(before, limit)
    if count:
        await work.audit(FORGOTTEN, detail=forgotten(ends))
    return count


async def _attendance(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.stays(before, limit)


async def _answers(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.answers(before, limit)


async def _replies(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.replies(before, limit)


async def _room_logs(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.room_events(before, limit)


async def _links(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.links(before, work.actor.now, limit)


async def _jobs(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.jobs(before, limit)


async def _news(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.news(before, limit)


async def _mails(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.mails(before, limit)


async def _notices(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.notices(before, limit)


async def _letters(work: Work, _before: dt.datetime, limit: int) -> int:
    return await work.retention.letters(limit)


async def _hubs(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.hubs(before, limit)
