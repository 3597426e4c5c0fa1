"""Until when sites answer, in SQL: one deadline for each meeting that they are invited to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, select, update

from confhub.answers.deadline import Deadline
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

# Looked through by a job in one go; what is left comes the next time, minutes later.
MOST_LOOKED_AT = 500


class DeadlineStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def find(self, meeting_id: str) -> Deadline | None:
        """None: of a meeting without a time, or one that an older program planned."""
        query = select(t.answer_deadline).where(t.answer_deadline.c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Deadline(**row._mapping) if row is not None else None

    async def put(self, deadline: Deadline) -> None:
        """In place of the one before it."""
        row = fitting(t.answer_deadline, asdict(deadline) | {"sittings": deadline.sittings})
        new = self._database.insert(t.answer_deadline).values(row)
        changed = {name: row[name] for name in row if name != "meeting_id"}
        async with self._database.write() as connection:
            await connection.execute(
                new.on_conflict_do_update(index_elements=["meeting_id"], set_=changed)
            )

    async def wait(self, meeting_id: str, next_at: dt.datetime | None) -> None:
        """It is looked at then, or no more."""
        c = t.answer_deadline.c
        own = update(t.answer_deadline).where(c.meeting_id == meeting_id)
        async with self._database.write() as connection:
            await connection.execute(own.values(next_at=next_at))

    async def to_look_at(self, now: dt.datetime) -> Sequence[str]:
        """Ids of meetings, the longest due first; not more than MOST_LOOKED_AT."""
        c = t.answer_deadline.c
        query = select(c.meeting_id).where(c.next_at <= now).order_by(c.next_at, c.meeting_id)
        async with self._database.read() as connection:
            return list(await connection.scalars(query.limit(MOST_LOOKED_AT)))

    async def drop(self, meeting_id: str) -> None:
        """Nothing if there is none."""
        c = t.answer_deadline.c
        async with self._database.write() as connection:
            await connection.execute(delete(t.answer_deadline).where(c.meeting_id == meeting_id))
