"""Forgets what is kept long enough, a little at a time.

Of papers rows go first, then what no row refers to: a hub that is killed between leaves bytes for
the next sweep, and never a row without its bytes.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from itertools import islice

from confhub.config import Settings
from confhub.jobs.job import Job, Kind
from confhub.papers.choice import vault_of
from confhub.papers.disk import at_disk
from confhub.papers.vault import Vault
from confhub.store import Work
from confhub.trail.chain import forgotten
from confhub.trail.check import FORGOTTEN

log = logging.getLogger(__name__)

# So many rows take some tens of milliseconds, for which others wait who write to SQLite.
PIECE = 500
EVERY = dt.timedelta(days=1)
# Long enough to see what was done and delivered, and who was there, and far longer than any span
# of a job, or than a hub sleeps that comes back.
SETTLED_DAYS = 7

# Keys of programs hold for a day (confhub/store/trail/kept_answers.py).
KEPT_DAYS = 1
# A weekend without power at a commune; then its secretary begins anew.
UPLOAD_DAYS = 3
# Longer than from keeping a file to the commit of what refers to it, by far.
NOBODYS = dt.timedelta(days=1)

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
        ("kept answers", KEPT_DAYS, _kept_answers),
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


async def _kept_answers(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.kept_answers(before, limit)


async def _letters(work: Work, _before: dt.datetime, limit: int) -> int:
    return await work.retention.letters(limit)


async def _hubs(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.retention.hubs(before, limit)


def paper_sweeps(settings: Settings) -> tuple[Kind, ...]:
    vault = vault_of(settings)

    async def orphans(job: Job) -> None:
        before = (job.now() - NOBODYS).timestamp()
        count = await _sweep_uploads(job, vault, before) + await _sweep_kept(job, vault, before)
        if count:
            log.info("%d files of papers were nobody's any more", count)
        async with job.piece():
            pass

    kinds = (
        sweep("old uploads", UPLOAD_DAYS, _uploads),
        # Some 10,000 files a second; a disk of a province's papers takes a while.
        Kind("files of no paper", orphans, timeout_s=600.0, every=EVERY),
    )
    if settings.paper_days:
        return (*kinds, sweep("old papers", settings.paper_days, _papers))
    return kinds


async def _uploads(work: Work, before: dt.datetime, limit: int) -> int:
    return await work.papers.drop_old_uploads(before, limit)


async def _papers(work: Work, before: dt.datetime, limit: int) -> int:
    ids = await work.papers.of_ended(before, limit)
    await work.papers.remove(ids)
    return len(ids)


async def _sweep_uploads(job: Job, vault: Vault, before: float) -> int:
    count = 0
    async for ids in _pieces(vault.old_uploads(before)):
        for gone in set(ids) - await job.store.papers.known_uploads(ids):
            await at_disk(vault.drop, gone)
            count += 1
    return count


async def _sweep_kept(job: Job, vault: Vault, before: float) -> int:
    count = 0
    async for digests in _pieces(vault.old_kept(before)):
        for gone in set(digests) - await job.store.papers.known(digests):
            await at_disk(vault.forget, gone, before)
            count += 1
    return count


async def _pieces(names: Iterable[str]) -> AsyncIterator[list[str]]:
    ahead: Iterator[str] = iter(names)
    while piece := await at_disk(lambda: list(islice(ahead, PIECE))):
        yield piece
