"""What is in the way of meetings ahead, over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time

import pytest

from confhub.config import Settings
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from confhub.planning.blocking import Blocking
from confhub.store import Store, open_store
from confhub.store.planning.precedence import MOST_ROWS
from confhub.units.unit import NewUnit
from tests.confhub.store.country import NOW, Country, found_country, meeting, site
from tests.confhub.store.full_year import fill_year

HOUR = dt.timedelta(hours=1)


def planned(host: str, sites: tuple[str, ...], begins: float, **values: object) -> Meeting:
    at = NOW + begins * HOUR
    given = meeting(host, sites, starts_at=at, ends_at=at + HOUR)
    return dataclasses.replace(given, **values)  # type: ignore[arg-type]


@pytest.fixture
async def commune(store: Store, country: Country) -> str:
    """With a meeting of its own in three hours, of its site and its neighbour's."""
    await store.units.add_many([NewUnit("commune", "Xã Lân Cận", country.province, id="near")])
    await store.sites.add_many(
        [site(country.muong_cha, "own"), site("near", "near"), site(country.province, "up")]
    )
    own = planned(country.muong_cha, ("site-own", "site-near"), 3, id="own", level_id="commune")
    await store.meetings.add(own)
    return country.muong_cha


async def found(store: Store, unit_id: str, now: dt.datetime = NOW) -> list[tuple[str, str, int]]:
    rows = await store.precedence.in_the_way(now, unit_ids=[unit_id])
    assert rows == [
        row
        for meeting_id in {row.meeting_id for row in rows}
        for row in await store.precedence.in_the_way(now, meeting_id=meeting_id)
    ]
    return [(row.kind, row.other_id, row.sites) for row in rows]


async def test_a_higher_meeting_at_the_same_time_is_in_the_way(
    store: Store, country: Country, commune: str
) -> None:
    assert await found(store, commune) == []
    for name, host, begins, status in (
        ("higher", country.province, 2.5, "scheduled"),
        ("before", country.province, 2, "scheduled"),  # it is over when the other begins
        ("called-off", country.province, 3, "cancelled"),
        ("same-level", "near", 3, "scheduled"),
    ):
        other = planned(host, ("site-up", "site-near", "site-own"), begins, id=name, status=status)
        await store.meetings.add(other)
    assert await found(store, commune) == [("higher", "higher", 2)]
    assert await found(store, country.province) == []  # nobody is above it here
    apart = planned(country.province, ("site-up",), 3, id="apart")
    await store.meetings.add(apart)
    assert await found(store, commune) == [("higher", "higher", 2)]


async def test_a_meeting_that_is_extended_or_not_over_is_in_the_way_of_the_next(
    store: Store, commune: str
) -> None:
    before = planned("near", ("site-near",), 1.5, id="before", status="live")
    await store.meetings.add(before)
    assert await found(store, commune) == []
    longer = dataclasses.replace(before, ends_at=NOW + 3.25 * HOUR)
    stored = await store.meetings.update(longer)
    assert await found(store, commune) == [("live", "before", 1)]
    # Nobody extends it, and it goes on: told half an hour before the next.
    await store.meetings.update(dataclasses.replace(stored, ends_at=before.ends_at))
    assert await found(store, commune, NOW + 2.25 * HOUR) == []
    assert await found(store, commune, NOW + 2.75 * HOUR) == [("live", "before", 1)]


async def test_each_meeting_is_told_once_of_what_blocks_its_own_sites_at_its_time(
    store: Store, country: Country, commune: str
) -> None:
    again = planned(commune, ("site-own",), 27, id="again", level_id="commune")
    between = planned(commune, ("site-near",), 15, id="between", level_id="commune")
    for one in (again, between):
        await store.meetings.add(one)
    at = NOW + 2 * HOUR
    long = Blocking(
        "long", "site", "busy", "Sửa nhà", at, at + 240 * HOUR, "UTC", site_id="site-own"
    )
    weekly = dataclasses.replace(
        long, id="weekly", ends_at=at + 2 * HOUR, starts_at=at, weekly=True, site_id="site-near"
    )
    hub = dataclasses.replace(weekly, id="hub", reach="hub", weekly=False, site_id="")
    for blocking in (long, weekly, hub):
        await store.blockings.add(blocking)
    told = await store.precedence.in_the_way(NOW, unit_ids=[commune])
    assert sorted((one.meeting_id, one.other_id, one.sites) for one in told) == [
        ("again", "long", 1),
        ("own", "hub", 2),
        ("own", "long", 1),
        ("own", "weekly", 1),
    ]


