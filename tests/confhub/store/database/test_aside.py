"""Large reads leave the caller's thread alone."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import threading
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.config import Settings
from confhub.errors import NotFound, Unavailable
from confhub.store import Store
from confhub.store.database.aside import READERS, Aside
from confhub.store.database.database import FEW, Database
from confhub.store.database.engines import POOL_TIMEOUT_S
from confhub.store.database.location import database_url
from confhub.turns import asking


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


async def _nothing() -> None:
    pass


async def test_a_read_waits_for_its_turn_for_a_limited_time() -> None:
    aside = Aside(turn_timeout_s=0.05)
    begun = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()

    async def stays() -> None:
        loop.call_soon_threadsafe(begun.release)
        await asyncio.Event().wait()

    async def answer() -> int:
        return 42

    reading = [asyncio.create_task(aside.read(stays)) for _ in range(READERS)]
    for _ in reading:
        await begun.acquire()
    with pytest.raises(TimeoutError):
        await aside.read(answer)
    assert await aside.run(answer) == 42  # writes have a bound of their own
    reading.pop().cancel()
    while await _tried(aside, answer) is None:
        pass  # until the cancelled one has left there
    await aside.close(_nothing)
    with pytest.raises(asyncio.CancelledError):
        await reading[0]


async def _tried(aside: Aside, work: Callable[[], Awaitable[int]]) -> int | None:
    with contextlib.suppress(TimeoutError):
        return await aside.read(work)
    return None


async def test_after_it_is_closed_nothing_begins_there(store: Store, settings: Settings) -> None:
    database = Database(database_url(settings))
    await database.close()

    async def work(_connection: AsyncConnection) -> None:
        raise AssertionError

    with pytest.raises(Unavailable):
        await database.read_aside(work)
    with pytest.raises(Unavailable):
        await database.write_aside(work)
    aside = Aside()
    await aside.close(_nothing)
    with pytest.raises(Unavailable):
        await aside.run(_nothing)


async def test_few_rows_are_read_while_large_reads_hold_every_turn(
    store: Store, settings: Settings
) -> None:
    database = Database(database_url(settings))
    begun = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()

    async def stays(_connection: AsyncConnection) -> None:
        loop.call_soon_threadsafe(begun.release)
        await asyncio.Event().wait()

    async def where(_connection: AsyncConnection) -> str:
        return threading.current_thread().name

    assert await database.read_many(FEW + 1, where) == "store aside"
    reading = [asyncio.create_task(database.read_aside(stays)) for _ in range(READERS)]
    for _ in reading:
        await begun.acquire()
    assert await database.read_many(FEW, where) == threading.current_thread().name
    assert await database.write_aside(where) == "store aside"
    for task in reading:
        task.cancel()
    await asyncio.wait(reading)
    await database.close()


async def test_names_of_a_room_are_read_while_large_reads_hold_every_turn(store: Store) -> None:
    begun = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()

    async def stays(_connection: AsyncConnection) -> None:
        loop.call_soon_threadsafe(begun.release)
        await asyncio.Event().wait()

    database = store.units._database
    reading = [asyncio.create_task(database.read_aside(stays)) for _ in range(READERS)]
    for _ in reading:
        await begun.acquire()
    async with asyncio.timeout(POOL_TIMEOUT_S / 2):
        assert await store.sites.get_many(["none"]) == []
        assert await store.units.get_many(["none"], dt.date(2026, 11, 29)) == []
    for task in reading:
        task.cancel()
    await asyncio.wait(reading)


async def test_who_asks_much_leaves_a_reader_for_others() -> None:
    aside = Aside(turn_timeout_s=10)
    begun, leave = asyncio.Semaphore(0), asyncio.Event()
    loop = asyncio.get_running_loop()
    there: list[asyncio.AbstractEventLoop] = []

    async def stays() -> int:
        there.append(asyncio.get_running_loop())
        loop.call_soon_threadsafe(begun.release)
        await leave.wait()
        return 1

    async def answer() -> int:
        return 42

    with asking("account", "greedy"):
        greedy = [asyncio.create_task(aside.read(stays)) for _ in range(4 * READERS)]
    await begun.acquire()
    with asking("account", "modest"):
        assert await aside.read(answer) == 42
    assert begun.locked()  # only one of the greedy ones is at work
    there[0].call_soon_threadsafe(leave.set)
    assert await asyncio.gather(*greedy) == [1] * len(greedy)
    assert not aside._own
    await aside.close(_nothing)


_COUNT = "SELECT count(*) FROM (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n"
ENDLESS = text(f"{_COUNT} WHERE x < 100000000000) SELECT x FROM n) AS counted")


async def test_a_question_that_has_no_end_is_broken_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confhub.store.database.database.ASIDE_CPU_S", 0.1)
    ending = text("SET LOCAL statement_timeout = '100ms'")
    monkeypatch.setattr("confhub.store.database.database._ASIDE_END", ending)
    database = Database(database_url(settings))

    async def endless(connection: AsyncConnection) -> None:
        await connection.execute(ENDLESS)

    async def short(connection: AsyncConnection) -> int:
        answer: int = await connection.scalar(text("SELECT 42"))
        return answer

    with pytest.raises(Unavailable):
        await database.read_aside(endless)
    assert await database.read_aside(short) == 42
    await database.close()
