"""Jobs in the store: claimed by one hub at a time, and done once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from confhub.errors import N_, Conflict, NotFound
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.queue.backlog import (
    Backlog,
    DeadLetter,
    Payload,
    after_failure,
    read_backlog,
    read_dead,
)

_NOT_FOUND = N_("Không tìm thấy công việc này, hoặc nó đã được làm lại.")


class LostLease(Conflict):
    """Somebody else has the job meanwhile, or it is done: what was to be stored with it is not."""

    code = "lost_lease"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is one's own until its lease ends; `epoch` proves it."""

    id: str
    kind: str
    payload: Payload
    tries: int  # this one included
    epoch: int
    made_at: dt.datetime


class JobStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(
        self, job_id: str, kind: str, payload: Payload, now: dt.datetime, at: dt.datetime | None
    ) -> None:
        """To be done at `at`, or from now on. Nothing if its id is known: it is once."""
        row = {
            "id": job_id,
            "kind": kind,
            "payload": dict(payload),
            "made_at": now,
            "next_at": at or now,
        }
        new = self._database.insert(t.job).values(fitting(t.job, row)).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(new)

    async def claim(
        self, kinds: Collection[str], now: dt.datetime, until: dt.datetime, holder: str
    ) -> Claim | None:
        """The job that is due first, for oneself until `until`; None: there is none.

        It is one more try, whatever comes of it.
        """
        c = t.job.c
        # Who claims at the same moment takes the next one.
        first = (
            select(c.id)
            .where(*_waiting(), c.next_at <= now, self._database.among(c.kind, kinds))
            .order_by(c.next_at, c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        claim = (
            update(t.job)
            .where(c.id == first.scalar_subquery())
            .values(epoch=c.epoch + 1, tries=c.tries + 1, next_at=until, holder=holder)
            .returning(c.id, c.kind, c.payload, c.tries, c.epoch, c.made_at)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(claim)).first()
        return None if row is None else Claim(*row)

    async def finish(self, claim: Claim, now: dt.datetime) -> None:
        """It is done; LostLease."""
        await self._settle(claim, done_at=now, error="")

    async def go_on(self, claim: Claim, payload: Payload, at: dt.datetime) -> None:
        """A piece of it is done, the next comes at `at`; LostLease."""
        await self._settle(claim, payload=dict(payload), next_at=at, tries=0, error="")

    async def fail(
        self, claim: Claim, error: str, now: dt.datetime, again_at: dt.datetime | None
    ) -> None:
        """It failed, and is tried again then; None: it is given up. LostLease."""
        await self._settle(claim, **after_failure(error, now, again_at))

    async def give_back(self, claim: Claim, now: dt.datetime) -> None:
        """It was not tried to its end, and is anybody's from now on; LostLease."""
        await self._settle(claim, next_at=now, tries=claim.tries - 1)

    async def _settle(self, claim: Claim, **values: Any) -> None:
        c = t.job.c
        settle = (
            update(t.job)
            .where(c.id == claim.id, c.epoch == claim.epoch, *_waiting())
            .values(values | {"epoch": c.epoch + 1, "holder": ""})
        )
        async with self._database.write() as connection:
            done = await connection.execute(settle)
            if done.rowcount == 0:
                raise LostLease

    async def dead(self, limit: int) -> list[DeadLetter]:
        """Those that were given up, the latest first."""
        return await read_dead(self._database, t.job, t.job.c.kind, limit)

    async def revive(self, job_id: str, now: dt.datetime) -> None:
        """Try one that was given up again, as if it were new; NotFound."""
        c = t.job.c
        again = (
            update(t.job)
            .where(c.id == job_id, c.dead_at.is_not(None))
            .values(dead_at=None, tries=0, next_at=now, epoch=c.epoch + 1)
        )
        async with self._database.write() as connection:
            done = await connection.execute(again)
            if done.rowcount == 0:
                raise NotFound(_NOT_FOUND)

    async def backlog(self, now: dt.datetime) -> Backlog:
        return await read_backlog(self._database, t.job, _waiting(), now)


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (t.job.c.done_at.is_(None), t.job.c.dead_at.is_(None))
