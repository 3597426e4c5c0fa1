"""What forms make under ids that they bring along: the same twice is made once, nothing is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from confhub.desks import address_book, grants, patterns
from confhub.desks.planning import blockings
from confhub.errors import Conflict, FieldErrors, NotFound
from confhub.people.account import Account, Role
from confhub.people.actor import Actor, of_account
from confhub.people.grant import Grant
from confhub.people.person import Person
from confhub.planning.blocking import Blocking
from confhub.planning.pattern import Pattern
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, account, site

HOUR = dt.timedelta(hours=1)
Adding = Callable[[Store, Actor, Any], Awaitable[None]]
World = dict[str, str]


def _person(world: World) -> tuple[Person, str]:
    return Person("form-1", "Lò Thị Mai", unit_id=world["unit"]), "name"


def _pattern(world: World) -> tuple[Pattern, str]:
    return Pattern("form-1", world["unit"], "sites", "Mười xã", (world["site"],)), "name"


def _blocking(world: World) -> tuple[Blocking, str]:
    span = (NOW, NOW + HOUR)
    return Blocking("form-1", "site", "busy", "Bận", *span, "UTC", site_id=world["site"]), "reason"


def _given(world: World) -> tuple[Grant, str]:
    until = NOW + 9 * HOUR
    asked = Grant("form-1", world["taker"], "secretary", world["unit"], ends_at=until)
    return dataclasses.replace(asked, given_by=world["actor"], given_at=NOW), "reason"


def _handed(world: World) -> tuple[Grant, str]:
    asked, _ = _given(world)
    source = Grant(world["actor"], world["actor"], "secretary", world["unit"])
    until = NOW + HOUR
    return dataclasses.replace(asked, source=source, starts_at=NOW, ends_at=until), "reason"


FORMS: dict[str, tuple[Role, Callable[[World], tuple[Any, str]], Adding]] = {
    "person": ("secretary", _person, address_book.add),
    "pattern": ("secretary", _pattern, patterns.add),
    "blocking": ("secretary", _blocking, blockings.add),
    "right": ("admin", _given, grants.give),
    "handing over": ("secretary", _handed, grants.hand_over),
}


async def account_of(store: Store, unit_id: str, login: str, role: Role) -> Account:
    made = dataclasses.replace(account(unit_id, login), role=role)
    await store.accounts.add(made, "hash")
    return made


@pytest.mark.parametrize("form", FORMS)
async def test_the_same_twice_is_made_once_and_what_was_changed_is_told(
    store: Store, country: Country, form: str
) -> None:
    role, make, add = FORMS[form]
    clerk = await account_of(store, country.province, "clerk", role)
    taker = await account_of(store, country.province, "taker", "technician")
    room = site(country.province, "a")
    await store.sites.add(room)
    world = {"unit": country.province, "site": room.id, "actor": clerk.id, "taker": taker.id}
    actor = of_account(clerk, NOW)
    sent, field = make(world)
    changed = dataclasses.replace(sent, **{field: "Đã sửa"})
    await add(store, actor, sent)
    written = len(await store.audit.recent(99))
    await add(store, of_account(clerk, NOW + dt.timedelta(minutes=1)), sent)
    assert len(await store.audit.recent(99)) == written
    with pytest.raises((Conflict, FieldErrors)):  # held, or lent for that time, already
        await add(store, actor, changed)
    assert len(await store.audit.recent(99)) == written
    other = await account_of(store, country.province, "other", role)
    with pytest.raises((Conflict, FieldErrors, NotFound)):  # another hands over only their own
        await add(store, of_account(other, NOW), sent)
