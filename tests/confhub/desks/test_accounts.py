"""Use cases of accounts."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import accounts as desk
from confhub.errors import Conflict, NotFound
from confhub.people.account import Account, SignIn
from confhub.people.actor import Actor
from confhub.store import Store
from tests.confhub.store.country import NOW, Country

HOUSE = Actor(NOW)
DAY = dt.timedelta(days=1)


@pytest.fixture
def account(country: Country) -> Account:
    return Account("acc-1", "thuky.namp", "Lò Thị Thư", "secretary", country.district)


async def told(store: Store) -> list[object]:
    return [one.payload["account_id"] for one in await store.outbox.waiting(NOW, 9)]


async def test_a_change_is_on_record_and_told_and_an_older_one_is_neither(
    store: Store, account: Account
) -> None:
    await desk.add(store, HOUSE, account, "hash")
    locked = await desk.change(store, HOUSE, dataclasses.replace(account, active=False))
    assert locked.version == account.version + 1
    with pytest.raises(Conflict):
        await desk.change(store, HOUSE, account)
    acts = [line.action for line in await store.audit.recent(9, account.id)]
    assert sorted(acts) == ["account.added", "account.changed"]
    assert await told(store) == [account.id]


async def test_who_signed_in_by_the_old_password_is_out_with_the_new_one(
    store: Store, account: Account
) -> None:
    await desk.add(store, HOUSE, account, "old")
    await store.accounts.add_sign_in(SignIn("s", account.id, "c", NOW, NOW + DAY, NOW), "old")
    await desk.reset_password(store, HOUSE, account, "new", issued=True)
    assert await store.accounts.sign_in("s", NOW) is None
    assert await told(store) == [account.id]
    nobody = dataclasses.replace(account, id="nobody")
    with pytest.raises(NotFound):
        await desk.reset_password(store, HOUSE, nobody, "new", issued=True)
    assert await store.audit.recent(9, nobody.id) == []


async def test_an_own_password_is_changed_once_in_the_place_of_the_one_that_was_shown(
    store: Store, account: Account
) -> None:
    await desk.add(store, HOUSE, account, "old")
    await store.accounts.add_sign_in(SignIn("s", account.id, "c", NOW, NOW + DAY, NOW), "old")
    await desk.change_own_password(store, HOUSE, account, "new", replaces="old")
    assert await store.accounts.sign_in("s", NOW) is None
    with pytest.raises(Conflict):
        await desk.change_own_password(store, HOUSE, account, "newer", replaces="old")
    assert await store.accounts.password_hashes() == {account.login: "new"}
    acts = [line.action for line in await store.audit.recent(9, account.id)]
    assert sorted(acts) == ["account.added", "account.password_changed"]
