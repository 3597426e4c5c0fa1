"""Grants: several to an account, handed over, and true beside a hub that knows only the post."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import delete, insert, update

from confhub.errors import Conflict, NotFound
from confhub.people.grant import Grant, holds, in_force, post_of
from confhub.people.person import Person
from confhub.store import Store
from confhub.store import tables as t
from tests.confhub.store.country import NOW, Country, account

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
DAY = dt.timedelta(days=1)


def grant(unit_id: str, grant_id: str = "g-1", **values: object) -> Grant:
    given = {"account_id": "acc-thuky.nampo", "role": "technician", "unit_id": unit_id}
    return Grant(**{"id": grant_id, "given_at": NOW} | given | values)  # type: ignore[arg-type]


async def test_an_account_is_made_with_its_post_and_more_is_added(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    assert await store.grants.of(clerk.id) == [post_of(clerk)]
    further = grant(country.province, starts_at=NOW, ends_at=NOW + DAY, reason="QĐ 12/QĐ-UBND")
    await store.grants.add(further)
    with pytest.raises(Conflict):
        await store.grants.add(dataclasses.replace(further, reason="sent twice"))
    assert await store.grants.of(clerk.id) == [post_of(clerk), further]
    assert await store.grants.get("g-1") == further
    assert await store.grants.of("nobody") == []
    with pytest.raises(NotFound):
        await store.grants.get("nothing")


async def test_a_grant_ends_at_another_time(store: Store, country: Country) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    await store.grants.add(grant(country.province))
    await store.grants.set_end(await store.grants.get("g-1"), NOW)
    await store.grants.set_end(post_of(clerk), NOW + DAY)
    post, further = await store.grants.of(clerk.id)
    assert (post.ends_at, further.ends_at) == (NOW + DAY, NOW)
    await store.grants.set_end(post, None)
    assert (await store.grants.of(clerk.id))[0] == post_of(clerk)


async def test_what_is_handed_over_brings_what_it_rests_on(store: Store, country: Country) -> None:
    giver, taker = account(country.district), account(country.cha_nua, "phothuky")
    await store.accounts.add(giver, HASH)
    await store.accounts.add(taker, HASH)
    handed = Grant(
        "h-1",
        taker.id,
        "secretary",
        country.district,
        ends_at=NOW + DAY,
        given_by=giver.id,
        given_at=NOW,
        source=post_of(giver),
    )
    await store.grants.add(handed)
    assert (await store.grants.of(taker.id))[1] == handed
    assert await store.grants.handed_over_by(giver.id) == [handed]
    assert await store.grants.in_units([country.district]) == [handed]
    assert holds(handed, NOW)
    moved = await store.accounts.update(dataclasses.replace(giver, unit_id=country.province))
    assert not holds(await store.grants.get("h-1"), NOW)
    back = await store.accounts.update(dataclasses.replace(moved, unit_id=country.district))
    assert holds(await store.grants.get("h-1"), NOW)
    await store.accounts.update(dataclasses.replace(back, active=False))
    assert in_force(await store.grants.of(taker.id), NOW) == (post_of(taker),)


async def test_a_post_follows_an_account_that_a_hub_of_before_the_grants_wrote(
    store: Store, country: Country
) -> None:
    clerk = account(country.district)
    row = {f.name: getattr(clerk, f.name) for f in dataclasses.fields(clerk)}
    async with store._database.write() as connection:
        await connection.execute(insert(t.account).values(row | {"password_hash": HASH}))
    assert await store.grants.of(clerk.id) == [post_of(clerk)]
    assert await store.accounts.person(clerk.id) == Person(clerk.id, clerk.name, "", clerk.unit_id)
    taker = account(country.district, "phothuky")
    await store.accounts.add(taker, HASH)
    handed = Grant(
        "h-1", taker.id, "secretary", country.district, given_by=clerk.id, source=post_of(clerk)
    )
    await store.grants.add(handed)
    assert holds(await store.grants.get("h-1"), NOW)
    async with store._database.write() as connection:
        old_hub = update(t.account).where(t.account.c.id == clerk.id)
        await connection.execute(old_hub.values(role="site", name="Tên mới"))
    (post,) = await store.grants.of(clerk.id)
    assert post.role == "site"
    assert not holds(await store.grants.get("h-1"), NOW)
    assert (await store.accounts.person(clerk.id)).name == "Tên mới"


async def test_an_account_that_a_hub_of_before_the_grants_adds_may_be_deleted_whole(
    store: Store, country: Country
) -> None:
    """Nothing but the account itself stands for it until a new hub writes it."""
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    async with store._database.write() as connection:
        for table in (t.person, t.account_grant):
            await connection.execute(delete(table).where(table.c.account_id == clerk.id))
    changed = await store.accounts.update(dataclasses.replace(clerk, role="admin"))
    assert await store.grants.of(clerk.id) == [post_of(changed)]


async def test_a_person_is_kept_with_the_account(store: Store, country: Country) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    told = Person(clerk.id, clerk.name, "Chánh Văn phòng", clerk.unit_id, "a@b.vn", "0215 382 511")
    await store.accounts.set_person(told)
    assert await store.accounts.person(clerk.id) == told
    moved = dataclasses.replace(clerk, name="Tên mới", unit_id=country.province)
    await store.accounts.update(moved)
    expected = dataclasses.replace(told, name="Tên mới", unit_id=country.province)
    assert await store.accounts.people([clerk.id, "nobody"]) == {clerk.id: expected}
    with pytest.raises(NotFound):
        await store.accounts.set_person(Person("nobody", "Không ai"))
    with pytest.raises(NotFound):
        await store.accounts.person("nobody")
