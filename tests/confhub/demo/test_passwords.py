"""The demo's published password is never served beyond the machine."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import pytest_asyncio

from confhub.config import Settings
from confhub.demo.load import load_demo
from confhub.demo.logins import LOGINS, PASSWORD
from confhub.demo.passwords import (
    give_new_passwords,
    published_logins,
    refuse_published_password,
)
from confhub.errors import Conflict
from confhub.hub.wiring import running_hub
from confhub.people.actor import Actor
from confhub.people.passwords import hash_password, verify_password
from confhub.store import Store, open_store
from tests.parts import settings_in

NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, listen_host="")


@pytest_asyncio.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    made = await open_store(settings)
    await load_demo(made, now=NOW, zone=ZoneInfo(settings.timezone))
    yield made
    await made.close()


async def test_all_demo_accounts_are_found_and_none_with_another_password(store: Store) -> None:
    assert set(await published_logins(store)) == LOGINS
    account = await store.accounts.by_login("thuky.nampo")
    assert account is not None
    await store.accounts.set_password(account[0].id, await hash_password("mot cau de nho hon"))
    assert set(await published_logins(store)) == LOGINS - {"thuky.nampo"}


async def test_accounts_that_were_renamed_are_found_by_their_common_hash(store: Store) -> None:
    for login in LOGINS:
        found = await store.accounts.by_login(login)
        assert found is not None
        await store.accounts.update(dataclasses.replace(found[0], login=f"x.{login}"))
    assert await published_logins(store) == sorted(f"x.{login}" for login in LOGINS)


async def test_a_locked_account_that_has_it_still_stops_the_start(store: Store) -> None:
    await give_new_passwords(store, Actor(NOW), LOGINS - {"quantri.nampo"})
    found = await store.accounts.by_login("quantri.nampo")
    assert found is not None
    await store.accounts.update(dataclasses.replace(found[0], active=False))
    with pytest.raises(Conflict, match=r"quantri\.nampo"):
        await refuse_published_password(store)


async def test_each_account_gets_a_password_of_its_own(store: Store) -> None:
    given = dict(await give_new_passwords(store, Actor(NOW), LOGINS))
    assert given.keys() == LOGINS
    assert len({*given.values(), PASSWORD}) == len(LOGINS) + 1
    found = await store.accounts.by_login("quantri.trunguong")
    assert found is not None
    assert await verify_password(found[1], given["quantri.trunguong"])
    await refuse_published_password(store)


@pytest.mark.parametrize(
    "values",
    [
        {"tls": "lab"},
        {"listen_host": "127.0.0.1", "public_origin": "https://hop.example.gov.vn"},
        {"listen_host": "127.0.0.1", "trusted_proxies": ("127.0.0.1",)},
    ],
)
async def test_a_hub_that_others_can_open_refuses_to_start(
    store: Store, settings: Settings, values: dict[str, object]
) -> None:
    outside = msgspec.structs.replace(settings, **values)
    with pytest.raises(Conflict, match="confhub demo --generate") as caught:
        async with running_hub(outside):
            pass
    assert caught.value.code == "published_password"
    await give_new_passwords(store, Actor(NOW), await published_logins(store))
    async with running_hub(outside):
        pass


async def test_on_the_machine_itself_the_demo_serves_as_it_is(
    store: Store, settings: Settings
) -> None:
    async with running_hub(settings):
        pass
