"""Use cases of sites."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import meetings
from confhub.desks import sites as desk
from confhub.desks.planning.clashes import clashes_of
from confhub.errors import Conflict, FieldErrors, NotFound, Unavailable
from confhub.meetings.schedule import Draft
from confhub.people.account import Account
from confhub.people.actor import Actor
from confhub.people.grant import Grant
from confhub.people.person import Person
from confhub.planning.takings import Resource
from confhub.store import Store, Work
from tests.confhub.store.country import NOW, Country, account, draft_of, site

HOUSE = Actor(NOW)
HOUR = dt.timedelta(hours=1)


async def test_a_site_is_there_with_its_record_or_not_at_all(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    new = site(country.province, "a")
    with monkeypatch.context() as patch:
        patch.setattr(Work, "audit", away)
        with pytest.raises(Unavailable):
            await desk.add(store, HOUSE, new)
    with pytest.raises(NotFound):
        await store.sites.get(new.id)
    await desk.add(store, HOUSE, new)
    changed = await desk.change(store, HOUSE, dataclasses.replace(new, name="Mới"))
    with pytest.raises(Conflict):
        await desk.change(store, HOUSE, dataclasses.replace(new, name="Cũ"))
    assert await store.sites.get(new.id) == changed
    acts = {(line.action, line.detail) for line in await store.audit.recent(9, new.id)}
    assert acts == {("site.added", "a"), ("site.changed", "version 2")}


@pytest.fixture
async def people(store: Store, country: Country) -> dict[str, Account]:
    """Of the commune a secretary and its room; of the province a technician and a secretary."""
    made = {
        "clerk": account(country.muong_cha, "clerk", name="Thư Ký"),
        "room": account(country.muong_cha, "room", role="site"),
        "engineer": account(country.province, "engineer", role="technician", name="Lò Văn A"),
        "elsewhere": account(country.province, "elsewhere"),
    }
    for one in made.values():
        await store.accounts.add(one, "hash")
    return made


async def test_a_technician_is_one_of_the_unit_or_in_charge_of_it(
    store: Store, country: Country, people: dict[str, Account]
) -> None:
    path = [one.id for one in await store.units.path(country.muong_cha, NOW.date())]
    found = await desk.technicians(store, path, NOW)
    assert {one.id for one in found} == {people["clerk"].id, people["engineer"].id}
    for name in ("elsewhere", "room"):
        wrong = site(country.muong_cha, "a", technician_id=people[name].id)
        with pytest.raises(FieldErrors) as told:
            await desk.add(store, HOUSE, wrong)
        assert list(told.value.fields) == ["technician_id"]
    lent = Grant("grant-1", people["elsewhere"].id, "technician", country.muong_cha)
    await store.grants.add(lent)
    await desk.add(store, HOUSE, site(country.muong_cha, "a", technician_id=people["elsewhere"].id))


async def test_name_and_telephone_of_a_technician_follow_the_account(
    store: Store, country: Country, people: dict[str, Account]
) -> None:
    who = people["engineer"]
    told = Person(who.id, who.name, unit_id=who.unit_id, phone="0912 345 678")
    await store.accounts.set_person(told)
    typed = site(country.muong_cha, "a", technician_name="?", technician_id=who.id)
    await desk.add(store, HOUSE, typed)
    kept = await store.sites.get(typed.id)
    assert (kept.technician_name, kept.technician_phone) == ("Lò Văn A", "0912 345 678")
    assert [one.id for one in await store.sites.served_by(who.id)] == [typed.id]
    await store.accounts.update(dataclasses.replace(who, name="Lò Văn An", unit_id=country.centre))
    kept = await store.sites.get(typed.id)
    assert kept.technician_name == "Lò Văn An"
    # Who was named stays so until another is: also after they left.
    await desk.change(store, HOUSE, dataclasses.replace(kept, room="Phòng 2"))
    kept = await store.sites.get(typed.id)
    outside = dataclasses.replace(kept, technician_id="", technician_name="Thợ", room="")
    await desk.change(store, HOUSE, outside)
    assert await store.sites.served_by(who.id) == []


async def test_two_sites_of_one_technician_clash_however_they_are_written(
    store: Store, country: Country, people: dict[str, Account]
) -> None:
    who = people["engineer"]
    told = Person(who.id, who.name, unit_id=who.unit_id, phone="0912 345 678")
    await store.accounts.set_person(told)
    for code in ("a", "b"):
        await desk.add(store, HOUSE, site(country.muong_cha, code, technician_id=who.id))
    await desk.add(
        store,
        HOUSE,
        site(country.centre, "typed", technician_name="Anh A", technician_phone="0912.345.678"),
    )

    def wanted(code: str) -> Draft:
        return draft_of(country.centre, "central", (f"site-{code}",), NOW + HOUR, HOUR)

    await meetings.schedule(store, HOUSE, "meeting-1", wanted("a"))
    for code in ("b", "typed"):
        (clash,) = await clashes_of(store, wanted(code), dt.UTC)
        assert clash.need.resource == Resource("technician", who.id)
    await meetings.cancel(store, HOUSE, "meeting-1", 1, "Xong")
    await meetings.schedule(store, HOUSE, "meeting-2", wanted("typed"))
    (clash,) = await clashes_of(store, wanted("a"), dt.UTC)
    assert clash.holder.id == "meeting-2"
