"""An end in time for each statement of SQLite, which has none by itself.

PostgreSQL has its statement_timeout. SQLite calls back while it works, in the thread that works.
"""

from __future__ import annotations

import math
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

# So many steps of SQLite are some ten milliseconds, beside which a call back is nothing.
STEPS = 500_000
_WATCH = "statement_end"


class Watch:
    """Says when a statement has had `cpu_s` of its thread, or has taken `wall_s`."""

    def __init__(self, cpu_s: float, wall_s: float) -> None:
        self._cpu_s, self._wall_s = cpu_s, wall_s
        self._until = math.inf
        self._cpu_until: float | None = None

    def begin(self, *, bounded: bool) -> None:
        self._until = time.monotonic() + self._wall_s if bounded else math.inf
        self._cpu_until = None

    def is_over(self) -> bool:
        """Asked in the thread that works."""
        if self._until == math.inf:
            return False
        used = time.thread_time()
        if self._cpu_until is None:  # only this thread knows its own time
            self._cpu_until = used + self._cpu_s
        return used > self._cpu_until or time.monotonic() > self._until


def end_statements(
    engine: AsyncEngine, reading: dict[str, str], cpu_s: float, wall_s: float
) -> None:
    """SQLITE_INTERRUPT for reads that take longer; those whose connection has the options
    `reading`. What writes has its bound in how much is written."""

    def watch(connection: Any, record: Any) -> None:
        made = record.info[_WATCH] = Watch(cpu_s, wall_s)
        connection.run_async(lambda driver: driver.set_progress_handler(made.is_over, STEPS))

    def begin(connection: Connection, *_statement: Any) -> None:
        options = connection.get_execution_options()
        bounded = all(options.get(name) == value for name, value in reading.items())
        connection.info[_WATCH].begin(bounded=bounded)

    event.listen(engine.sync_engine, "connect", watch)
    event.listen(engine.sync_engine, "before_cursor_execute", begin)
