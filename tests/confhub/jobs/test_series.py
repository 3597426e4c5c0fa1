"""The job that makes the meetings of series ahead, by however many hubs, killed wherever."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter

import pytest

from confhub.desks import work_calendar
from confhub.desks.planning import series as desk
from confhub.jobs.runner import Runner
from confhub.jobs.series import LOOK_EVERY, series
from confhub.meetings.working_days import SpecialDay
from confhub.people.actor import Actor
from confhub.planning.recurrence import Rule
from confhub.store import Store
from confhub.store.planning.series import SeriesStore
from tests.confhub.desks.planning.test_series import MONDAY, NOW, ZONE, at
from tests.confhub.store.country import Country, draft_of, site

WORKDAYS = Rule("week", MONDAY, weekdays=(0, 1, 2, 3, 4), count=30)
HOUSE = Actor(NOW)


class Hub:
    def __init__(self, store: Store, name: str = "hub-1") -> None:
        self.store = store
        self.now = NOW
        self.runner = Runner(store, series(ZONE), lambda: self.now, name)

    async def look_at(self, now: dt.datetime) -> None:
        self.now = now
        await self.runner._plan()
        while await self.runner.do_next():
            pass


@pytest.fixture
async def planned(store: Store, country: Country, monkeypatch: pytest.MonkeyPatch) -> str:
    """A series of which only the first piece is made."""
    monkeypatch.setattr(desk, "MOST_ROWS", 6)
    await store.sites.add_many([site(country.province, code) for code in ("a", "b")])
    half_an_hour = dt.timedelta(minutes=30)
    sites = ("site-a", "site-b")
    draft = draft_of(country.province, "province", sites, at(MONDAY), half_an_hour)
    await desk.schedule(store, HOUSE, "meeting-1", draft, WORKDAYS, ZONE)
    one = await store.series.of_meeting("meeting-1")
    assert one is not None
    return one.series_id


async def made(store: Store, series_id: str) -> Counter[dt.date]:
    """How many meetings there are of each original date."""
    rows = await store.series.occurrences(series_id)
    assert len({row.meeting_id for row in rows}) == len(rows)
    return Counter(row.original for row in rows if row.state != "dropped")


def whole() -> Counter[dt.date]:
    """Thirty working days but for New Year."""
    days = (MONDAY + dt.timedelta(days=n) for n in range(42))
    return Counter(day for day in days if day.weekday() < 5 and day != dt.date(2027, 1, 1))


async def test_the_rest_is_made_behind_peoples_backs(store: Store, planned: str) -> None:
    assert len(await made(store, planned)) < 6
    await Hub(store).look_at(NOW)
    assert await made(store, planned) == whole()


async def test_two_hubs_that_fail_at_random_make_each_meeting_once(
    store: Store, planned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not committed is as if the hub had been killed there."""
    add, calls = SeriesStore.add_occurrence, 0

    async def failing(self: SeriesStore, *args: object) -> None:
        nonlocal calls
        await add(self, *args)  # type: ignore[arg-type]
        calls += 1
        if calls % 5 == 0:
            raise TimeoutError

    monkeypatch.setattr(SeriesStore, "add_occurrence", failing)
    hubs = [Hub(store, f"hub-{number}") for number in range(2)]
    now = NOW
    for _ in range(40):
        now += dt.timedelta(minutes=10)
        await asyncio.gather(*(hub.look_at(now) for hub in hubs))
    assert await made(store, planned) == whole()


async def test_a_day_off_that_is_announced_is_left_out_within_the_hour(
    store: Store, planned: str
) -> None:
    hub = Hub(store)
    await hub.look_at(NOW)
    day = MONDAY + dt.timedelta(days=2)
    await work_calendar.set_day(store, HOUSE, SpecialDay(day, is_off=True, name="Lễ lớn"))
    await hub.look_at(NOW + LOOK_EVERY)
    assert await made(store, planned) == whole() - Counter([day])
    (dropped,) = [row for row in await store.series.occurrences(planned) if row.state == "dropped"]
    assert (await store.meetings.get(dropped.meeting_id)).status_reason == "Ngày nghỉ: Lễ lớn"


async def test_a_series_that_is_over_is_looked_at_no_more(store: Store, planned: str) -> None:
    hub = Hub(store)
    await hub.look_at(NOW)
    assert await store.series.open_ids() == [planned]
    await hub.look_at(NOW + dt.timedelta(days=120))
    assert await store.series.open_ids() == []
