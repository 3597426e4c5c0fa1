"""Engines for the two databases, with every wait bounded."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from confhub.store.database.driver import Connection as SqliteConnection

# A request of a page should fail while the person still looks at it.
CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5
# PostgreSQL ends a statement first, so that the driver's own limit stays the last resort.
STATEMENT_TIMEOUT_S = 10
# How long a writer waits for another: a row in PostgreSQL, the whole file in SQLite.
LOCK_TIMEOUT_S = 5.0
DRIVER_MARGIN_S = 2
# What is read aside are pages: a whole country's take some tenths of a second. One that takes so
# much of a core is broken off, before others have waited for its turn for POOL_TIMEOUT_S.
ASIDE_CPU_S = 2.0
ASIDE_STATEMENT_TIMEOUT_S = 4  # PostgreSQL has no measure but the clock
# Between the statements of a transaction a hub computes for milliseconds. One that is silent for so
# long sleeps (its machine is paused), and its locks hold up the hubs that are awake: its session is
# ended, well before they may take its rooms (`lease_s`).
SILENT_S = 10.0
APPLICATION = "confhub"
# A hub writes one thing at a time and reads pages; ten connections leave a small
# PostgreSQL (100) room for several hubs.
POOL: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 0,  # one that is opened for each rush costs more than the rush
    "pool_timeout": POOL_TIMEOUT_S,
}
# So many may write to PostgreSQL at once; the rest is left for readers.
WRITERS = 5
# So many may wait, each in the line of whoever asks: at a millisecond a read, what is done in the
# time that anybody waits.
MOST_WAITING = 4096

# A statement may run for so long after its caller went away; a thread that outlives this is left.
THREADS_END_WITHIN_S = 10.0

# The execution option that names how a SQLite transaction begins.
SQLITE_BEGIN = "sqlite_begin"


class DriverThreads:
    """The threads of SQLite's driver, one a connection.

    A statement whose caller was cancelled goes on in its thread, which then tells the loop. A loop
    that is closed before has nobody to tell.
    """

    def __init__(self) -> None:
        self._threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()

    def connect(self, *arguments: Any, **options: Any) -> SqliteConnection:
        """In the driver's place, before it connects."""
        connection = SqliteConnection(*arguments, **options)
        thread = connection._thread
        thread.daemon = True  # a hub that is killed does not wait for it
        self._threads.add(thread)
        return connection

    async def end(self) -> None:
        """Return when all have ended; their connections are closed, or about to be."""
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        for thread in list(self._threads):
            if thread.is_alive():
                thread.join(THREADS_END_WITHIN_S)


def sqlite_engine(
    url: URL,
    *,
    foreign_keys: bool = True,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    threads: DriverThreads | None = None,
) -> AsyncEngine:
    """An engine whose transactions begin as the option SQLITE_BEGIN says, else IMMEDIATE.

    `foreign_keys` off is for migrations, which may build a table anew. `threads` gets to know those
    of the connections.
    """
    known = threads or DriverThreads()
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        hide_parameters=True,  # they are hashes, tokens, names: not for the log
        **POOL,
        connect_args={"timeout": lock_timeout_s, "async_creator_fn": known.connect},
    )

    def prepare(connection: Any, _record: Any) -> None:
        # The driver would begin by itself, late and deferred; None leaves BEGIN to _begin.
        connection.isolation_level = None
        cursor = connection.cursor()
        # NORMAL is safe from corruption in the write-ahead mode that migrations put the file in;
        # a power cut may lose the last moments only.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A deferred BEGIN that reads first cannot become a writer once another has written: it
    # fails at once whatever the busy timeout. IMMEDIATE takes its turn before it reads.
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get(SQLITE_BEGIN, "BEGIN IMMEDIATE"))


def postgresql_engine(
    url: URL,
    *,
    statement_timeout_s: int = STATEMENT_TIMEOUT_S,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
    silent_s: float = SILENT_S,
) -> AsyncEngine:
    """An engine whose connections give up a statement, a lock or an idle transaction in time.

    What idles in the middle of a statement is for confhub/store/database/silence.py.
    """
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        hide_parameters=True,
        **POOL,
        pool_pre_ping=True,  # a restarted server costs no request
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": statement_timeout_s + DRIVER_MARGIN_S,
            "server_settings": {
                "application_name": APPLICATION,
                "statement_timeout": f"{statement_timeout_s}s",
                "lock_timeout": _ms(lock_timeout_s),
                "idle_in_transaction_session_timeout": _ms(silent_s),
                "timezone": "UTC",
            },
        },
    )


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
