"""Times to propose, out of the schedule and the calendar as they are stored."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from confhub.desks import meetings as desk
from confhub.desks.planning.clashes import minded_by, needs_in
from confhub.desks.planning.slots import first_free, slots_of
from confhub.meetings.schedule import Draft
from confhub.meetings.working_days import SpecialDay
from confhub.people.actor import Actor
from confhub.planning.conflicts import Clashing
from confhub.planning.slots import Slot
from confhub.planning.takings import Need, Resource, Taking, Takings
from confhub.store import Store
from confhub.store.database import database
from confhub.store.registry import units
from confhub.units.tree import way_down
from confhub.units.unit import Unit
from tests.confhub.store.country import NOW, Country, draft_of, site

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SITES = ("site-a", "site-b", "site-c")
HOUSE = Actor(NOW)
HOUR = dt.timedelta(hours=1)


def local(day: int, hour: float) -> dt.datetime:
    return dt.datetime(2026, 12, day, tzinfo=VIETNAM) + dt.timedelta(hours=hour)


def draft(host: str, start: dt.datetime, sites: tuple[str, ...] = SITES) -> Draft:
    return draft_of(host, "district", sites, start.astimezone(dt.UTC), 2 * HOUR)


async def test_the_next_times_are_those_that_neither_meetings_nor_days_off_take(
    store: Store, country: Country
) -> None:
    await store.sites.add_many([site(country.district, code) for code in "abc"])
    await store.special_days.put(SpecialDay(dt.date(2026, 12, 2), is_off=True, name="Nghỉ bù"))
    for number, (hour, sites) in enumerate([(7, SITES[:1]), (15, SITES[2:])]):
        taken = draft(country.district, local(1, hour), sites)
        await desk.schedule(store, HOUSE, f"meeting-{number}", taken)
    wanted = draft(country.district, local(1, 8))
    since = local(1, 0)
    found = await slots_of(store, wanted, "", since, VIETNAM)
    assert [slot.starts_at for slot in found] == [local(1, 9), local(3, 8), local(3, 13.5)]
    found = await slots_of(store, wanted, "", since, VIETNAM, least=1)
    assert [slot.starts_at for slot in found] == [local(1, 9), local(1, 13.5), local(3, 8)]
    assert found[1].missing == (Need(Resource("site", "site-c")),)
    # The meeting that is moved is not in its own way.
    own = draft(country.district, local(1, 7), SITES[:1])
    first, *_ = await slots_of(store, own, "meeting-0", since, VIETNAM)
    assert first.starts_at == local(1, 8)


async def upward(store: Store, country: Country, start: dt.datetime, days: float) -> None:
    """The district takes a room of the province above it, which nobody asked."""
    lower = draft(country.district, start, ("site-b", "site-a"))
    lower = replace(lower, ends_at=lower.starts_at + 24 * HOUR * days)
    await desk.schedule(store, HOUSE, f"upward-{start.day}", lower)


async def test_the_first_time_proposed_is_saved_without_a_word(
    store: Store, country: Country
) -> None:
    await store.sites.add_many([site(country.province, "a"), site(country.district, "b")])
    await upward(store, country, local(1, 7), days=1 / 12)
    for number, host in enumerate((country.province, country.district)):
        wanted = draft(host, local(1, 8), ("site-a",))
        first, *_ = await slots_of(store, wanted, "", local(1, 0), VIETNAM)
        assert (first.starts_at, first.over_lower) == (local(1, 9 + 4.5 * number), False)
        there = replace(wanted, starts_at=first.starts_at, ends_at=first.ends_at)
        await desk.schedule(store, HOUSE, f"mine-{number}", there)


async def test_rooms_that_lower_units_hold_above_themselves_are_proposed_last_and_marked(
    store: Store, country: Country
) -> None:
    await store.sites.add_many([site(country.province, code) for code in "ac"])
    await store.sites.add(site(country.district, "b"))
    for day in (1, 11, 21):
        await upward(store, country, local(day, 0), days=10)

    async def found(host: str, *sites: str) -> list[Slot]:
        return await slots_of(store, draft(host, local(1, 8), sites), "", local(1, 0), VIETNAM)

    first, *others = await found(country.province, "site-a")
    assert (first.starts_at, first.over_lower) == (local(1, 8), True)
    assert all(one.over_lower for one in others)
    there = draft(country.province, first.starts_at, ("site-a",))
    with pytest.raises(Clashing):
        await desk.schedule(store, HOUSE, "mine", there)
    first, *_ = await found(country.province, "site-c", "site-a")
    assert (first.missing, first.over_lower) == ((), True)
    # The lower one's own is taken; and whoever took the room finds no other time for it.
    first, *_ = await found(country.province, "site-c", "site-b")
    assert (first.missing, first.over_lower) == ((Need(Resource("site", "site-b")),), False)
    assert await found(country.district, "site-a") == []


async def test_one_other_time_is_where_nobody_holds_anything_if_there_is_such(
    store: Store, country: Country
) -> None:
    await store.sites.add_many([site(country.province, "a"), site(country.district, "b")])
    await upward(store, country, local(1, 7), days=1 / 12)
    own = draft(country.province, local(2, 8), ("site-a",)).new_meeting("own", "")
    times = [(local(1, hour), local(1, hour + 2)) for hour in (8, 9)]
    assert await first_free(store, own, times, VIETNAM) == Slot(*times[1])
    assert await first_free(store, own, times[:1], VIETNAM) == Slot(*times[0], over_lower=True)
    lower = replace(own, host_unit_id=country.district)
    assert await first_free(store, lower, times[:1], VIETNAM) is None


async def test_what_weeks_hold_is_walked_beside_the_loop(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are the ways of many units down to them."""
    loop, threads = threading.get_ident(), []

    class Noting(Takings):
        def __iter__(self) -> Iterator[Taking]:
            threads.append(threading.get_ident())
            return super().__iter__()

    def noting(unit_id: str, known: Mapping[str, Unit]) -> list[Unit]:
        threads.append(threading.get_ident())
        return way_down(unit_id, known)

    monkeypatch.setattr(units, "way_down", noting)
    monkeypatch.setattr(database, "FEW", 1)
    await store.sites.add_many([site(country.province, "a"), site(country.district, "b")])
    await upward(store, country, local(1, 7), days=1 / 12)
    wanted = draft(country.province, local(1, 8), ("site-b", "site-a"))
    needs = await needs_in(store, wanted, VIETNAM)
    span = wanted.starts_at, wanted.ends_at
    held = Noting(await store.takings.during(needs, *span, wanted.starts_at.date()))
    mind = await minded_by(store, wanted, needs, held, VIETNAM)
    assert {one.resource.id for one in mind} == {"site-b"}
    assert len(threads) > 2
    assert loop not in threads
