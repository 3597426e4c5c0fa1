"""One database, SQLite or PostgreSQL: its pool, its transactions, the few dialect differences."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Table, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from confhub.errors import N_, BadInput, Unavailable
from confhub.store.database.aside import Aside
from confhub.store.database.engines import (
    ASIDE_CPU_S,
    ASIDE_STATEMENT_TIMEOUT_S,
    LOCK_TIMEOUT_S,
    MOST_WAITING,
    POOL,
    POOL_TIMEOUT_S,
    SILENT_S,
    SQLITE_BEGIN,
    STATEMENT_TIMEOUT_S,
    WRITERS,
    DriverThreads,
    postgresql_engine,
    sqlite_engine,
)
from confhub.store.database.failures import translated
from confhub.store.database.silence import end_silent
from confhub.store.database.statement_end import end_statements
from confhub.store.database.transactions import Transactions
from confhub.turns import ASKER, Turns

T = TypeVar("T")
IsThere = Callable[[AsyncConnection], Awaitable[bool]]

# Objects of so many rows are made in some ten milliseconds, less than a turn aside may take.
FEW = 200

# Where a connection dies at COMMIT, its failure is this one.
UNKNOWN = "store_unavailable"
# A server that restarts is back in a second or two; somebody waits for the page.
RESOLVE_WITHIN_S = 5.0
RESOLVE_EVERY_S = 0.2

_ASIDE_END = text(f"SET LOCAL statement_timeout = '{ASIDE_STATEMENT_TIMEOUT_S}s'")

_TOO_LONG = N_("“%(value)s…” dài quá %(limit)d ký tự.")
_NUL = N_("Văn bản chứa ký tự không dùng được.")


class Database(Transactions):
    """Short transactions over one engine. `read` sees one moment; `write` is all or nothing.

    Those who wait for a connection stand in lines by who asks (`confhub.turns.ASKER`).
    """

    def __init__(
        self, url: URL, *, lock_timeout_s: float = LOCK_TIMEOUT_S, silent_s: float = SILENT_S
    ) -> None:
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._silent_s = silent_s
        self._threads = DriverThreads()
        self._engine = self._open(url, lock_timeout_s, self._threads)
        if self.is_sqlite:
            _end_reads(self._engine, STATEMENT_TIMEOUT_S)
        # Of another loop: connections belong to the loop that opened them.
        self._aside_threads = DriverThreads()
        self._aside_engine = self._open(url, lock_timeout_s, self._aside_threads)
        if self.is_sqlite:
            _end_reads(self._aside_engine, ASIDE_CPU_S)
        self._aside = Aside()
        # SQLite has one writer at a time. Queueing here is fair and free; the file's own lock,
        # which polls, is left for other processes.
        writers = 1 if self.is_sqlite else WRITERS
        self._writers = Turns(writers, MOST_WAITING)
        # The pool serves by arrival: nobody is to wait there.
        self._readers = Turns(POOL["pool_size"] - writers, MOST_WAITING)

    def _open(self, url: URL, lock_timeout_s: float, threads: DriverThreads) -> AsyncEngine:
        if self.is_sqlite:
            return sqlite_engine(url, lock_timeout_s=lock_timeout_s, threads=threads)
        return postgresql_engine(url, lock_timeout_s=lock_timeout_s, silent_s=self._silent_s)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A read-only view of one moment; never blocked by writers."""
        engine = _options(self._engine, self.is_sqlite, write=False)
        with translated():
            async with _turn(self._readers), engine.connect() as connection:
                yield connection

    async def read_aside(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `work` makes of a view as `read` gives it, in another thread: for thousands of rows.

        Unavailable for a statement that takes seconds, as nothing does that somebody waits for.
        `work` touches nothing that the caller's thread may be changing.
        """

        async def there() -> T:
            engine = _options(self._aside_engine, self.is_sqlite, write=False)
            async with engine.connect() as connection:
                if not self.is_sqlite:
                    await connection.execute(_ASIDE_END)
                return await work(connection)

        with translated():
            return await self._aside.read(there)

    async def read_many(self, count: int, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `work` makes of `count` rows: as `read` where they are few, else `read_aside`.

        Few rows, as entering a room takes, do not wait behind pages of a whole country.
        """
        if count > FEW:
            return await self.read_aside(work)
        async with self.read() as connection:
            return await work(connection)

    @contextlib.asynccontextmanager
    async def write(
        self, in_use: str | None = None, *, alone: Table | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A write transaction, committed at the end; `in_use` words a broken uniqueness.

        `alone` holds off other writers to that table, for rules over several of its rows.
        """
        with translated(in_use):
            async with _turn(self._writers), self._transaction(self._engine, alone) as connection:
                yield connection

    async def write_aside(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        in_use: str | None = None,
        *,
        alone: Table | None = None,
    ) -> T:
        """As `write`, in another thread as `read_aside`: for thousands of rows."""

        async def there() -> T:
            async with self._transaction(self._aside_engine, alone) as connection:
                return await work(connection)

        with translated(in_use):
            async with _turn(self._writers):
                return await self._aside.run(there)

    @contextlib.asynccontextmanager
    async def work(self, is_there: IsThere) -> AsyncIterator[AsyncConnection]:
        """A write transaction whose outcome is known even where the answer to its COMMIT is lost.

        Then `is_there` looks for what was written, over another connection. Unavailable where
        that does not answer in time either: the caller cannot know.
        """
        with translated():
            async with _turn(self._writers), self._resolved(self._engine, is_there) as connection:
                yield connection

    async def work_aside(
        self, is_there: IsThere, work: Callable[[AsyncConnection], Awaitable[T]]
    ) -> T:
        """As `work`, in another thread as `write_aside`: for thousands of rows."""

        async def there() -> T:
            async with self._resolved(self._aside_engine, is_there) as connection:
                return await work(connection)

        with translated():
            async with _turn(self._writers):
                return await self._aside.run(there)

    @contextlib.asynccontextmanager
    async def _resolved(
        self, engine: AsyncEngine, is_there: IsThere
    ) -> AsyncIterator[AsyncConnection]:
        writing = _options(engine, self.is_sqlite, write=True)
        async with writing.connect() as connection:
            await connection.begin()
            yield connection
            try:
                await self._commit(connection)
                return
            except Unavailable as error:
                lost = error
        if self.is_sqlite or lost.code != UNKNOWN:  # a file has no answers to lose
            raise lost
        if not await self._was_committed(engine, is_there):
            raise lost

    async def _commit(self, connection: AsyncConnection) -> None:
        with translated():
            await connection.commit()

    async def _was_committed(self, engine: AsyncEngine, is_there: IsThere) -> bool:
        async with asyncio.timeout(RESOLVE_WITHIN_S):
            while True:
                try:
                    with translated():
                        async with engine.connect() as connection:
                            return await is_there(connection)  # rolled back
                except Unavailable:
                    await asyncio.sleep(RESOLVE_EVERY_S)

    @contextlib.asynccontextmanager
    async def _transaction(
        self, engine: AsyncEngine, alone: Table | None
    ) -> AsyncIterator[AsyncConnection]:
        async with _options(engine, self.is_sqlite, write=True).begin() as connection:
            await self.lock(connection, alone)
            yield connection

    async def ping(self) -> None:
        """Raise Unavailable if the database does not answer in time."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def end_silent(self) -> int:
        """Cut off hubs that sleep in the middle of a statement, with what they lock; how many
        sessions. Unavailable."""
        if self.is_sqlite:  # the kernel lets go of its locks, and one hub is alone in its file
            return 0
        async with self.read() as connection:
            return await end_silent(connection, self._silent_s)

    async def close(self) -> None:
        await self._aside.close(self._close_aside)
        await self._engine.dispose()
        await self._threads.end()

    async def _close_aside(self) -> None:
        await self._aside_engine.dispose()
        await self._aside_threads.end()


def _end_reads(engine: AsyncEngine, cpu_s: float) -> None:
    end_statements(engine, {SQLITE_BEGIN: "BEGIN"}, cpu_s, STATEMENT_TIMEOUT_S)


def _turn(turns: Turns) -> contextlib.AbstractAsyncContextManager[None]:
    return turns.turn(*ASKER.get(), timeout_s=POOL_TIMEOUT_S)


def fitting(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` if each text fits its column; BadInput otherwise.

    SQLite would keep any length and NUL characters that PostgreSQL refuses.
    """
    lengths = _lengths(table)
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        limit = lengths[name]
        if limit is not None and len(value) > limit:
            raise BadInput(_TOO_LONG, code="too_long", values={"value": value[:30], "limit": limit})
        if "\0" in value:
            raise BadInput(_NUL, code="bad_value")
    return dict(values)


@functools.cache
def _lengths(table: Table) -> Mapping[str, int | None]:
    """How long the texts of each column may be; asked for each row that is written."""
    return {column.name: getattr(column.type, "length", None) for column in table.c}


def _options(engine: AsyncEngine, is_sqlite: bool, *, write: bool) -> AsyncEngine:
    if is_sqlite:
        return engine.execution_options(**{SQLITE_BEGIN: "BEGIN IMMEDIATE" if write else "BEGIN"})
    if write:
        return engine
    # Several queries of one read must see the same moment, as they do under SQLite.
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
