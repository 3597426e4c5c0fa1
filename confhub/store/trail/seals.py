"""The audit trail's chain: lines get their place once they are settled, and lose it from the front.

One row of `audit_chain` is held by who seals or forgets, so there is one order for all hubs, and
whoever writes lines waits for nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.trail.belonging import lines_of
from confhub.trail.chain import BEGINNING, Ends, Line, Sealed, seal
from confhub.trail.check import Check, Verdict

_ONE = "chain"  # the id of the table's only row
# Read at once: some tens of milliseconds.
PAGE = 1000
# Looked through at once for those of a unit: some tens of milliseconds too.
SPAN = 20_000

c = t.audit.c
_COLUMNS = (c.id, c.at, c.account_id, c.action, c.subject, c.detail, c.address, c.changes)


class SealStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def seal(self, before: dt.datetime, limit: int) -> tuple[int, Ends]:
        """Give lines of before then their place, by time, after all that have one; how many."""
        waiting = (
            select(*_COLUMNS)
            .where(c.seq.is_(None), c.at < before)
            .order_by(c.at, c.id)
            .limit(limit)
            .with_for_update()  # a line that counts may be counting
        )
        async with self._database.write() as connection:
            ends = await self._held(connection)
            rows = (await connection.execute(waiting)).all()
            if not rows:
                return 0, ends
            seq, head, places = ends.last, ends.head, []
            for row in rows:
                seq += 1
                head = seal(head, seq, _line(row))
                places.append({"of": row.id, "seq": seq, "hash": head})
            await connection.execute(update(t.audit).where(c.id == bindparam("of")), places)
            ends = Ends(ends.first, ends.anchor, seq, head)
            await self._keep(connection, ends)
        return len(rows), ends

    async def forget(self, before: dt.datetime, limit: int) -> tuple[int, Ends]:
        """Delete the first lines of the chain up to the first that is not of before then; how
        many, and where the rest begins."""
        async with self._database.write() as connection:
            ends = await self._held(connection)
            first = select(c.seq, c.at, c.hash).where(c.seq >= ends.first).order_by(c.seq)
            rows = await connection.execute(first.limit(limit))
            old = list(takewhile(lambda row: row.at < before, rows))
            if old:
                ends = Ends(old[-1].seq + 1, old[-1].hash, ends.last, ends.head)
                await connection.execute(delete(t.audit).where(c.seq < ends.first))
                await self._keep(connection, ends)
        return len(old), ends

    async def check(self, noted: tuple[int, str] | None = None) -> Verdict:
        """Read every line that is kept, as of one moment. See `Check`."""
        async with self._database.read() as connection:
            ends = (await connection.execute(select(*_ENDS))).one_or_none()
            check = Check(Ends(*ends) if ends else Ends(), noted)
            after = 0, ""
            while page := await _page(connection, *after):
                for one in page:
                    check.take(one)
                after = page[-1].seq, page[-1].line.id
            waiting = select(*_COLUMNS).where(c.seq.is_(None)).order_by(c.at, c.id)
            async with connection.stream(waiting) as rows:
                async for row in rows:
                    check.take_waiting(_line(row))
        return check.verdict()

    async def pages(
        self,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        of: tuple[str, dt.date] | None = None,
    ) -> AsyncIterator[list[Sealed]]:
        """The lines of the chain, PAGE at most at once and never none, each with the hash before
        it; of [since, until) if given, and of a unit and those below it as they stand on a day."""
        after, last = await self._span(since, until)
        while after < last:
            end = min(after + SPAN, last)
            page = await self._piece(after, end, since, until, of)
            if page:
                yield page
            after = page[-1].seq if len(page) == PAGE else end

    async def _span(self, since: dt.datetime | None, until: dt.datetime | None) -> tuple[int, int]:
        """The number before the first line of [since, until), and that of the last; alike where
        there is none."""
        within = (c.seq.is_not(None), *_within(c.at, since, until))
        first, last = (select(end(c.seq)).where(*within) for end in (func.min, func.max))
        query = select(first.scalar_subquery(), last.scalar_subquery())

        async def read(connection: AsyncConnection) -> tuple[int, int]:
            first, last = (await connection.execute(query)).one()
            return (0, 0) if first is None else (first - 1, last)

        return await self._database.read_aside(read)

    async def _piece(
        self,
        after: int,
        end: int,
        since: dt.datetime | None,
        until: dt.datetime | None,
        of: tuple[str, dt.date] | None,
    ) -> list[Sealed]:
        """The first PAGE lines numbered after `after` up to `end`."""
        # What is no plain column is not looked up in an index: SQLite would read and sort the whole
        # of [since, until) for each piece.
        at = func.coalesce(c.at, c.at)
        chosen = [*_within(at, since, until), *(() if of is None else (lines_of(*of),))]
        query = select(*_COLUMNS, c.seq, c.hash, _before())
        query = query.where(c.seq > after, c.seq <= end, *chosen)
        query = query.order_by(c.seq, c.id).limit(PAGE)

        async def read(connection: AsyncConnection) -> list[Sealed]:
            rows = await connection.execute(query)
            return [Sealed(_line(row), row[-3], row[-2] or "", row[-1]) for row in rows]

        return await self._database.read_aside(read)

    async def waiting(
        self, since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> list[Sealed]:
        """The first PAGE lines that have no place yet: those of the last minutes."""
        query = select(*_COLUMNS).where(c.seq.is_(None), *_within(c.at, since, until))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(c.at, c.id).limit(PAGE))
            return [Sealed(_line(row)) for row in rows]

    async def _held(self, connection: AsyncConnection) -> Ends:
        """The ends of the chain, held until the transaction is over."""
        ends = Ends()
        new = {"id": _ONE, "first": 1, "anchor": ends.anchor, "last": 0, "head": ends.head}
        insert = self._database.insert(t.audit_chain).values(new)
        await connection.execute(insert.on_conflict_do_nothing())
        return Ends(*(await connection.execute(select(*_ENDS).with_for_update())).one())

    async def _keep(self, connection: AsyncConnection, ends: Ends) -> None:
        values = {"first": ends.first, "anchor": ends.anchor, "last": ends.last, "head": ends.head}
        await connection.execute(update(t.audit_chain).values(values))


_ENDS = (
    t.audit_chain.c.first,
    t.audit_chain.c.anchor,
    t.audit_chain.c.last,
    t.audit_chain.c.head,
)


async def _page(connection: AsyncConnection, after: int, after_id: str) -> list[Sealed]:
    # By the id too: a number that stands twice is a fault to be found, not to be passed over.
    later = (c.seq > after) | ((c.seq == after) & (c.id > after_id))
    query = select(*_COLUMNS, c.seq, c.hash).where(later)
    rows = await connection.execute(query.order_by(c.seq, c.id).limit(PAGE))
    return [Sealed(_line(row), row[-2], row[-1] or "") for row in rows]


def _before() -> ColumnElement[str]:
    """The hash of the line before, also where that was forgotten."""
    previous, chain = t.audit.alias("previous"), t.audit_chain.c
    hash_before = select(previous.c.hash).where(previous.c.seq == c.seq - 1).limit(1)
    anchor = select(chain.anchor).where(chain.first == c.seq).limit(1)
    found: ColumnElement[str] = func.coalesce(
        hash_before.scalar_subquery(), anchor.scalar_subquery(), literal(BEGINNING)
    )
    return found


def _within(
    at: ColumnElement[dt.datetime], since: dt.datetime | None, until: dt.datetime | None
) -> list[ColumnElement[bool]]:
    return [
        *([] if since is None else [at >= since]),
        *([] if until is None else [at < until]),
    ]


def _line(row: Sequence[Any]) -> Line:
    return Line(*row[: len(_COLUMNS)])
