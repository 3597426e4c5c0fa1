"""A live upgrade: a hub of the next version migrates and serves beside one of this version.

Both are whole processes over one PostgreSQL and one Redis. The next version is this one with one
more migration, so what is proved is the database under a hub that serves, not another program.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from sqlalchemy import text

from confhub.config import Settings
from tests.confhub.store.database.test_migration import connected
from tests.e2e.hub_process import HubProcess
from tests.e2e.newer_hub import FOLDER, REVISION, NewerHub
from tests.e2e.person import BareBrowser, Person, briefing
from tests.e2e.test_two_hubs import PATIENCE_S, knock, welcomed
from tests.servers import PostgresServer, RedisServer
from tests.waiting import until


@dataclass
class House:
    """`old` serves; `newer` is yet to start."""

    old: HubProcess
    newer: NewerHub
    settings: Settings
    browser: BareBrowser

    def secretary(self, hub: HubProcess) -> Person:
        return Person(hub.origin, self.browser)

    async def revision(self) -> str:
        async with connected(self.settings) as engine, engine.connect() as connection:
            return str(await connection.scalar(text("SELECT version_num FROM alembic_version")))


# A hub refuses hands that come faster for long (rooms/state/features/floor.py).
HAND_EVERY_S = 1.0


@pytest_asyncio.fixture
async def house(
    tmp_path: Path,
    own_postgresql_server: PostgresServer,
    own_redis_server: RedisServer,
) -> AsyncIterator[House]:
    database = own_postgresql_server.new_database()
    old = HubProcess(tmp_path / "old", hub_name="old")
    newer = NewerHub(tmp_path / "newer", hub_name="newer")
    for hub in (old, newer):
        hub.settings |= {"database": database, "redis": own_redis_server.address, "lease_s": "6"}
        hub.settings["relay_address"] = hub.origin
    (tmp_path / "migrations").mkdir()
    newer.environment = {FOLDER: str(tmp_path / "migrations")}
    await asyncio.to_thread(old.command, "demo")
    await asyncio.to_thread(old.start)
    shutil.copy(old.data_dir / "secret.key", newer.data_dir)
    settings = Settings(data_dir=str(old.data_dir), database=database)
    try:
        async with BareBrowser() as bare:
            made = House(old, newer, settings, bare)
            assert await made.secretary(old).sign_in("thuky.nampo") == 303
            yield made
        for hub in (old, newer):
            assert "Traceback" not in hub.log(), hub.log()
    finally:
        for hub in (old, newer):
            await asyncio.to_thread(hub.stop)


async def schedule(person: Person, title: str, hour: int) -> str:
    """The address of a new meeting, at an hour when its sites are free."""
    times = {"start": f"{hour:02}:00", "end": f"{hour:02}:30"}
    status, found = await person.post("/meetings/new", await person.fill_in(title) | times)
    assert status == 303, found
    return found.partition("?")[0]


async def test_a_newer_hub_migrates_while_an_older_one_serves_and_both_go_on(house: House) -> None:
    old, newer = house.secretary(house.old), house.secretary(house.newer)
    meeting = await briefing(old)
    console = await old.enter(meeting)
    before, hands = await house.revision(), 0
    starting = asyncio.create_task(asyncio.to_thread(house.newer.start))
    while not starting.done():  # the old hub reads and writes while the tables change under it
        hands += 1
        await console.send("hand", raised=bool(hands % 2))
        await console.expect("member")
        assert (await old.get(f"/meetings/{meeting}"))[0] == 200
        await asyncio.sleep(HAND_EVERY_S)
    await starting
    assert (before != REVISION, await house.revision()) == (True, REVISION)

    # Each shows what was written through the other, and the room is one.
    for here, there, title, hour in ((old, newer, "Họp máy cũ", 8), (newer, old, "Họp máy mới", 9)):
        address = await schedule(here, title, hour)
        assert title in (await there.get(address))[1]
    relayed = await knock(newer, meeting)
    assert (relayed["type"], relayed["hub"], relayed["via"]) == ("welcome", "old", "newer")

    # The old one is stopped, and its room goes to the newer one; it may start again beside it.
    assert await asyncio.to_thread(house.old.stop) == 0
    await welcomed(newer, meeting)
    await asyncio.to_thread(house.old.start)
    assert f"the database is at {REVISION}, ahead of this program" in house.old.log()
    await schedule(old, "Họp sau khi khởi động lại", 10)

    async def are_ready() -> bool:
        return await old.is_ready() and await newer.is_ready()

    await until(are_ready, PATIENCE_S)
