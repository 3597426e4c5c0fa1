"""What is to be told to others, in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select

from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was told; delivered at least once, so receivers know it by its id."""

    id: str
    topic: str
    payload: Mapping[str, object]  # as JSON has it
    made_at: dt.datetime
    position: int  # among those of one change


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

    async def waiting(self, now: dt.datetime, limit: int) -> list[Told]:
        """What is to be delivered by now, in the order in which it was told."""
        c = t.outbox.c
        query = (
            select(c.id, c.topic, c.payload, c.made_at, c.position)
            .where(c.delivered_at.is_(None), c.next_at <= now)
            .order_by(c.made_at, c.position, c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Told(*row) for row in await connection.execute(query)]
