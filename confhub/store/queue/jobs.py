"""Jobs in the store: claimed by one hub at a time, and done once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, func, select, update

from confhub.errors import N_, Conflict, NotFound
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

Payload: TypeAlias = Mapping[str, object]  # as JSON has it

# Whole for a message of ours; enough to know any other.
MOST_ERROR = 500
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


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job, or news, that was given up; `topic` names its kind, or where the news should go."""

    id: str
    topic: str
    payload: Payload
    tries: int
    made_at: dt.datetime
    dead_at: dt.datetime
    error: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait, since when the first that is due, and how many were given up."""

    waiting: int
    due_since: dt.datetime | None
    dead: int

    def late_s(self, now: dt.datetime) -> float:
        """For how long the first that is due waits; 0: nothing is due."""
        return 0.0 if self.due_since is None else max((now - self.due_since).total_seconds(), 0.0)


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
        values: dict[str, Any] = {"error": error.replace("\0", "")[:MOST_ERROR]}
        values |= {"dead_at": now} if again_at is None else {"next_at": again_at}
        await self._settle(claim, **values)

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
        c = t.job.c
        query = (
            select(c.id, c.kind, c.payload, c.tries, c.made_at, c.dead_at, c.error)
            .where(c.dead_at.is_not(None))
            .order_by(c.dead_at.desc(), c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [DeadLetter(*row) for row in await connection.execute(query)]

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
        c = t.job.c
        waiting = select(func.count()).select_from(t.job).where(*_waiting())
        since = select(func.min(c.next_at)).where(*_waiting(), c.next_at <= now)
        dead = select(func.count()).select_from(t.job).where(c.dead_at.is_not(None))
        async with self._database.read() as connection:
            return Backlog(
                await connection.scalar(waiting) or 0,
                await connection.scalar(since),
                await connection.scalar(dead) or 0,
            )


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (t.job.c.done_at.is_(None), t.job.c.dead_at.is_(None))
