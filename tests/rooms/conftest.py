"""A hub over a real SQLite store and the in-process bus."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from confhub.bus.interface import Bus
from confhub.bus.local import LocalBus
from confhub.config import Settings
from confhub.store import Store, open_store
from confhub.units.site import Site
from confhub.units.unit import Level
from tests.rooms.fakes import FakeConference, FakeMedia
from tests.rooms.house import MEETING, NEW_UNITS, House, meeting

NewHouse = Callable[..., Awaitable[House]]


@pytest.fixture(scope="session")
def room_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one meeting of three sites, copied by each test."""
    directory = tmp_path_factory.mktemp("rooms")
    asyncio.run(_fill(directory))
    return directory


async def _fill(directory: Path) -> None:
    store = await open_store(Settings(data_dir=str(directory)))
    levels = (("province", 2, "Tỉnh"), ("district", 3, "Huyện"), ("commune", 4, "Xã"))
    for level_id, rank, name in levels:
        await store.units.add_level(Level(level_id, rank, name, name))
    await store.units.add_many(NEW_UNITS)
    for unit in NEW_UNITS:
        await store.sites.add(Site(unit.id, unit.id, unit.id.upper(), f"Phòng họp {unit.name}"))
    await store.meetings.add(meeting())
    await store.close()


@pytest_asyncio.fixture
async def store(room_data: Path, tmp_path: Path) -> AsyncIterator[Store]:
    shutil.copytree(room_data, tmp_path / "data")
    store = await open_store(Settings(data_dir=str(tmp_path / "data")))
    yield store
    await store.close()


@pytest_asyncio.fixture
async def bus() -> AsyncIterator[Bus]:
    bus = LocalBus()
    yield bus
    await bus.close()


@pytest.fixture
def media() -> FakeMedia:
    return FakeMedia()


@pytest.fixture
def conference(media: FakeMedia) -> FakeConference:
    return media.conference(MEETING)


@pytest_asyncio.fixture
async def new_house(store: Store, bus: Bus, media: FakeMedia) -> AsyncIterator[NewHouse]:
    """`await new_house(limits=...)` opens another hub over the same store, bus and media."""
    houses: list[House] = []

    async def make(**options: Any) -> House:
        options.setdefault("media", media)
        house = House(store, bus, **options)
        await house.open()
        houses.append(house)
        return house

    yield make
    for house in reversed(houses):
        await house.close()


@pytest_asyncio.fixture
async def house(new_house: NewHouse) -> House:
    return await new_house()
