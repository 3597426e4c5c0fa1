"""Old and new values of accounts, sites and rights stand on record, and no secret does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest

from confhub.config import Settings
from confhub.desks import accounts, grants, people, sites
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.people.grant import Grant
from confhub.people.person import person_of
from confhub.store import Store
from confhub.units.site import Line
from tests.confhub.store.country import NOW, Country, site

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
DAY = dt.timedelta(days=1)


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """What is on record is the same on both databases."""
    return sqlite_settings


def at(days: int) -> Actor:
    return Actor(NOW + days * DAY)


async def lines(store: Store, subject: str) -> list[dict[str, Any]]:
    found = await store.audit.recent(99, subject)
    assert HASH not in json.dumps([[one.detail, dict(one.changes)] for one in found])
    return [dict(one.changes) for one in reversed(found)]


async def test_what_changes_of_an_account_and_its_holder(store: Store, country: Country) -> None:
    clerk = Account("acc-1", "thuky", "Lò Thị Thư", "secretary", country.province)
    phone = dataclasses.replace(person_of(clerk), phone="0215 3 825 111")
    await accounts.add(store, at(0), clerk, HASH, phone)
    moved = dataclasses.replace(clerk, role="technician", unit_id=country.muong_cha, active=False)
    titled = dataclasses.replace(phone, title="Trưởng phòng")
    await accounts.change(store, at(1), moved, titled)
    await accounts.reset_password(store, at(2), clerk.id, HASH + "2", issued=True)
    own = dataclasses.replace(titled, phone="0215 3 825 222")
    await people.change_person(store, of_account(moved, NOW + 3 * DAY), own)
    added, changed, reset, told = await lines(store, clerk.id)
    assert added["login"] == [None, "thuky"] or added["login"] == (None, "thuky")
    assert added["phone"][1] == "0215 3 825 111"
    assert {name: tuple(both) for name, both in changed.items()} == {
        "role": ("secretary", "technician"),
        "unit_id": (country.province, country.muong_cha),
        "active": (True, False),
        "title": ("", "Trưởng phòng"),
    }
    assert reset == {}
    assert {name: tuple(both) for name, both in told.items()} == {
        "phone": ("0215 3 825 111", "0215 3 825 222")
    }


async def test_what_changes_of_a_site(store: Store, country: Country) -> None:
    room = site(country.province, "a", room_phone="1111")
    await sites.add(store, at(0), room)
    fibre = Line("fibre", "VNPT", 100_000_000, 50_000_000)
    changed = dataclasses.replace(room, name="Phòng họp A", lines=(fibre,), active=False)
    await sites.change(store, at(1), changed)
    _added, said = await lines(store, room.id)
    assert {name: tuple(both) for name, both in said.items()} == {
        "name": ("a", "Phòng họp A"),
        "active": (True, False),
        "lines": ([], [["fibre", "VNPT", 100_000_000, 50_000_000, False, ""]]),
    }


async def test_a_right_is_told_with_its_time_and_which_it_is(
    store: Store, country: Country
) -> None:
    clerk = Account("acc-1", "thuky", "Lò Thị Thư", "secretary", country.province)
    await store.accounts.add(clerk, HASH)
    until = NOW + 9 * DAY
    given = Grant("g", clerk.id, "technician", country.muong_cha, ends_at=until, reason="Thay")
    await grants.give(store, at(0), given)
    await grants.end(store, at(1), "g", NOW + 2 * DAY)
    first, last = await lines(store, clerk.id)
    assert tuple(first["role"]) in ((None, "technician"), ("technician", "technician"))
    assert tuple(first["reason"]) == (None, "Thay")
    assert {name: tuple(both) for name, both in last.items()} == {
        "role": ("technician", "technician"),
        "unit_id": (country.muong_cha, country.muong_cha),
        "ends_at": (until.isoformat(), (NOW + 2 * DAY).isoformat()),
    }
