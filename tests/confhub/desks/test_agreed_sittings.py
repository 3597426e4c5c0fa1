"""The technical centre is asked for what is still ahead of a meeting in several sittings."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import meetings
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from confhub.planning.agreement.states import NotNow, Said
from confhub.store import Store
from tests.confhub.desks.test_agreements import DAY, HOUR, SITES, STARTS, ZONE, House, house
from tests.confhub.store.country import draft_of

__all__ = ["house"]  # a fixture


async def hold_day_one(store: Store, house: House) -> Meeting:
    """A meeting over three days that was confirmed; it is the evening of the first."""
    sittings = tuple(Sitting(STARTS + day * DAY, STARTS + day * DAY + HOUR) for day in range(3))
    draft = draft_of(house.host, "commune", SITES, STARTS, 2 * DAY + HOUR)
    draft = dataclasses.replace(draft, sittings=sittings)
    await meetings.schedule(store, house.secretary, "meeting-1", draft)
    await house.say(Said("confirm"))
    known = await store.meetings.get("meeting-1")
    over = dataclasses.replace(sittings[0], is_over=True)
    held = dataclasses.replace(known, sittings=(over, *sittings[1:]))
    async with store.work(house.secretary) as work:
        await work.meetings.hold("meeting-1")
        await work.meetings.update(held)
    house.now = STARTS + 8 * HOUR
    return await store.meetings.get("meeting-1")


async def test_the_rest_of_a_meeting_that_is_moved_between_sittings_is_asked_for(
    store: Store, house: House
) -> None:
    await hold_day_one(store, house)
    await house.move(STARTS + 5 * DAY)
    asked = await house.now_stands()
    assert (asked.state, asked.ends_at) == ("asked", STARTS + 6 * DAY + HOUR)
    # Thursday's evening: one working day, and well before the rest.
    assert asked.due_at == dt.datetime(2026, 12, 3, 17, 30, tzinfo=ZONE)
    assert (await store.agreements.of_centres([house.centre], house.now, 0, 10))[1] == 1
    assert (await house.say(Said("confirm"))).state == "confirmed"
    assert len(await store.agreements.answered_by_centres([house.centre], house.now, 10)) == 1


async def test_the_deadline_of_the_rest_lies_before_the_next_sitting(
    store: Store, house: House
) -> None:
    await hold_day_one(store, house)
    await house.move(STARTS + DAY + HOUR)
    assert (await house.now_stands()).due_at == STARTS + DAY


async def test_once_the_last_sitting_began_nobody_answers_any_more(
    store: Store, house: House
) -> None:
    await hold_day_one(store, house)
    await house.move(STARTS + 5 * DAY)
    house.now = STARTS + 6 * DAY
    with pytest.raises(NotNow):
        await house.say(Said("confirm"))
