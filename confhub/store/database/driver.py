"""SQLite's driver with one trip to its thread for a statement, where SQLAlchemy makes four.

It asks for a cursor, executes, fetches and closes, and waits for the thread each time: two switches
between threads, which cost more than most of our statements. Here a cursor is made, gives its first
rows and is closed in the trip that executes. What has more rows is read on in further trips, so
that one can still stream.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import aiosqlite

# A page has 50 rows, a district's sites are some dozens, a province's 140.
FIRST_ROWS = 500
Row = tuple[Any, ...]
T = TypeVar("T")


class Connection(aiosqlite.Connection):
    """As aiosqlite's, with these cursors."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(functools.partial(sqlite3.connect, *arguments, **options), FIRST_ROWS)

    def cursor(self) -> Cursor:  # type: ignore[override] # as SQLAlchemy uses it, and nobody else
        return Cursor(self)

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """What `work` makes of its arguments, in the thread of this connection."""
        made: T = await self._execute(work, *arguments)  # type: ignore[no-untyped-call]
        return made

    @property
    def driver(self) -> sqlite3.Connection:
        return self._conn


class Cursor:
    """One statement and its rows. `_more`, `_rest` and `_run` work in the connection's thread."""

    arraysize = 1  # of PEP 249: what `fetchmany` takes where nobody says

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._unread: sqlite3.Cursor | None = None  # the same, while it has more rows
        self._rows: list[Row] = []

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Cursor:
        self._rows = await self._connection.in_thread(self._run, "execute", sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Cursor:
        self._rows = await self._connection.in_thread(self._run, "executemany", sql, parameters)
        return self

    async def fetchone(self) -> Row | None:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int = arraysize) -> list[Row]:
        if self._unread is not None and len(self._rows) < size:
            self._rows += await self._connection.in_thread(self._more, self._unread, size)
        found, self._rows = self._rows[:size], self._rows[size:]
        return found

    async def fetchall(self) -> list[Row]:
        if self._unread is not None:
            self._rows += await self._connection.in_thread(self._rest, self._unread)
        found, self._rows = self._rows, []
        return found

    async def close(self) -> None:
        if self._unread is not None:
            await self._connection.in_thread(self._unread.close)
            self._unread = None

    # A closed cursor still tells these.

    @property
    def description(self) -> Any:
        return None if self._cursor is None else self._cursor.description

    @property
    def rowcount(self) -> int:
        return -1 if self._cursor is None else self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return None if self._cursor is None else self._cursor.lastrowid

    def _run(self, how: str, sql: str, parameters: Any) -> list[Row]:
        cursor = self._cursor = self._connection.driver.cursor()
        try:
            getattr(cursor, how)(sql, parameters)
            if cursor.description:
                self._unread = cursor
                return self._more(cursor, FIRST_ROWS)
        except BaseException:
            self._unread = None
            cursor.close()
            raise
        cursor.close()
        return []

    def _more(self, cursor: sqlite3.Cursor, size: int) -> list[Row]:
        rows = cursor.fetchmany(size)
        if len(rows) < size:
            self._unread = None
            cursor.close()
        return rows

    def _rest(self, cursor: sqlite3.Cursor) -> list[Row]:
        rows = cursor.fetchall()
        self._unread = None
        cursor.close()
        return rows
