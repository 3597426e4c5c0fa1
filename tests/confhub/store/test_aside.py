"""Large reads leave the caller's thread alone."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.config import Settings
from confhub.errors import NotFound, Unavailable
from confhub.store import Store
from confhub.store.aside import Aside
from confhub.store.database import Database
from confhub.store.location import database_url


async def test_large_reads_are_made_in_another_thread_over_the_same_data(
    store: Store, settings: Settings
) -> None:
    database = Database(database_url(settings))
    found: list[tuple[str, int]] = []

    async def work(connection: AsyncConnection) -> int:
        answer: int = await connection.scalar(text("SELECT count(*) FROM audit"))
        found.append((threading.current_thread().name, answer))
        return answer

    assert await database.read_aside(work) == 0
    assert found == [("store aside", 0)]
    await database.close()
    assert "store aside" not in [thread.name for thread in threading.enumerate()]


async def test_what_goes_wrong_there_is_told_here(store: Store, settings: Settings) -> None:
    database = Database(database_url(settings))

    async def fails(_connection: AsyncConnection) -> None:
        raise NotFound

    async def too_slow(_connection: AsyncConnection) -> None:
        raise TimeoutError

    with pytest.raises(NotFound):
        await database.read_aside(fails)
    with pytest.raises(Unavailable):
        await database.read_aside(too_slow)
    await database.close()


async def test_who_is_cancelled_here_stops_the_work_there() -> None:
    aside = Aside()
    begun, ended = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            loop.call_soon_threadsafe(ended.set)

    working = asyncio.create_task(aside.run(work))
    await begun.wait()
    working.cancel()
    async with asyncio.timeout(10):
        await ended.wait()

    async def last() -> None:
        pass

    await aside.close(last)
    await aside.close(last)


async def test_closing_waits_for_what_is_still_at_work_there() -> None:
    aside = Aside()
    begun, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    async def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    async def last() -> None:
        assert ended.is_set()

    working = asyncio.create_task(aside.run(work))
    await begun.wait()
    await aside.close(last)
    with pytest.raises(asyncio.CancelledError):
        await working
