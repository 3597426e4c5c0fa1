"""What a room puts on record: under its fence, and once."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import rooms as desk
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence, Hub, RoomTaken
from confhub.people.actor import Actor
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, meeting, site

HOUSE = Actor(NOW)
SECRETARY = Actor(NOW, account_id="acc-1")
MEETING, MEMBER = "meeting-1", "s-site-a"


@pytest.fixture
async def room(store: Store, country: Country) -> Fence:
    """Held by this hub."""
    await store.sites.add(site(country.province, "a"))
    await store.meetings.add(meeting(country.province, ("site-a",)))
    taken = await store.ownership.take(MEETING, Hub("hub-1", "aaaa"), 600.0)
    assert isinstance(taken, Fence)
    return taken


async def acts(store: Store) -> list[tuple[str, str]]:
    return [(line.action, line.account_id) for line in await store.audit.recent(9, MEETING)]


async def test_a_stay_begins_once_and_ends(store: Store, room: Fence) -> None:
    stay = Attendance(MEETING, MEMBER, NOW)
    for _ in range(2):
        await desk.come(store, HOUSE, room, stay)
    later = Actor(NOW + dt.timedelta(minutes=5))
    await desk.go(store, later, room, MEMBER, "left")
    ended = dataclasses.replace(stay, left_at=later.now, reason="left")
    assert await store.rooms.attendance(MEETING) == [ended]


async def test_an_act_is_on_record_once_under_its_key(store: Store, room: Fence) -> None:
    for _ in range(2):
        await desk.note(store, SECRETARY, room, "key-1", "room.sent_out", "s-site-b")
    assert await acts(store) == [("room.sent_out", "acc-1")]


async def test_a_room_that_another_hub_runs_writes_nothing(store: Store, room: Fence) -> None:
    old = dataclasses.replace(room, epoch=room.epoch - 1)
    for writing in (
        desk.come(store, HOUSE, old, Attendance(MEETING, MEMBER, NOW)),
        desk.go(store, HOUSE, old, MEMBER, "left"),
        desk.note(store, SECRETARY, old, "key-1", "room.sent_out"),
    ):
        with pytest.raises(RoomTaken):
            await writing
    assert await store.rooms.attendance(MEETING) == []
    assert await acts(store) == []


async def test_stays_that_a_dead_hub_left_open_end_with_a_line_on_record(
    store: Store, room: Fence
) -> None:
    await desk.come(store, HOUSE, room, Attendance(MEETING, MEMBER, NOW))
    await store.ownership.leave("hub-1/aaaa")
    assert await desk.end_left_open(store, HOUSE, dt.timedelta(0)) == [MEETING]
    assert await desk.end_left_open(store, HOUSE, dt.timedelta(0)) == []
    assert await store.rooms.staying(MEETING) == frozenset()
    assert await acts(store) == [("attendance.left_open", "")]
