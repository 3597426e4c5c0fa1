"""Use cases of accounts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import cast, get_args

import pytest

from confhub.desks import accounts as desk
from confhub.errors import Conflict, FieldErrors, Forbidden, NotFound
from confhub.meetings.feed import Feed
from confhub.people.account import Account, Role, SignIn
from confhub.people.actor import Actor, of_account
from confhub.people.grant import Grant
from confhub.store import Store
from tests.confhub.store.country import NOW, Country
from tests.on_record import waiting

HOUSE = Actor(NOW)
DAY = dt.timedelta(days=1)


@pytest.fixture
def account(country: Country) -> Account:
    return Account("acc-1", "thuky.namp", "Lò Thị Thư", "secretary", country.district)


async def told(store: Store) -> list[object]:
    return [one.payload["account_id"] for one in await waiting(store, NOW)]


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
    await desk.reset_password(store, HOUSE, account.id, "new", issued=True)
    assert await store.accounts.sign_in("s", NOW) is None
    assert await told(store) == [account.id]
    nobody = dataclasses.replace(account, id="nobody")
    with pytest.raises(NotFound):
        await desk.reset_password(store, HOUSE, nobody.id, "new", issued=True)
    assert await store.audit.recent(9, nobody.id) == []


async def test_secret_calendars_end_with_a_password_that_was_reset(
    store: Store, account: Account
) -> None:
    await desk.add(store, HOUSE, account, "old")
    owner = of_account(account, NOW)
    feed = Feed("f1", account.id, "hash", NOW)
    await store.feeds.add(feed)
    await desk.change_own_password(store, owner, "own", "old")
    assert await store.feeds.living(account.id) == [feed]  # the page says so
    await desk.reset_password(store, HOUSE, account.id, "new", issued=True)
    assert await store.feeds.living(account.id) == []
    with pytest.raises(NotFound):
        await store.feeds.by_hash("hash")
    assert "feed.ended" in [line.action for line in await store.audit.recent(9, feed.id)]


async def test_an_own_password_is_changed_once_in_the_place_of_the_one_that_was_shown(
    store: Store, account: Account
) -> None:
    await desk.add(store, HOUSE, account, "old")
    await store.accounts.add_sign_in(SignIn("s", account.id, "c", NOW, NOW + DAY, NOW), "old")
    own = of_account(account, NOW)
    await desk.change_own_password(store, own, "new", replaces="old")
    assert await store.accounts.sign_in("s", NOW) is None
    with pytest.raises(Conflict):
        await desk.change_own_password(store, own, "newer", replaces="old")
    assert await store.accounts.password_hashes() == {account.login: "new"}
    acts = [line.action for line in await store.audit.recent(9, account.id)]
    assert sorted(acts) == ["account.added", "account.password_changed"]


@pytest.fixture
async def admin(store: Store, country: Country) -> Actor:
    """Of the province."""
    admin = Account("acc-admin", "quantri", "Quản trị", "admin", country.province)
    await store.accounts.add(admin, "hash")
    return of_account(admin, NOW)


async def faults(store: Store, actor: Actor, account: Account) -> set[str]:
    with pytest.raises(FieldErrors) as refused:
        await desk.add(store, actor, account, "hash")
    return set(refused.value.fields)


@pytest.mark.parametrize("login", ["ab", "a" * 65, "a b", ".abc", "thư.ký", "a/b", "a\nb", ""])
async def test_a_login_that_is_hard_to_type_is_refused(
    store: Store, account: Account, login: str
) -> None:
    assert await faults(store, HOUSE, dataclasses.replace(account, login=login)) == {"login"}


@pytest.mark.parametrize("login", ["abc", "a" * 64, "thuky.nampo", "x-1_2@dienbien.vn"])
async def test_a_plain_login_is_taken(store: Store, account: Account, login: str) -> None:
    await desk.add(store, HOUSE, dataclasses.replace(account, login=login), "hash")
    assert await store.accounts.by_login(login) is not None


@pytest.mark.parametrize("role", get_args(Role))
async def test_an_administrator_gives_every_role_in_the_units_below(
    store: Store, account: Account, admin: Actor, role: Role
) -> None:
    made = dataclasses.replace(account, role=role)
    await desk.add(store, admin, made, "hash")
    assert await store.accounts.get(made.id) == made
    await desk.change(store, admin, dataclasses.replace(made, role="site"))
    await desk.reset_password(store, admin, made.id, "new", issued=True)


async def test_no_account_is_put_above_or_beside_ones_unit(
    store: Store, country: Country, account: Account, admin: Actor
) -> None:
    await desk.add(store, admin, account, "hash")
    for unit_id in (country.centre, "nowhere"):
        moved = dataclasses.replace(account, id="acc-2", login="khac", unit_id=unit_id)
        assert await faults(store, admin, moved) == {"unit_id"}
        with pytest.raises(FieldErrors) as refused:
            await desk.change(store, admin, dataclasses.replace(account, unit_id=unit_id))
        assert set(refused.value.fields) == {"unit_id"}


async def test_every_fault_is_told_at_once(store: Store, account: Account, admin: Actor) -> None:
    wrong = dataclasses.replace(account, login="", name="", unit_id="", role=cast(Role, "root"))
    assert await faults(store, admin, wrong) == {"login", "name", "unit_id", "role"}


async def test_nobody_saws_off_the_branch_they_sit_on(store: Store, admin: Actor) -> None:
    own = await store.accounts.get(admin.account_id)
    changed = dataclasses.replace(own, active=False, role="secretary")
    with pytest.raises(FieldErrors) as refused:
        await desk.change(store, admin, changed)
    assert set(refused.value.fields) == {"active", "role"}
    with pytest.raises(Forbidden):
        await desk.reset_password(store, admin, own.id, "new", issued=True)


async def test_an_account_that_holds_rights_out_of_reach_is_not_taken_over(
    store: Store, country: Country, account: Account, admin: Actor
) -> None:
    await desk.add(store, HOUSE, account, "hash")
    await store.grants.add(Grant("grant-1", account.id, "site", country.centre))
    with pytest.raises(Forbidden):
        await desk.reset_password(store, admin, account.id, "new", issued=True)
    with pytest.raises(Forbidden):
        await desk.change(store, admin, account)


async def test_signing_out_ends_ones_own_sign_in_only(store: Store, account: Account) -> None:
    await desk.add(store, HOUSE, account, "hash")
    await store.accounts.add_sign_in(SignIn("s", account.id, "c", NOW, NOW + DAY, NOW), "hash")
    with pytest.raises(NotFound):
        await desk.leave(store, Actor(NOW, account_id="somebody"), "s")
    assert await store.accounts.sign_in("s", NOW) is not None
    await desk.leave(store, of_account(account, NOW), "s")
    assert await store.accounts.sign_in("s", NOW) is None
    assert await told(store) == [account.id]
