"""Live meetings that nobody ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import msgspec
import pytest

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.errors import Unavailable
from confhub.jobs.overruns import LOOK_EVERY, is_over, overruns
from confhub.jobs.runner import Runner
from confhub.meetings.admission import LIVE_AFTER_END, OPEN_AFTER_END
from confhub.meetings.meeting import Attendance, Meeting
from confhub.meetings.ownership import Fence, Hub
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, meeting, site
from tests.on_record import waiting

END = meeting("unit", ("site-a",)).ends_at
MOMENT = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "is_held", "is_site_inside", "over"),
    [
        (END + OPEN_AFTER_END, True, False, False),
        (END + LIVE_AFTER_END - MOMENT, True, False, False),
        (END + LIVE_AFTER_END, True, False, True),  # a console that somebody forgot
        (END + LIVE_AFTER_END, True, True, False),  # people are inside: nobody is sent home
        (END + 10 * LIVE_AFTER_END, True, True, False),
        (END + OPEN_AFTER_END - MOMENT, False, False, False),
        (END + OPEN_AFTER_END, False, False, True),
    ],
)
def test_a_meeting_runs_over_while_somebody_is_in_it(
    now: dt.datetime, is_held: bool, is_site_inside: bool, over: bool
) -> None:
    live = meeting("unit", ("site-a",), status="live")
    assert is_over(live, now, is_held=is_held, is_site_inside=is_site_inside) == over


class House:
    """One hub's jobs; `held` are the meetings whose room is open, None: the bus is away."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.held: Collection[str] | None = ()
        self.runner = Runner(store, overruns(self._held), lambda: self.now, "hub-1")

    async def _held(self) -> Collection[str]:
        if self.held is None:
            raise Unavailable(code="bus_unavailable")
        return self.held

    async def look_at(self, now: dt.datetime) -> None:
        self.now = now
        await self.runner._plan()
        while await self.runner.do_next():
            pass

    async def status(self, meeting_id: str = "meeting-1") -> str:
        return (await self.store.meetings.get(meeting_id)).status


@pytest.fixture
async def house(store: Store, country: Country) -> House:
    await store.sites.add_many([site(country.district, code) for code in ("a", "b")])
    await store.meetings.add(_live(country))
    return House(store)


def _live(country: Country, **values: Any) -> Meeting:
    return meeting(country.district, ("site-a", "site-b"), status="live", **values)


async def test_a_forgotten_meeting_is_ended_on_record_and_told_once(house: House) -> None:
    over = END + OPEN_AFTER_END
    await house.look_at(over - MOMENT)
    assert await house.status() == "live"
    for late in range(3):
        await house.look_at(over + late * LOOK_EVERY)
    assert await house.status() == "ended"
    (line,) = await house.store.audit.recent(9, "meeting-1")
    assert (line.action, line.detail) == ("meeting.ended", "nobody ended it")
    (told,) = await waiting(house.store, house.now)
    assert told.topic == MEETINGS_TOPIC
    assert msgspec.convert(told.payload, MeetingNews) == MeetingNews("meeting-1", "ended")


async def test_people_inside_are_never_sent_out(house: House) -> None:
    house.held = ["meeting-1"]
    fence = await house.store.ownership.take("meeting-1", Hub("hub-1", "boot"), 60.0)
    assert isinstance(fence, Fence)
    await house.store.rooms.joined(fence, Attendance("meeting-1", "s-site-a", NOW))
    late = END + 2 * LIVE_AFTER_END
    await house.look_at(late)
    assert await house.status() == "live"
    await house.store.rooms.left(fence, "s-site-a", late, "left")
    await house.store.rooms.joined(fence, Attendance("meeting-1", "a-secretary", NOW))
    await house.look_at(late + LOOK_EVERY)
    assert await house.status() == "ended"


async def test_nothing_ends_while_nobody_knows_which_rooms_are_open(house: House) -> None:
    house.held = None
    await house.look_at(END + LIVE_AFTER_END)
    assert await house.status() == "live"
    house.held = ()
    await house.look_at(END + LIVE_AFTER_END + LOOK_EVERY)
    assert await house.status() == "ended"
    assert len(await house.store.audit.recent(9, "meeting-1")) == 1


async def test_an_end_that_was_put_off_meanwhile_holds(house: House, country: Country) -> None:
    stored = await house.store.meetings.get("meeting-1")
    over = END + OPEN_AFTER_END
    house.now = over
    await house.runner._plan()
    assert await house.runner.do_next()  # the look, which finds it
    await house.store.meetings.update(_live(country, version=stored.version, ends_at=over))
    assert await house.runner.do_next()
    assert await house.status() == "live"


async def test_one_that_cannot_be_ended_keeps_no_other_from_its_end(
    house: House, country: Country
) -> None:
    await house.store.meetings.add(_live(country, id="meeting-2"))
    real, away = house._held, [Unavailable()]

    async def away_once() -> Collection[str]:
        if away:
            raise away.pop()
        return await real()

    house.runner = Runner(house.store, overruns(away_once), lambda: house.now, "hub-1")
    await house.look_at(END + OPEN_AFTER_END)
    found = [await house.status(one) for one in ("meeting-1", "meeting-2")]
    assert sorted(found) == ["ended", "live"]
    await house.look_at(END + OPEN_AFTER_END + dt.timedelta(minutes=1))
    assert [await house.status(one) for one in ("meeting-1", "meeting-2")] == ["ended", "ended"]
