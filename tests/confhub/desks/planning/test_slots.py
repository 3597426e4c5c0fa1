"""Times to propose, out of the schedule and the calendar as they are stored."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from confhub.desks import meetings as desk
from confhub.desks.planning.slots import slots_of
from confhub.meetings.schedule import Draft
from confhub.meetings.working_days import SpecialDay
from confhub.people.actor import Actor
from confhub.planning.takings import Need, Resource
from confhub.store import Store
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


async def test_a_room_above_that_a_lower_unit_took_unasked_is_free_to_whom_it_gives_way(
    store: Store, country: Country
) -> None:
    await store.sites.add_many([site(country.province, "a"), site(country.district, "b")])
    upward = draft(country.district, local(1, 7), ("site-b", "site-a"))
    await desk.schedule(store, HOUSE, "upward", upward)
    since = local(1, 0)

    async def first(host: str, *sites: str) -> dt.datetime:
        found, *_ = await slots_of(store, draft(host, local(1, 8), sites), "", since, VIETNAM)
        return found.starts_at

    assert await first(country.province, "site-a") == local(1, 8)
    assert await first(country.province, "site-a", "site-b") == local(1, 9)  # b is the host's own
    assert await first(country.district, "site-a") == local(1, 9)
