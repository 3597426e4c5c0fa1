"""Migrations: equal to the tables, after a copy, in turn, and never backwards."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from confhub.config import Settings
from confhub.errors import Conflict, Unavailable
from confhub.store import open_store
from confhub.store.database.engines import postgresql_engine, sqlite_engine
from confhub.store.database.location import database_url
from confhub.store.database.migration import alembic_config, migrate
from confhub.store.tables import metadata
from tests.confhub.store.country import BEFORE, found_country
from tests.servers import PostgresServer

SCRIPT = ScriptDirectory.from_config(alembic_config())
HEAD = SCRIPT.get_current_head()
REVISIONS = [one.revision for one in reversed(list(SCRIPT.walk_revisions()))]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings whose database holds nothing yet."""
    if request.param == "sqlite":
        (tmp_path / "confhub.db").touch()
        return Settings(data_dir=str(tmp_path))
    server: PostgresServer = request.getfixturevalue("postgresql_server")
    return Settings(data_dir=str(tmp_path), database=server.new_database())


@contextlib.asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[AsyncEngine]:
    url = database_url(settings)
    make = sqlite_engine if url.get_backend_name() == "sqlite" else postgresql_engine
    engine = make(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def upgrade_to(settings: Settings, revision: str) -> None:
    def run(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with connected(settings) as engine, engine.begin() as connection:
        await connection.run_sync(run)


async def execute(settings: Settings, *statements: str) -> None:
    async with connected(settings) as engine, engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


def is_of_search(name: str | None) -> bool:
    """What SQLAlchemy has no word for: SQLite's table of an index and the tables below it,
    PostgreSQL's index over an expression."""
    return (name or "").startswith(("search_index", "ix_search_entry_words"))


def count(file: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found)


def backups(settings: Settings) -> list[Path]:
    return sorted((Path(settings.data_dir) / "backups").glob("*"))


async def test_a_new_database_is_as_the_tables_say(empty_settings: Settings) -> None:
    done = await migrate(empty_settings)
    assert (done.before, done.after, done.backup) == (None, HEAD, None)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, _kind, _parents: not is_of_search(name),
            },
        )
        return list(compare_metadata(context, metadata))

    async with connected(empty_settings) as engine, engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_database_of_any_revision_keeps_its_rows_through_the_upgrade(
    empty_settings: Settings, revision: str
) -> None:
    await upgrade_to(empty_settings, revision)
    await execute(
        empty_settings,
        "INSERT INTO level (id, rank, name, name_en) VALUES ('commune', 4, 'Xã', 'Commune')",
        "INSERT INTO unit (id, level_id) VALUES ('u', 'commune')",
        "INSERT INTO site (id, unit_id, code, name, folded, contact_name, contact_phone,"
        " technician_name, technician_phone, room_phone, equipment_note, active, version)"
        " VALUES ('s', 'u', 'xa', 'Xã', 'xa', '', '', '', '', '', '', true, 1)",
        "INSERT INTO site_line (id, site_id, position, kind, provider, down_bps, backup, note)"
        " VALUES ('l', 's', 0, 'fibre', 'VNPT', 50000000, false, '')",
    )
    done = await migrate(empty_settings)
    assert (done.before, done.after) == (revision, HEAD)
    store = await open_store(empty_settings)
    (site,) = await store.sites.list()
    assert [(line.provider, line.down_bps) for line in site.lines] == [("VNPT", 50_000_000)]
    await store.close()


async def test_a_database_that_is_up_to_date_is_left_alone(settings: Settings) -> None:
    done = await migrate(settings)
    assert (done.before, done.after, done.backup) == (HEAD, HEAD, None)
    assert backups(settings) == []


async def test_a_start_with_nothing_to_do_waits_for_no_writer(sqlite_settings: Settings) -> None:
    file = Path(sqlite_settings.data_dir) / "confhub.db"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(60):
            assert (await migrate(sqlite_settings)).backup is None


