"""People without an account: noted, changed, ended and taken back, each with its line."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import address_book as desk
from confhub.errors import Conflict, FieldErrors, Forbidden, NotFound
from confhub.people.account import Role
from confhub.people.actor import Actor, of_account
from confhub.people.person import Person
from confhub.store import Store
from tests.confhub.store.country import BEFORE, Country, account

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
NOW = dt.datetime.combine(BEFORE, dt.time(1), dt.UTC)  # the district still stands


async def clerk_of(store: Store, unit_id: str, role: Role = "secretary") -> Actor:
    clerk = dataclasses.replace(account(unit_id, f"{role}.x"), role=role)
    await store.accounts.add(clerk, HASH)
    return of_account(clerk, NOW)


async def actions(store: Store, subject: str) -> list[str]:
    return [entry.action for entry in await store.audit.recent(9, subject)]


async def test_somebody_is_noted_once_changed_ended_and_taken_back(
    store: Store, country: Country
) -> None:
    actor = await clerk_of(store, country.district)
    chair = Person("chair", "Cà A Páo", "Chủ tịch", country.cha_nua, phone="0215 3 111")
    for _ in range(2):
        await desk.add(store, actor, chair)
    assert await store.address_book.list([country.cha_nua]) == [chair]
    known = await desk.change(store, actor, dataclasses.replace(chair, title="Bí thư"))
    later = dataclasses.replace(actor, now=NOW + dt.timedelta(hours=1))
    known = await desk.end(store, later, "chair", known.version)
    assert known.ended_at == later.now
    assert await desk.end(store, actor, "chair", 1) == known  # it is done
    changed = dataclasses.replace(known, email="a@b.vn", ended_at=None)
    known = await desk.change(store, actor, changed)
    assert known.ended_at == later.now
    known = await desk.take_back(store, actor, "chair", known.version)
    assert known == await store.address_book.get("chair")
    assert (known.ended_at, known.title, known.email, known.version) == (
        None,
        "Bí thư",
        "a@b.vn",
        5,
    )
    done = ["person.taken_back", "person.changed", "person.ended", "person.changed", "person.added"]
    assert sorted(await actions(store, "chair")) == sorted(done)


async def test_of_two_changes_of_one_version_the_second_is_refused(
    store: Store, country: Country
) -> None:
    actor = await clerk_of(store, country.district)
    chair = Person("chair", "Cà A Páo", unit_id=country.district)
    await desk.add(store, actor, chair)
    await desk.change(store, actor, dataclasses.replace(chair, name="Cà A Chu"))
    with pytest.raises(Conflict):
        await desk.change(store, actor, chair)
    with pytest.raises(Conflict):
        await desk.end(store, actor, "chair", 1)
    assert (await store.address_book.get("chair")).name == "Cà A Chu"


async def test_only_who_may_edit_people_of_a_unit_or_above_does(
    store: Store, country: Country
) -> None:
    mine = await clerk_of(store, country.cha_nua)
    technician = await clerk_of(store, country.district, "technician")
    chair = Person("chair", "Cà A Páo", unit_id=country.district)
    with pytest.raises(FieldErrors) as refused:
        await desk.add(store, mine, chair)
    assert set(refused.value.fields) == {"unit_id"}
    with pytest.raises(Forbidden):
        await desk.add(store, technician, chair)
    await desk.add(store, Actor(NOW), chair)  # the house itself
    for actor in (mine, technician):
        for act in (desk.end, desk.take_back):
            with pytest.raises(NotFound):
                await act(store, actor, "chair", 1)
        with pytest.raises(NotFound):
            await desk.change(store, actor, chair)
    assert await actions(store, "chair") == ["person.added"]


async def test_who_has_an_account_is_not_in_the_book(store: Store, country: Country) -> None:
    clerk = account(country.district)
    await store.accounts.add(clerk, HASH)
    assert await store.address_book.list([country.district]) == []
    with pytest.raises(NotFound):
        await store.address_book.get(clerk.id)
    with pytest.raises(NotFound):
        await desk.end(store, Actor(NOW), clerk.id, 1)


async def test_what_cannot_be_dialled_or_written_to_is_refused(
    store: Store, country: Country
) -> None:
    bad = Person("chair", "", "x" * 121, country.district, "a@", "không")
    with pytest.raises(FieldErrors) as refused:
        await desk.add(store, Actor(NOW), bad)
    assert set(refused.value.fields) == {"name", "title", "email", "phone"}


async def test_the_book_and_each_unit_of_it_have_an_end(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_OF_UNIT", 2)
    monkeypatch.setattr(desk, "MOST", 3)
    actor = await clerk_of(store, country.district)

    async def add(person_id: str, unit_id: str) -> None:
        await desk.add(store, actor, Person(person_id, "Cà A Páo", unit_id=unit_id))

    for person_id in ("one", "two"):
        await add(person_id, country.cha_nua)
    with pytest.raises(FieldErrors) as refused:
        await add("three", country.cha_nua)
    assert list(refused.value.fields) == ["unit_id"]
    await add("three", country.district)
    with pytest.raises(Conflict):
        await add("four", country.district)
    three = await store.address_book.get("three")
    with pytest.raises(FieldErrors) as refused:  # nor by moving in
        await desk.change(store, actor, dataclasses.replace(three, unit_id=country.cha_nua))
    assert list(refused.value.fields) == ["unit_id"]
    await add("one", country.cha_nua)  # sent again: it is there


async def test_the_id_of_an_account_s_holder_is_nobody_else_s(
    store: Store, country: Country
) -> None:
    actor = await clerk_of(store, country.district)
    with pytest.raises(Conflict, match="Biểu mẫu này đã dùng"):
        await desk.add(store, actor, Person(actor.account_id, "Ai đó", unit_id=country.cha_nua))
    with pytest.raises(NotFound):
        await store.address_book.get(actor.account_id)
