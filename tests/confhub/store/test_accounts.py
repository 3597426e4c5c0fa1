"""Accounts and their sessions."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest

from confhub.errors import BadInput, Conflict, NotFound
from confhub.people.account import SignIn
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, account

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
HOURS = dt.timedelta(hours=12)


def session(number: int, account_id: str, created_at: dt.datetime = NOW) -> SignIn:
    return SignIn(f"{number:064}", account_id, "csrf", created_at, created_at + HOURS, created_at)


async def test_an_account_is_found_by_id_and_by_its_exact_login(
    store: Store, country: Country
) -> None:
    clerk = account(country.district, language="en")
    await store.accounts.add(clerk, HASH)
    assert await store.accounts.get(clerk.id) == clerk
    assert await store.accounts.by_login("thuky.nampo") == (clerk, HASH)
    assert await store.accounts.by_login("Thuky.Nampo") is None
    assert await store.accounts.by_login("' OR 1=1 --") is None
    with pytest.raises(NotFound):
        await store.accounts.get("nobody")


async def test_a_login_is_used_once(store: Store, country: Country) -> None:
    await store.accounts.add(account(country.district), HASH)
    second = dataclasses.replace(account(country.province), id="another")
    with pytest.raises(Conflict):
        await store.accounts.add(second, HASH)
    other = account(country.province, "other")
    await store.accounts.add(other, HASH)
    with pytest.raises(Conflict) as conflict:
        await store.accounts.update(dataclasses.replace(other, login="thuky.nampo"))
    assert conflict.value.code == "in_use"


async def test_lists_are_by_login_of_the_units_that_were_asked_for(
    store: Store, country: Country
) -> None:
    for login, unit_id in (
        ("c", country.district),
        ("a", country.province),
        ("b", country.district),
    ):
        await store.accounts.add(account(unit_id, login), HASH)
    assert [one.login for one in await store.accounts.list()] == ["a", "b", "c"]
    assert [one.login for one in await store.accounts.list([country.district])] == ["b", "c"]
    assert await store.accounts.list([]) == []


async def test_an_update_keeps_the_password_and_raises_the_version(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    stored = await store.accounts.update(dataclasses.replace(clerk, name="Tên mới"))
    assert (stored.name, stored.version) == ("Tên mới", 2)
    assert await store.accounts.by_login(clerk.login) == (stored, HASH)
    with pytest.raises(Conflict) as conflict:
        await store.accounts.update(clerk)
    assert conflict.value.code == "conflict"
    with pytest.raises(NotFound):
        await store.accounts.update(account(country.district, "nobody"))


async def test_a_password_is_replaced(store: Store, country: Country) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.accounts.set_password(clerk.id, "another hash")
    assert await store.accounts.by_login(clerk.login) == (clerk, "another hash")
    with pytest.raises(NotFound):
        await store.accounts.set_password("nobody", HASH)
    with pytest.raises(BadInput):
        await store.accounts.set_password(clerk.id, "h" * 201)


async def test_a_password_that_was_changed_meanwhile_is_not_replaced(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.accounts.set_password(clerk.id, "second", issued=True, replaces=HASH)
    with pytest.raises(Conflict):
        await store.accounts.set_password(clerk.id, "third", replaces=HASH)
    found = await store.accounts.by_login(clerk.login)
    assert found == (dataclasses.replace(clerk, password_issued=True), "second")
    with pytest.raises(NotFound):
        await store.accounts.set_password("nobody", "third", replaces=HASH)


async def test_no_session_begins_by_a_password_that_was_changed(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.accounts.set_password(clerk.id, "second")
    await store.accounts.end_sign_ins(clerk.id)
    with pytest.raises(Conflict):
        await store.accounts.add_sign_in(session(1, clerk.id), HASH)
    assert await store.accounts.sign_in(session(1, clerk.id).id, NOW) is None
    await store.accounts.add_sign_in(session(2, clerk.id), "second")
    assert await store.accounts.sign_in(session(2, clerk.id).id, NOW) is not None


async def test_sessions_begun_beside_a_change_of_the_password_do_not_outlive_it(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)

    async def change() -> None:
        await store.accounts.set_password(clerk.id, "second")
        await store.accounts.end_sign_ins(clerk.id)

    numbers = range(20)
    begun = [store.accounts.add_sign_in(session(number, clerk.id), HASH) for number in numbers]
    done = await asyncio.gather(*begun[:10], change(), *begun[10:], return_exceptions=True)
    assert [one for one in done if one is not None and not isinstance(one, Conflict)] == []
    found = [await store.accounts.sign_in(session(n, clerk.id).id, NOW) for n in numbers]
    assert found == [None] * 20


async def test_a_session_lives_until_its_time_and_not_a_moment_longer(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    one = session(1, clerk.id)
    await store.accounts.add_sign_in(one, HASH)
    last = one.expires_at - dt.timedelta(microseconds=1)
    assert await store.accounts.sign_in(one.id, last) == (one, clerk)
    assert await store.accounts.sign_in(one.id, one.expires_at) is None
    assert await store.accounts.sign_in("unknown", NOW) is None


async def test_a_session_notes_its_use(store: Store, country: Country) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.accounts.add_sign_in(session(1, clerk.id), HASH)
    later = NOW + dt.timedelta(minutes=5)
    await store.accounts.touch(session(1, clerk.id).id, later)
    found = await store.accounts.sign_in(session(1, clerk.id).id, later)
    assert found is not None
    assert found[0].last_seen_at == later


async def test_sessions_end_one_by_one_or_all_of_an_account(store: Store, country: Country) -> None:
    clerk, other = account(country.district), account(country.district, "other")
    for number, owner in enumerate((clerk, clerk, clerk, other)):
        if number in (0, 3):
            await store.accounts.add(owner, HASH)
        await store.accounts.add_sign_in(session(number, owner.id), HASH)

    async def living() -> list[int]:
        found = [await store.accounts.sign_in(f"{number:064}", NOW) for number in range(4)]
        return [number for number, one in enumerate(found) if one is not None]

    assert await living() == [0, 1, 2, 3]
    await store.accounts.end_sign_in(f"{0:064}")
    await store.accounts.end_sign_in("never there")
    assert await living() == [1, 2, 3]
    await store.accounts.end_sign_ins(clerk.id)
    assert await living() == [3]


async def test_an_account_made_inactive_loses_its_sessions_for_good(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.accounts.add_sign_in(session(1, clerk.id), HASH)
    asleep = await store.accounts.update(dataclasses.replace(clerk, active=False))
    with pytest.raises(Conflict):
        await store.accounts.add_sign_in(session(2, clerk.id), HASH)
    await store.accounts.update(dataclasses.replace(asleep, active=True))
    assert await store.accounts.sign_in(session(1, clerk.id).id, NOW) is None


async def test_a_new_session_sweeps_those_that_expired(store: Store, country: Country) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.accounts.add_sign_in(session(1, clerk.id, NOW - HOURS), HASH)
    await store.accounts.add_sign_in(session(2, clerk.id, NOW), HASH)
    before = NOW - dt.timedelta(hours=1)
    assert await store.accounts.sign_in(session(1, clerk.id).id, before) is None
    assert await store.accounts.sign_in(session(2, clerk.id).id, before) is not None
