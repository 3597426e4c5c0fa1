"""A room whose meeting has several sittings."""

from __future__ import annotations

import dataclasses
import datetime as dt

from confhub.meetings.sitting import Sitting
from confhub.store import Store
from tests.rooms.conftest import NewHouse
from tests.rooms.house import MEETING, site_seat
from tests.rooms.hub.test_hub import Time

HOUR = dt.timedelta(hours=1)


async def test_who_stays_over_noon_is_in_the_afternoons_sitting(
    new_house: NewHouse, store: Store
) -> None:
    clock = Time()
    now = dt.datetime.fromtimestamp(clock(), dt.UTC).replace(microsecond=0)
    morning = Sitting(now - 3 * HOUR, now - HOUR)
    afternoon = Sitting(now + HOUR, now + 3 * HOUR)
    planned = dataclasses.replace(
        await store.meetings.get(MEETING),
        starts_at=morning.starts_at,
        ends_at=afternoon.ends_at,
        sittings=(morning, afternoon),
        status="live",  # else that it begins would be news, and the room planned anew
    )
    await store.meetings.update(planned)
    house = await new_house(clock=clock, lease_s=1.0)
    page, welcome = await house.join(site_seat("xa"))
    assert welcome["room"]["ends_at"] == morning.ends_at.timestamp()
    clock.ahead_s = HOUR.total_seconds() + 1.0
    told = await page.expect("room")
    assert told["room"]["ends_at"] == afternoon.ends_at.timestamp()
