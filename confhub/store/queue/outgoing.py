"""Mail that waits in a table: each goes once, by one hub at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Table, func, select, update

from confhub.mail.letter import Mail, MailState
from confhub.mail.notice import Notice
from confhub.store.database.transactions import Joined, Transactions
from confhub.store.queue.backlog import MOST_ERROR, Backlog

M = TypeVar("M", Mail, Notice)


class Outgoing(Generic[M]):
    """`table` has the columns that Mail and Notice have in common; a row is `made` one of them."""

    def __init__(self, database: Transactions, table: Table, made: type[M]) -> None:
        self._database = database
        self._table = table
        self._made: type[M] = made

    async def claim(self, now: dt.datetime, until: dt.datetime, limit: int) -> list[M]:
        """What is to be sent by now, the first made first, for oneself until `until`. Each comes
        `in_hand` where it may have arrived before, and stays so whatever becomes of this try."""
        c = self._table.c
        first = (
            select(self._table)
            .where(c.state == "waiting", c.next_at <= now)
            .order_by(c.next_at, c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        values = {"tries": c.tries + 1, "next_at": until, "in_hand": True}
        async with self._database.write() as connection:
            found = [self._made(**row._mapping) for row in await connection.execute(first)]
            mine = self._database.among(c.id, [mail.id for mail in found])
            if found:
                await connection.execute(update(self._table).where(mine).values(values))
        claimed = [replace(mail, tries=mail.tries + 1, next_at=until) for mail in found]
        return sorted(claimed, key=lambda mail: (mail.made_at, mail.id))

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[Outgoing[M]]:
        """The same queue; what is noted of it is so together, or not at all."""
        async with self._database.write() as connection:
            joined = Joined(connection, is_sqlite=self._database.is_sqlite)
            yield Outgoing(joined, self._table, self._made)

    async def sent(self, mail: M, address: str, now: dt.datetime) -> bool:
        """It went out, also where something newer came meanwhile; False if somebody else has it."""
        return await self._settle(mail, ["waiting", "dropped"], _settled("sent", address, "", now))

    async def refused(self, mail: M, address: str, error: str, now: dt.datetime) -> bool:
        """It will never go out; False as `sent`, and where something newer came. Of a mail in hand:
        it is given up, though it may have arrived."""
        return await self._not_sent(mail, _settled("refused", address, error, now))

    async def let_go(self, mail: M, now: dt.datetime) -> bool:
        """It is true no more, and goes nowhere; False as `refused`."""
        return await self._not_sent(mail, _settled("dropped", "", "", now))

    async def later(self, mail: M, error: str, at: dt.datetime) -> bool:
        """It did not go out, and is tried again then; False as `refused`. Of a mail in hand: it may
        have gone out."""
        return await self._not_sent(mail, {"next_at": at, "error": cut(error)})

    async def untried(self, mail: M, error: str, now: dt.datetime) -> bool:
        """As `later` from now on, where no mail goes out: the try does not count."""
        # Whoever holds the highest epoch lets it go: no two hold the same one.
        values = {"next_at": now, "error": cut(error), "tries": mail.tries - 1}
        return await self._not_sent(mail, values)

    async def give_back(self, mails: Collection[M], now: dt.datetime) -> None:
        """They were not tried, and are anybody's from now on."""
        for mail in mails:
            await self._not_sent(mail, {"next_at": now, "tries": mail.tries - 1})

    async def backlog(self, now: dt.datetime) -> Backlog:
        """How many wait, since when the oldest that is not for later only, how many were refused
        since a day."""
        c = self._table.c
        waits = c.state == "waiting"
        count = select(func.count()).select_from(self._table)
        refused = count.where(c.state == "refused", c.settled_at > now - dt.timedelta(days=1))
        since = select(func.min(c.made_at)).where(waits)
        async with self._database.read() as connection:
            return Backlog(
                await connection.scalar(count.where(waits)) or 0,
                await connection.scalar(since),
                await connection.scalar(refused) or 0,
            )

    async def _not_sent(self, mail: M, values: Mapping[str, Any]) -> bool:
        own = {"in_hand": mail.in_hand}
        if await self._settle(mail, ["waiting"], dict(values) | own):
            return True
        await self._settle(mail, ["dropped"], own)
        return False

    async def _settle(self, mail: M, states: list[MailState], values: Mapping[str, Any]) -> bool:
        c = self._table.c
        mine: tuple[ColumnElement[bool], ...] = (
            c.id == mail.id,
            c.tries == mail.tries,
            c.state.in_(states),
        )
        async with self._database.write() as connection:
            done = await connection.execute(update(self._table).where(*mine).values(values))
        return bool(done.rowcount)


def _settled(state: MailState, address: str, error: str, now: dt.datetime) -> Mapping[str, Any]:
    return {
        "state": state,
        "settled_at": now,
        "in_hand": False,
        "address": address,
        "error": cut(error),
    }


def cut(error: str) -> str:
    return error.replace("\0", "")[:MOST_ERROR]
