"""A store over each database, new for every test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.engine import make_url

from confhub.config import Settings
from confhub.store import Store, open_store
from confhub.store.database.migration import migrate
from tests.confhub.store.country import Country, found_country
from tests.confhub.store.lost_answers import CommitLine
from tests.servers import PostgresServer


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of the present form, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(migrate(Settings(data_dir=str(folder))))
    return folder / "confhub.db"


@pytest.fixture(scope="session")
def migrated_database(
    postgresql_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of a PostgreSQL database of the present form, to be copied."""
    address = postgresql_server.new_database()
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(migrate(Settings(data_dir=str(folder), database=address)))
    return address


@pytest.fixture
def sqlite_settings(migrated_file: Path, tmp_path: Path) -> Settings:
    shutil.copy(migrated_file, tmp_path)
    return Settings(data_dir=str(tmp_path))


@pytest.fixture
def postgresql_settings(
    postgresql_server: PostgresServer, migrated_database: str, tmp_path: Path
) -> Iterator[Settings]:
    address = postgresql_server.new_database(template=migrated_database)
    yield Settings(data_dir=str(tmp_path), database=address)
    postgresql_server.drop_database(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings whose database is up to date and empty, once for each kind."""
    chosen: Settings = request.getfixturevalue(f"{request.param}_settings")
    return chosen


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    opened = await open_store(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def country(store: Store) -> Country:
    """A small country in the store, see `found_country`."""
    return await found_country(store)


@pytest.fixture
async def line(postgresql_settings: Settings) -> AsyncIterator[CommitLine]:
    port = make_url(postgresql_settings.database).port
    assert port is not None
    async with CommitLine(port).open() as opened:
        yield opened


@pytest.fixture
async def far(postgresql_settings: Settings, line: CommitLine) -> AsyncIterator[Store]:
    """The store at the other end of the line."""
    address = make_url(postgresql_settings.database).set(port=line.port)
    settings = msgspec.structs.replace(
        postgresql_settings, database=address.render_as_string(hide_password=False)
    )
    opened = await open_store(settings)
    yield opened
    await opened.close()
