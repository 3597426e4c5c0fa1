"""What a repository stands on: a database, or one transaction of it."""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    String,
    Table,
    any_,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.store.database.failures import translated

T = TypeVar("T")


class Transactions(ABC):
    """Reading and writing, and the few differences between the databases."""

    is_sqlite: bool

    @abstractmethod
    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A read-only view of one moment."""

    @abstractmethod
    async def read_aside(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `work` makes of a view: for thousands of rows."""

    @abstractmethod
    async def read_many(self, count: int, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `work` makes of `count` rows."""

    @abstractmethod
    def write(
        self, in_use: str | None = None, *, alone: Table | None = None
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        """To write, all or nothing; `in_use` words a broken uniqueness.

        `alone` holds off other writers to that table, for rules over several of its rows.
        """

    @abstractmethod
    async def write_aside(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        in_use: str | None = None,
        *,
        alone: Table | None = None,
    ) -> T:
        """As `write`, for thousands of rows."""

    def among(self, column: ColumnElement[str], ids: Collection[str]) -> ColumnElement[bool]:
        """`column IN ids` as one parameter, for any number of ids."""
        if self.is_sqlite:
            # As text: made of expressions it takes longer than most of the queries it is in.
            given: BindParameter[str] = bindparam("ids", json.dumps(list(ids)), unique=True)
            return column.in_(text("SELECT value FROM json_each(:ids)").bindparams(given))
        return column == any_(bindparam(None, list(ids), type_=ARRAY(String)))

    def insert(self, table: Table) -> Any:
        """An insert that knows `on_conflict_do_update` (spelt alike on both databases)."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def now(self, connection: AsyncConnection) -> dt.datetime:
        """The database's clock, one for all hubs; a SQLite file is on this machine."""
        if self.is_sqlite:
            return dt.datetime.now(dt.UTC)
        query = select(func.clock_timestamp(type_=DateTime(timezone=True)))
        return (await connection.execute(query)).scalar_one().astimezone(dt.UTC)

    async def lock(self, connection: AsyncConnection, alone: Table | None) -> None:
        """Hold off other writers to a table until the transaction ends."""
        if alone is not None and not self.is_sqlite:  # SQLite has one writer anyway
            await connection.execute(text(f"LOCK TABLE {alone.name} IN SHARE ROW EXCLUSIVE MODE"))


class Joined(Transactions):
    """One transaction of somebody else's: every read and write takes part in it.

    After an error the transaction is no good any more (PostgreSQL would answer its COMMIT by a
    silent rollback): `failed` then.
    """

    def __init__(self, connection: AsyncConnection, *, is_sqlite: bool) -> None:
        self._connection = connection
        self.is_sqlite = is_sqlite
        self.failed = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self.write() as connection:
            yield connection

    async def read_aside(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        return await self.write_aside(work)

    async def read_many(self, count: int, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        return await self.write_aside(work)

    @asynccontextmanager
    async def write(
        self, in_use: str | None = None, *, alone: Table | None = None
    ) -> AsyncIterator[AsyncConnection]:
        try:
            with translated(in_use):
                await self.lock(self._connection, alone)
                yield self._connection
        except BaseException:
            self.failed = True
            raise

    async def write_aside(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        in_use: str | None = None,
        *,
        alone: Table | None = None,
    ) -> T:
        async with self.write(in_use, alone=alone) as connection:
            return await work(connection)
