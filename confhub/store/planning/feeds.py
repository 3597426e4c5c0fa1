"""Secret addresses of calendars, in the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from sqlalchemy import ColumnElement, insert, select, update

from confhub.errors import N_, NotFound
from confhub.meetings.feed import Feed
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions

_NOT_FOUND = N_("Không tìm thấy địa chỉ lịch này, hoặc nó đã bị hủy.")
_IN_USE = N_("Địa chỉ lịch này đã có.")


class FeedStore:
    """Ended ones stay, so that the record can name them."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, feed: Feed) -> None:
        async with self._database.write(_IN_USE) as connection:
            await connection.execute(insert(t.calendar_feed).values(asdict(feed)))

    async def living(self, account_id: str) -> list[Feed]:
        """An account's, the first made first."""
        c = t.calendar_feed.c
        return await self._select(c.account_id == account_id, c.ended_at.is_(None))

    async def get(self, feed_id: str) -> Feed:
        """NotFound also for one that was ended."""
        return await self._one(t.calendar_feed.c.id == feed_id)

    async def by_hash(self, secret_hash: str) -> Feed:
        """The living feed whose secret has this hash; NotFound."""
        return await self._one(t.calendar_feed.c.secret_hash == secret_hash)

    async def end(self, feed_id: str, now: dt.datetime) -> None:
        """Let its address open nothing any more."""
        c = t.calendar_feed.c
        mine = (c.id == feed_id, c.ended_at.is_(None))
        async with self._database.write() as connection:
            await connection.execute(update(t.calendar_feed).where(*mine).values(ended_at=now))

    async def _one(self, *where: ColumnElement[bool]) -> Feed:
        found = await self._select(*where, t.calendar_feed.c.ended_at.is_(None))
        if not found:
            raise NotFound(_NOT_FOUND)
        return found[0]

    async def _select(self, *where: ColumnElement[bool]) -> list[Feed]:
        c = t.calendar_feed.c
        query = select(t.calendar_feed).where(*where).order_by(c.made_at, c.id)
        async with self._database.read() as connection:
            return [Feed(**row._mapping) for row in await connection.execute(query)]
