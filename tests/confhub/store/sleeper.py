"""A hub in a process of its own that stops (SIGSTOP) in the middle of writing about its room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

from asyncpg.connection import Connection
from sqlalchemy import event
from sqlalchemy.engine import Engine

from confhub.config import Settings
from confhub.errors import Unavailable
from confhub.meetings.ownership import Fence
from confhub.store import Store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from tests.confhub.store.country import NOW


def stop(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def sleep_while_writing(settings: Settings, fence: Fence, where: str, silent_s: float) -> None:
    """Where: `before`, the room's row is locked and the server waits for the next statement;
    `within`, that one is sent only in part; `after`, it is done and not committed."""
    _sleep(where)
    asyncio.run(_save(settings, fence, silent_s))


async def _save(settings: Settings, fence: Fence, silent_s: float) -> None:
    store = Store(Database(database_url(settings), silent_s=silent_s))
    with contextlib.suppress(Unavailable):  # its connection is gone
        await store.rooms.save_snapshot(fence, b"late", NOW)


def _sleep(where: str) -> None:
    def on_insert(call: Callable[..., None]) -> Callable[..., None]:
        def called(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
            if statement.startswith("INSERT"):
                call()

        return called

    if where == "before":
        event.listen(Engine, "before_cursor_execute", on_insert(stop))
    elif where == "after":
        event.listen(Engine, "after_cursor_execute", on_insert(stop))
    else:
        prepare = Connection.prepare

        async def prepared(self: Connection, query: str, **options: Any) -> Any:
            made = await prepare(self, query, **options)
            if query.startswith("INSERT"):
                stop()
            return made

        Connection.prepare = prepared
