"""What is kept long enough, deleted a little at a time. Each says how many rows it took."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Table, delete, select, update

from confhub.store import tables as t
from confhub.store.database.transactions import Transactions


class RetentionStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def acts(self, before: dt.datetime, limit: int) -> int:
        """Audit lines of before then."""
        return await self._delete(t.audit, t.audit.c.at < before, limit)

    async def stays(self, before: dt.datetime, limit: int) -> int:
        """Stays that ended before then."""
        return await self._delete(t.attendance, t.attendance.c.left_at < before, limit)

    async def jobs(self, before: dt.datetime, limit: int) -> int:
        """Jobs that were done before then; one of the same id would be done anew."""
        return await self._delete(t.job, t.job.c.done_at < before, limit)

    async def news(self, before: dt.datetime, limit: int) -> int:
        """News that were delivered before then."""
        return await self._delete(t.outbox, t.outbox.c.delivered_at < before, limit)

    async def links(self, ended_before: dt.datetime, now: dt.datetime, limit: int) -> int:
        """Let the links of meetings that are long over open nothing; none is deleted."""
        link, meeting = t.join_link, t.meeting
        old = (
            select(link.c.id)
            .join(meeting, meeting.c.id == link.c.meeting_id)
            .where(link.c.revoked_at.is_(None), meeting.c.ends_at < ended_before)
            .where(meeting.c.status.in_(("ended", "cancelled")))
            .limit(limit)
        )
        async with self._database.write() as connection:
            done = await connection.execute(
                update(link).where(link.c.id.in_(old.scalar_subquery())).values(revoked_at=now)
            )
        return done.rowcount

    async def _delete(self, table: Table, is_old: ColumnElement[bool], limit: int) -> int:
        old = select(table.c.id).where(is_old).limit(limit)
        async with self._database.write() as connection:
            done = await connection.execute(
                delete(table).where(table.c.id.in_(old.scalar_subquery()))
            )
        return done.rowcount
