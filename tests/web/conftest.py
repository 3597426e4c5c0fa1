"""A real application over a real SQLite store and the in-process bus.

The country of the tests, one unit a level: `central` > `dien-bien` > `nam-po` > `cha-nua`, with a
neighbour `si-pha` (commune) and `lai-chau` (province). Every unit has one site, `{unit}-room`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from confhub.bus.local import LocalBus
from confhub.config import Settings
from confhub.meetings.tokens import JoinTokens
from confhub.people.account import Account, Role
from confhub.people.passwords import hash_password
from confhub.store import Store, open_store
from confhub.units.site import Site
from tests.delivering import delivering
from tests.web.browser import (
    LEVELS,
    PASSWORD,
    ROLES,
    UNITS,
    Clock,
    Making,
    SignedIn,
    WebClient,
    sign_in,
)
from web.app import build_app
from web.services import Services


@pytest.fixture(scope="session")
def filled_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the units, sites and accounts, made once and copied by each test."""
    directory = tmp_path_factory.mktemp("filled")
    asyncio.run(_fill(directory))
    return directory


async def _fill(directory: Path) -> None:
    store = await open_store(Settings(data_dir=str(directory)))
    for level in LEVELS:
        await store.units.add_level(level)
    await store.units.add_many(UNITS)
    password_hash = await hash_password(PASSWORD)
    for unit in UNITS:
        room = Site(f"{unit.id}-room"[:16], unit.id, unit.id.upper(), f"Phòng họp {unit.name}")
        await store.sites.add(room)
        for role in ROLES:
            account = Account(
                id=f"{role[:5]}-{unit.id}"[:16],
                login=f"{role}.{unit.id}",
                name=f"{role.title()} {unit.name}",
                role=role,
                unit_id=unit.id,
            )
            await store.accounts.add(account, password_hash)
    await store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(filled_dir: Path, tmp_path: Path) -> Settings:
    shutil.copytree(filled_dir, tmp_path / "data")
    return Settings(data_dir=str(tmp_path / "data"))


@pytest_asyncio.fixture
async def services(settings: Settings, clock: Clock) -> AsyncIterator[Services]:
    store: Store = await open_store(settings)
    bus = LocalBus(lambda: clock.now.timestamp())
    async with delivering(store, bus, clock):
        yield Services(
            settings=settings, store=store, bus=bus, tokens=JoinTokens(b"k" * 32), clock=clock
        )
    await bus.close()
    await store.close()


@pytest_asyncio.fixture
async def new_client(services: Services) -> AsyncIterator[Making]:
    """Makes clients, each with its own cookies, of one application each.

    Keyword arguments replace settings: `await new_client(public_origin="https://hop.vn")`.
    """
    clients: list[WebClient] = []

    async def make(**changed: object) -> WebClient:
        mine = services
        if changed:
            settings = msgspec.structs.replace(services.settings, **changed)
            mine = dataclasses.replace(services, settings=settings)
        made = TestClient(TestServer(build_app(mine)))
        await made.start_server()
        clients.append(made)
        return made

    yield make
    for made in clients:
        await made.close()


@pytest_asyncio.fixture
async def client(new_client: Making) -> WebClient:
    """Somebody's browser, not signed in."""
    return await new_client()


@pytest_asyncio.fixture
async def signed_in(new_client: Making) -> SignedIn:
    """`await signed_in("secretary", "nam-po")` gives a browser signed in through the form."""

    async def make(role: Role, unit_id: str, **changed: object) -> WebClient:
        made = await new_client(**changed)
        answer = await sign_in(made, f"{role}.{unit_id}")
        assert answer.status == 303, await answer.text()
        return made

    return make