def three_days(meeting: Meeting, **values: object) -> Meeting:
    """Held an hour a day for three days."""
    days = [n * 24 * HOUR for n in range(3)]
    sittings = tuple(Sitting(meeting.starts_at + by, meeting.ends_at + by) for by in days)
    whole = dataclasses.replace(meeting, ends_at=sittings[-1].ends_at, sittings=sittings)
    return dataclasses.replace(whole, **values)  # type: ignore[arg-type]


async def test_between_sittings_what_is_in_the_way_of_the_days_ahead_is_told(
    store: Store, country: Country, commune: str
) -> None:
    own = three_days(await store.meetings.get("own"))
    own = await store.meetings.update(own)
    night = planned(country.province, ("site-own",), 40, id="night")
    higher = planned(country.province, ("site-own",), 27.5, id="higher")
    for one in (night, higher):
        await store.meetings.add(one)
    at = NOW + 51 * HOUR
    cut = Blocking("cut", "site", "busy", "Cắt điện", at, at + HOUR, "UTC", site_id="site-near")
    await store.blockings.add(cut)
    both = [("higher", "higher", 1), ("blocked", "cut", 1)]
    assert await found(store, commune) == both
    # Day 1 is held, and it is told at what hours of which day.
    live = await store.meetings.update(dataclasses.replace(own, status="live"))
    for now in (NOW + 3.25 * HOUR, NOW + 5 * HOUR):
        assert await found(store, commune, now) == both
    rows = await store.precedence.in_the_way(NOW + 5 * HOUR, meeting_id="own")
    assert [row.starts_at for row in rows] == [NOW + 27 * HOUR, NOW + 51 * HOUR]
    # Between day 2 and day 3 only what is in the way of day 3.
    sittings = tuple(dataclasses.replace(one, is_over=n < 2) for n, one in enumerate(own.sittings))
    await store.meetings.update(dataclasses.replace(live, status="scheduled", sittings=sittings))
    assert await found(store, commune, NOW + 30 * HOUR) == both[1:]
    assert await found(store, commune, NOW + 51.5 * HOUR) == []


async def test_a_sitting_of_another_that_runs_over_is_told(
    store: Store, country: Country, commune: str
) -> None:
    before = three_days(planned("near", ("site-near",), 1.5), id="before", status="live")
    await store.meetings.add(before)
    assert await found(store, commune, NOW + 2.25 * HOUR) == []
    assert await found(store, commune, NOW + 2.75 * HOUR) == [("live", "before", 1)]
    (row,) = await store.precedence.in_the_way(NOW + 2.75 * HOUR, meeting_id="own")
    assert row.other_ends_at == NOW + 2.5 * HOUR
    # What is live now is no reason why it would not be over by its next day.
    await store.meetings.add(planned(country.muong_cha, ("site-near",), 25.5, id="day-2"))
    assert [
        row.meeting_id
        for row in await store.precedence.in_the_way(NOW + 2 * HOUR, unit_ids=[commune])
    ] == []


async def test_the_answer_comes_at_once_however_much_is_planned(sqlite_settings: Settings) -> None:
    """A year's 60,000 meetings of the country, thousands of them of the unit that asks."""
    store = await open_store(sqlite_settings)
    country = await found_country(store)
    await store.sites.add_many([site(country.muong_cha, "own"), site(country.province, "up")])
    hosts = (country.province, *[country.muong_cha] * 3)
    fill_year(sqlite_settings, 60_000, hosts, ("site-up", "site-own"))
    before = time.process_time()
    rows = await store.precedence.in_the_way(NOW, unit_ids=[country.muong_cha])
    assert len(rows) == MOST_ROWS
    (one,) = {row.meeting_id for row in rows[:1]}
    assert await store.precedence.in_the_way(NOW, meeting_id=one)
    assert time.process_time() - before < 2
    await store.close()
