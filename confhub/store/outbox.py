"""What is to be told to others, in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from confhub.errors import N_, NotFound
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.queue.backlog import (
    Backlog,
    DeadLetter,
    after_failure,
    read_backlog,
    read_dead,
)

_NOT_FOUND = N_("Không tìm thấy tin này, hoặc nó đã được gửi lại.")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was told; delivered at least once, so receivers know it by its id."""

    id: str
    topic: str
    payload: Mapping[str, object]  # as JSON has it
    made_at: dt.datetime
    position: int  # among those of one change
    tries: int = 0  # as it was claimed: that try included


class OutboxStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, told: Told) -> None:
        """To be delivered from now on; Conflict if its id is taken: it is there already."""
        row = {
            "id": told.id,
            "topic": told.topic,
            "payload": dict(told.payload),
            "made_at": told.made_at,
            "position": told.position,
            "next_at": told.made_at,
        }
        async with self._database.write() as connection:
            await connection.execute(insert(t.outbox).values(fitting(t.outbox, row)))

    async def claim(
        self, topics: Collection[str], now: dt.datetime, until: dt.datetime, limit: int
    ) -> list[Told]:
        """What of these topics is to be delivered by now, in the order in which it was told, for
        oneself until `until`; it is one more try of each."""
        c = t.outbox.c
        first = (
            select(c.id)
            .where(*_waiting(), c.next_at <= now, self._database.among(c.topic, topics))
            .order_by(c.made_at, c.position, c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claim = (
            update(t.outbox)
            .where(c.id.in_(first.scalar_subquery()))
            .values(tries=c.tries + 1, next_at=until)
            .returning(c.id, c.topic, c.payload, c.made_at, c.position, c.tries)
        )
        async with self._database.write() as connection:
            found = [Told(*row) for row in await connection.execute(claim)]
        return sorted(found, key=lambda told: (told.made_at, told.position, told.id))

    async def delivered(self, told: Told, now: dt.datetime) -> bool:
        """It was delivered; False if somebody else has it meanwhile, who delivers it again."""
        return await self._settle(told, delivered_at=now, error="")

    async def failed(
        self, told: Told, error: str, now: dt.datetime, again_at: dt.datetime | None
    ) -> bool:
        """It was not, and is tried again then; None: it is given up. False as `delivered`."""
        return await self._settle(told, **after_failure(error, now, again_at))

    async def give_back(self, claimed: Collection[Told], now: dt.datetime) -> None:
        """They were not tried, and are anybody's from now on; nothing of one that is settled."""
        for told in claimed:
            await self._settle(told, next_at=now)

    async def _settle(self, told: Told, **values: Any) -> bool:
        c = t.outbox.c
        mine = (c.id == told.id, c.tries == told.tries, *_waiting())
        async with self._database.write() as connection:
            done = await connection.execute(update(t.outbox).where(*mine).values(values))
        return bool(done.rowcount)

    async def dead(self, limit: int) -> list[DeadLetter]:
        """What was given up, the latest first."""
        return await read_dead(self._database, t.outbox, t.outbox.c.topic, limit)

    async def revive(self, told_id: str, now: dt.datetime) -> None:
        """Try what was given up again; NotFound. Its tries go on: they are its epoch."""
        c = t.outbox.c
        again = (
            update(t.outbox)
            .where(c.id == told_id, c.dead_at.is_not(None))
            .values(dead_at=None, next_at=now)
        )
        async with self._database.write() as connection:
            done = await connection.execute(again)
            if done.rowcount == 0:
                raise NotFound(_NOT_FOUND)

    async def backlog(self, now: dt.datetime) -> Backlog:
        return await read_backlog(self._database, t.outbox, _waiting(), now)


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (t.outbox.c.delivered_at.is_(None), t.outbox.c.dead_at.is_(None))
