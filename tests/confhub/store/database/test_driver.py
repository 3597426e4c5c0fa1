"""A statement of SQLite is one trip to the driver's thread, whatever it gives."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.config import Settings
from confhub.store.database.driver import FIRST_ROWS
from confhub.store.database.engines import sqlite_engine
from confhub.store.database.location import database_url

MANY = 3 * FIRST_ROWS + 7
_COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :rows)"
COUNTED = text(f"{_COUNTED} SELECT i FROM n")


@pytest.fixture
async def connection(sqlite_settings: Settings) -> AsyncIterator[AsyncConnection]:
    engine = sqlite_engine(database_url(sqlite_settings))
    async with engine.connect() as made:
        await made.execute(text("CREATE TABLE one (i INTEGER PRIMARY KEY)"))
        yield made
    await engine.dispose()


@pytest.fixture
def trips(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """How often the driver says that it takes up a work; counted from the last `caplog.clear`."""
    caplog.set_level(logging.DEBUG, "aiosqlite")
    return lambda: sum(str(one.msg).startswith("executing") for one in caplog.records)


@pytest.mark.parametrize("rows", [0, 1, FIRST_ROWS - 1])
async def test_a_query_of_a_page_is_one_trip(
    connection: AsyncConnection,
    caplog: pytest.LogCaptureFixture,
    trips: Callable[[], int],
    rows: int,
) -> None:
    caplog.clear()
    found = (await connection.execute(COUNTED, {"rows": rows})).scalars().all()
    assert (found, trips()) == (list(range(1, rows + 1)), 1)


async def test_a_change_is_one_trip_and_tells_how_many_rows(
    connection: AsyncConnection, caplog: pytest.LogCaptureFixture, trips: Callable[[], int]
) -> None:
    caplog.clear()
    three = [{"i": 1}, {"i": 2}, {"i": 3}]
    await connection.execute(text("INSERT INTO one VALUES (:i)"), three)
    changed = await connection.execute(text("UPDATE one SET i = i + 10 WHERE i > 1"))
    told = await connection.execute(text("DELETE FROM one RETURNING i"))
    assert (changed.rowcount, sorted(told.scalars()), trips()) == (2, [1, 12, 13], 3)


@pytest.mark.parametrize("rows", [FIRST_ROWS, FIRST_ROWS + 1, MANY])
async def test_many_rows_all_come(connection: AsyncConnection, rows: int) -> None:
    found = (await connection.execute(COUNTED, {"rows": rows})).scalars().all()
    assert found == list(range(1, rows + 1))


@pytest.mark.parametrize("rows", [0, 1, FIRST_ROWS, MANY])
async def test_rows_are_streamed_and_the_connection_serves_on(
    connection: AsyncConnection, rows: int
) -> None:
    async with connection.stream(COUNTED, {"rows": rows}) as streamed:
        assert [one.i async for one in streamed] == list(range(1, rows + 1))
    assert await connection.scalar(text("SELECT 7")) == 7


async def test_a_stream_that_is_left_holds_nothing_up(connection: AsyncConnection) -> None:
    async with connection.stream(COUNTED, {"rows": MANY}) as streamed:
        assert (await streamed.fetchone()) == (1,)
    await connection.execute(text("DROP TABLE one"))
    await connection.commit()


async def test_what_goes_wrong_is_told_and_the_connection_serves_on(
    connection: AsyncConnection,
) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        await connection.execute(text("SELECT * FROM nowhere"))
    await connection.execute(text("INSERT INTO one VALUES (1)"))
    with pytest.raises(IntegrityError):
        await connection.execute(text("INSERT INTO one VALUES (1)"))
    # Gone wrong at its second row: abs() has no positive number for the least one.
    with pytest.raises(OperationalError, match="overflow"):
        await connection.execute(
            text("SELECT abs(x) FROM (SELECT 1 AS x UNION ALL SELECT -9223372036854775808)")
        )
    assert await connection.scalar(text("SELECT i FROM one")) == 1
