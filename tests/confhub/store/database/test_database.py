"""Transactions: whole, in turn, never without end, whatever the database does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from confhub.config import Settings
from confhub.errors import BadInput, Conflict, Unavailable
from confhub.store import Store, open_store
from confhub.store import tables as t
from confhub.store.database.database import Database, fitting
from confhub.store.database.location import database_url
from confhub.turns import asking
from confhub.units.unit import NewUnit
from tests.confhub.store.country import BEFORE, LEVELS, found_country, site, unit
from tests.servers import PostgresServer
from tests.waiting import until

# Longer than any wait the database promises to end; only a hang takes as long.
HANG_S = 60.0
SHORT_LOCK_S = 0.3


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = Database(database_url(settings), lock_timeout_s=SHORT_LOCK_S)
    yield opened
    await opened.close()


async def add_level(database: Database, name: str, rank: int) -> None:
    async with database.write() as connection:
        values = {"id": name, "rank": rank, "name": name, "name_en": name}
        await connection.execute(insert(t.level).values(values))


async def levels(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.scalars(select(t.level.c.id).order_by(t.level.c.rank))).all())


async def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.write() as connection:
            await connection.execute(insert(t.level).values(id="a", rank=1, name="", name_en=""))
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    assert await levels(database) == []


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_whoever_crowds_the_store_waits_in_a_line_of_his_own(
    database: Database, kind: str
) -> None:
    came: list[str] = []
    waves = [asyncio.Event()]  # whoever comes in leaves with the last of them

    async def ask(who: str) -> None:
        with asking(who):
            async with database.read() if kind == "read" else database.write():
                came.append(who)
                await waves[-1].wait()

    async def come(count: int) -> None:
        async def are_in() -> bool:
            return len(came) == count

        await until(are_in)

    turns = database._readers if kind == "read" else database._writers
    width = turns._free
    crowd = [asyncio.create_task(ask("crowd")) for _ in range(40)]
    await come(width)
    honest = asyncio.create_task(ask("one"))
    for wave in (2, 3):
        waves.append(asyncio.Event())
        waves[-2].set()
        await come(wave * width)
    assert "one" in came
    waves[-1].set()
    await asyncio.gather(honest, *crowd)


async def test_a_write_that_is_cancelled_leaves_nothing_and_holds_nobody_up(
    database: Database,
) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.write() as connection:
            await connection.execute(insert(t.level).values(id="a", rank=1, name="", name_en=""))
            written.set()
            await asyncio.Event().wait()

    for _ in range(12):  # more than the pool has connections
        writing = asyncio.create_task(write_and_wait())
        await written.wait()
        written.clear()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    await add_level(database, "b", 1)
    assert await levels(database) == ["b"]


async def test_writes_cancelled_at_any_moment_leave_the_database_in_order(
    database: Database,
) -> None:
    for number in range(60):
        writing = asyncio.create_task(add_level(database, f"x{number}", number))
        for _ in range(number % 20):
            await asyncio.sleep(0)
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing
    await add_level(database, "last", 1000)
    assert (await levels(database))[-1] == "last"


async def test_a_read_sees_one_moment_and_waits_for_no_writer(database: Database) -> None:
    await add_level(database, "a", 1)
    async with database.read() as connection:
        count = text("SELECT count(*) FROM level")
        assert await connection.scalar(count) == 1
        await add_level(database, "b", 2)
        assert await connection.scalar(count) == 1
    async with database.write() as connection:
        await connection.execute(insert(t.level).values(id="c", rank=3, name="", name_en=""))
        assert await levels(database) == ["a", "b"]
    assert await levels(database) == ["a", "b", "c"]


async def test_a_read_cannot_write_to_postgresql(postgresql_settings: Settings) -> None:
    database = Database(database_url(postgresql_settings))
    with pytest.raises(Unavailable):
        async with database.read() as connection:
            await connection.execute(insert(t.level).values(id="a", rank=1, name="", name_en=""))
    await database.close()


async def test_reads_go_on_beside_more_writers_than_there_are_connections(
    database: Database,
) -> None:
    async def write(number: int) -> None:
        await add_level(database, f"l{number}", number)
        await database.ping()

    await asyncio.gather(*(write(number) for number in range(40)))
    assert len(await levels(database)) == 40


async def test_a_writer_that_another_process_holds_up_gives_up_in_time(
    settings: Settings, database: Database
) -> None:
    await add_level(database, "a", 1)
    other = Database(database_url(settings), lock_timeout_s=SHORT_LOCK_S)  # as in another process
    change = text("UPDATE level SET name = 'x'")
    async with database.write() as holding:
        await holding.execute(change)
        with pytest.raises(Unavailable):
            async with asyncio.timeout(HANG_S), other.write() as waiting:
                await waiting.execute(change)
        await other.ping()  # reading goes on
    async with other.write() as free:
        await free.execute(change)
    await other.close()


async def test_of_two_that_change_units_at_once_the_second_sees_the_first(
    settings: Settings,
) -> None:
    one, two = await open_store(settings), await open_store(settings)
    country = await found_country(one)
    a, b = (unit("district", name, country.province, name) for name in "AB")
    await one.units.add_many([a, b])
    twins = [unit("commune", name, country.province, "77777") for name in ("Xã A", "Xã B")]
    results = await asyncio.gather(
        one.units.add_many(twins[:1]),
        two.units.add_many(twins[1:]),
        one.units.move(a.id, b.id, BEFORE),
        two.units.move(b.id, a.id, BEFORE),
        return_exceptions=True,
    )
    assert [type(result) for result in results[:2] if result] == [Conflict]
    assert [type(result) for result in results[2:] if result] == [BadInput]
    for store in (one, two):
        await store.close()


async def test_somebody_alone_on_units_holds_off_only_who_asks_for_the_same(
    postgresql_settings: Settings,
) -> None:
    store = await open_store(postgresql_settings)
    country = await found_country(store)
    database = Database(database_url(postgresql_settings), lock_timeout_s=SHORT_LOCK_S)
    async with database.write(alone=t.unit):
        await store.sites.add(site(country.province, "a"))  # refers to a unit
        assert await store.units.get(country.province, BEFORE)
        with pytest.raises(Unavailable):
            async with asyncio.timeout(HANG_S), database.write(alone=t.unit):
                pytest.fail("two were alone")
    await database.close()
    await store.close()


async def test_a_broken_rule_of_uniqueness_is_worded_by_the_caller(database: Database) -> None:
    await add_level(database, "a", 1)
    with pytest.raises(Conflict) as conflict:
        async with database.write("Trùng.") as connection:
            await connection.execute(insert(t.level).values(id="a", rank=2, name="", name_en=""))
    assert (conflict.value.message, conflict.value.code) == ("Trùng.", "in_use")


async def test_a_mistake_in_our_own_sql_passes_through(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table"):
        async with database.read() as connection:
            await connection.execute(text("SELECT * FROM no_such_table"))
    assert await levels(database) == []


def test_values_fit_when_every_text_does() -> None:
    values = {"id": "a" * 16, "rank": 1, "name": "n" * 64, "name_en": ""}
    assert fitting(t.level, values) == values
    for wrong in ({"id": "a" * 17}, {"name": "n\0"}):
        with pytest.raises(BadInput):
            fitting(t.level, values | wrong)


async def test_a_postgresql_that_stops_is_unavailable_and_serves_again_when_it_is_back(
    own_postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    server = own_postgresql_server
    store = await open_store(Settings(data_dir=str(tmp_path), database=server.new_database()))
    await store.units.add_level(LEVELS[0])
    await asyncio.to_thread(server.stop)
    async with asyncio.timeout(HANG_S):
        for call in (store.ping(), store.units.levels(), store.units.add_level(LEVELS[1])):
            with pytest.raises(Unavailable):
                await call
    await asyncio.to_thread(server.start)
    await store.ping()
    await store.units.add_level(LEVELS[1])
    assert await store.units.levels() == list(LEVELS[:2])
    await store.close()


async def test_a_postgresql_that_falls_silent_is_unavailable_in_time(
    own_postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    server = own_postgresql_server
    store = await open_store(Settings(data_dir=str(tmp_path), database=server.new_database()))
    server.signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(HANG_S):
            for call in (store.ping(), store.units.levels()):
                with pytest.raises(Unavailable):
                    await call
    finally:
        server.signal(signal.SIGCONT)
    await until(lambda: _answers(store))
    await store.close()


async def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "confhub.db").write_bytes(b"not a database, but long enough to be one " * 100)
    with pytest.raises(Unavailable) as unavailable:
        await open_store(Settings(data_dir=str(tmp_path)))
    assert unavailable.value.code == "store_damaged"


async def test_a_database_that_lets_nobody_in_is_said_to(
    postgresql_server: PostgresServer, tmp_path: Path
) -> None:
    place = f"127.0.0.1:{postgresql_server.port}"
    for address in (f"postgresql://confhub@{place}/nowhere", f"postgresql://nobody@{place}/test_1"):
        with pytest.raises(Unavailable) as unavailable:
            await open_store(Settings(data_dir=str(tmp_path), database=address))
        assert unavailable.value.code == "store_refused"


async def test_a_whole_country_fits_into_one_write(settings: Settings) -> None:
    store = await open_store(settings)
    country = await found_country(store)
    rows = [
        NewUnit("commune", f"Xã số {number}", country.province, (("test", str(number)),))
        for number in range(11_000)
    ]
    await store.units.add_many(rows)
    assert len(await store.units.tree(country.province, BEFORE)) == 11_000 + 4
    await store.units.close_units([row.id for row in rows], BEFORE)
    assert len(await store.units.tree(country.province, BEFORE)) == 4
    await store.close()


def test_the_file_of_sqlite_waits_for_other_processes_and_keeps_references(
    sqlite_settings: Settings,
) -> None:
    async def pragmas() -> list[object]:
        database = Database(database_url(sqlite_settings))
        async with database.read() as connection:
            names = ("journal_mode", "foreign_keys", "busy_timeout")
            found = [await connection.scalar(text(f"PRAGMA {name}")) for name in names]
        await database.close()
        return found

    assert asyncio.run(pragmas()) == ["wal", 1, 5000]
    with contextlib.closing(sqlite3.connect(Path(sqlite_settings.data_dir) / "confhub.db")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def _answers(store: Store) -> bool:
    with contextlib.suppress(Unavailable):
        await store.ping()
        return True
    return False