async def test_a_sqlite_file_is_copied_whole_before_it_changes(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    (tmp_path / "confhub.db").touch()
    await upgrade_to(settings, REVISIONS[0])
    levels = "INSERT INTO level (id, rank, name, name_en) VALUES ('l%d', %d, '', '')"
    await execute(settings, *(levels % (number, number) for number in range(500)))
    done = await migrate(settings)
    assert done.backup is not None
    assert backups(settings) == [done.backup]
    assert REVISIONS[0] in done.backup.name
    assert stat.S_IMODE(done.backup.stat().st_mode) == 0o600
    assert count(done.backup, "level") == 500
    with contextlib.closing(sqlite3.connect(done.backup)) as copy:
        revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    assert revision == (REVISIONS[0],)
    # The copy serves in place of the file: an upgrade that went wrong is undone by it.
    (tmp_path / "again").mkdir()
    done.backup.rename(tmp_path / "again" / "confhub.db")
    again = await migrate(Settings(data_dir=str(tmp_path / "again")))
    assert (again.before, again.after) == (REVISIONS[0], HEAD)


async def test_without_a_copy_there_is_no_upgrade(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    (tmp_path / "confhub.db").touch()
    await upgrade_to(settings, REVISIONS[0])
    (tmp_path / "backups").write_text("a file in the way")
    for _ in range(2):
        with pytest.raises(Unavailable) as unavailable:
            await migrate(settings)
        assert str(tmp_path / "backups") in str(unavailable.value)
    (tmp_path / "backups").unlink()
    assert (await migrate(settings)).before == REVISIONS[0]


async def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    (tmp_path / "confhub.db").touch()
    await upgrade_to(settings, REVISIONS[0])
    await execute(settings, "ALTER TABLE site_line RENAME TO gone")
    with pytest.raises(Exception, match="site_line"):
        await migrate(settings)
    with pytest.raises(Exception, match="site_line"):  # and again, from the same revision
        await migrate(settings)


async def test_a_database_too_new_for_the_program_is_refused_and_left_alone(
    settings: Settings,
) -> None:
    await execute(settings, "ALTER TABLE audit RENAME COLUMN detail TO told")
    await execute(settings, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict) as refused:
        await open_store(settings)
    assert refused.value.code == "database_newer"
    assert "9999" in str(refused.value)
    assert "mới hơn" in str(refused.value)
    assert backups(settings) == []


async def test_a_database_of_another_program_is_refused_and_left_alone(
    empty_settings: Settings,
) -> None:
    await execute(empty_settings, "CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(Conflict) as refused:
        await open_store(empty_settings)
    assert refused.value.code == "database_foreign"
    await execute(empty_settings, "DROP TABLE theirs")
    await migrate(empty_settings)


async def test_hubs_that_start_at_once_migrate_once(empty_settings: Settings) -> None:
    done = await asyncio.gather(*(migrate(empty_settings) for _ in range(4)))
    assert sorted(one.before or "" for one in done) == ["", HEAD, HEAD, HEAD]
    store = await open_store(empty_settings)
    country = await found_country(store)
    assert await store.units.get(country.province, BEFORE)
    await store.close()


async def test_a_file_that_another_reads_is_put_in_write_ahead_mode_after_it(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(sqlite_settings.data_dir) / "confhub.db"
    with contextlib.closing(
        sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    ) as other:
        assert other.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
        other.execute("BEGIN")
        other.execute("SELECT 1 FROM level").fetchall()  # it holds the file now
        # In the place of the first wait the other one is done.
        monkeypatch.setattr(
            "confhub.store.database.migration.time.sleep", lambda _s: other.rollback()
        )
        await migrate(sqlite_settings)
        other.execute("SELECT 1 FROM level").fetchall()
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_of_hubs_that_upgrade_at_once_one_makes_the_copy(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    (tmp_path / "confhub.db").touch()
    await upgrade_to(settings, REVISIONS[0])
    done = await asyncio.gather(*(migrate(settings) for _ in range(4)))
    assert len([one for one in done if one.backup]) == len(backups(settings)) == 1


async def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "var"))
    store = await open_store(settings)
    await found_country(store)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "var").iterdir()}
    await store.close()
    assert set(modes) == {"confhub.db", "confhub.db-wal", "confhub.db-shm"}
    assert set(modes.values()) == {0o600}


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file in the way")
    with pytest.raises(Unavailable) as unavailable:
        await open_store(Settings(data_dir=str(tmp_path / "var")))
    assert str(tmp_path / "var") in str(unavailable.value)


async def test_every_account_keeps_its_role_as_its_post(empty_settings: Settings) -> None:
    await upgrade_to(empty_settings, "0003")
    await execute(
        empty_settings,
        "INSERT INTO level VALUES ('central', 1, 'Trung ương', 'Central')",
        "INSERT INTO unit VALUES ('centre', 'central', NULL, NULL)",
        "INSERT INTO account (id, login, name, role, unit_id, language, password_hash, active,"
        " version) VALUES ('a', 'thuky', 'Thư ký', 'secretary', 'centre', 'vi', '-', true, 1)",
    )
    store = await open_store(empty_settings)
    (post,) = await store.grants.of("a")
    person = await store.accounts.person("a")
    assert (post.role, post.unit_id, post.ends_at, post.is_post) == (
        "secretary",
        "centre",
        None,
        True,
    )
    assert (person.name, person.unit_id) == ("Thư ký", "centre")
    async with store._database.read() as connection:
        for table in ("account_grant", "person"):
            assert await connection.scalar(text(f"SELECT id FROM {table}")) == "a"
    await store.close()
