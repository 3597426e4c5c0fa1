"""A store that is closed leaves nothing at work behind it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from confhub.config import Settings
from confhub.store import open_store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from tests.waiting import until

# A statement of some tenths of a second, in the driver's own thread.
SLOW = text(
    "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 1000000)"
    " SELECT count(*) FROM many"
)


def driver_threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if "connection_worker" in one.name}


@pytest.mark.parametrize("where", ["on the loop", "aside"])
async def test_a_statement_whose_caller_went_away_has_ended(tmp_path: Path, where: str) -> None:
    settings = Settings(data_dir=str(tmp_path))
    await (await open_store(settings)).close()
    others = driver_threads()
    database = Database(database_url(settings))

    async def read() -> None:
        if where == "aside":
            await database.read_aside(lambda connection: connection.execute(SLOW))
        else:
            async with database.read() as connection:
                await connection.execute(SLOW)

    async def has_begun() -> bool:
        return bool(driver_threads() - others)

    reading = asyncio.create_task(read())
    await until(has_begun)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await database.close()
    assert driver_threads() <= others
