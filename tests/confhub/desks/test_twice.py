"""What is asked for again, since its answer was lost, is done once, or it is said why not."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from confhub.config import Settings
from confhub.errors import ConfhubError
from confhub.people.actor import Actor, of_account
from confhub.store import Store
from confhub.store.columns import metadata
from tests.confhub.desks.test_rights import World, use_cases, world
from tests.confhub.desks.twice_world import EARLY, PREPARED
from tests.confhub.store.country import NOW, account

__all__ = ["world"]

# Rightly done each time.
NOT_TWICE: Mapping[str, str] = {
    "mail.sending.send_out": "sites that got an address since are told, and no site twice",
    "papers.keeping.open_version": "how often somebody opened a version is counted",
    "registry.imports.import_sites": "a file that was taken in is on record, be it known or not",
    "registry.imports.import_units": "as of sites",
    "registry.record.take": "a file that is taken again is on record again",
}
# What the world here is too small for; their own tests do it twice.
ELSEWHERE: Mapping[str, str] = {
    "country_load.load_2022": "the whole country: tests/confhub/units/test_country",
}
SAID = (404, 409, 410)  # there is none any more, or somebody was there before


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """One database: what a statement finds done is the same in both."""
    return sqlite_settings


async def on_record(store: Store) -> dict[str, list[str]]:
    """Every row of every table."""
    async with store.accounts._database.read() as connection:
        return {
            table.name: sorted(str(tuple(row)) for row in await connection.execute(select(table)))
            for table in metadata.sorted_tables
        }


async def ask(call: Callable[..., Any], world: World, actor: Actor, more: dict[str, Any]) -> None:
    named = {name: more[name] for name in more if name in inspect.signature(call).parameters}
    if next(iter(inspect.signature(call).parameters)) == "work":
        async with world.store.work(actor) as work:
            await call(work, **world.take(call, given=1) | named)
    else:
        await call(world.store, actor, **world.take(call) | named)


async def ask_again(
    call: Callable[..., Any], world: World, actor: Actor, more: dict[str, Any]
) -> None:
    """It is done, or said to have been."""
    try:
        await ask(call, world, actor, more)
    except ConfhubError as error:
        if error.http_status not in SAID:
            raise


async def first_to_do_it(
    call: Callable[..., Any], world: World, more: dict[str, Any]
) -> tuple[Actor | None, list[str]]:
    """Who could do it, once it is done; and why the others could not."""
    clerk = await world.store.accounts.get(world.values["account_id"])
    chief = dataclasses.replace(account(clerk.unit_id, "quantri"), role="admin")
    await world.store.accounts.add(chief, "hash")
    refused = []
    for now in (EARLY, NOW):
        for actor in (of_account(clerk, now), of_account(chief, now), Actor(now)):
            try:
                await ask(call, world, actor, more)
            except ConfhubError as error:
                refused.append(f"{error!r} {getattr(error, 'fields', '')}")
            else:
                return actor, refused
    return None, refused


@pytest.mark.parametrize(
    ("name", "call"),
    [pytest.param(*one, id=one[0]) for one in use_cases() if one[0] not in ELSEWHERE],
)
async def test_asked_for_twice_it_is_done_once(
    name: str, call: Callable[..., Any], world: World
) -> None:
    more = dict(await PREPARED[name](world)) if name in PREPARED else {}
    actor, refused = await first_to_do_it(call, world, more)
    assert actor is not None, refused
    before = await on_record(world.store)
    await ask_again(call, world, actor, more)
    after = await on_record(world.store)
    changed = {table for table in before if before[table] != after[table]}
    assert bool(changed) == (name in NOT_TWICE), changed


def test_each_exception_is_one_of_a_use_case() -> None:
    names = {name for name, _ in use_cases()}
    assert names >= NOT_TWICE.keys() | ELSEWHERE.keys() | PREPARED.keys()
    assert 10 * len(ELSEWHERE) <= len(names)
