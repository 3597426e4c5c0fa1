"""What a live room leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence, Hub, RoomTaken
from confhub.meetings.room_event import RoomEvent
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, meeting, site
from tests.on_record import room_events

MEETING = "meeting-1"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def held(store: Store, country: Country) -> None:
    await store.sites.add(site(country.district, "a"))
    await store.meetings.add(meeting(country.district, ("site-a",)))


@pytest.fixture
async def fence(store: Store, held: None) -> Fence:
    taken = await store.ownership.take(MEETING, Hub("hub-1", "aaaa"), 600.0)
    assert isinstance(taken, Fence)
    return taken


async def test_the_last_snapshot_is_kept_byte_for_byte(store: Store, fence: Fence) -> None:
    assert await store.rooms.snapshot(MEETING) is None
    for state in (b"", b"\x00\xff\x80" * 100_000, b"last"):
        await store.rooms.save_snapshot(fence, state, NOW)
        assert await store.rooms.snapshot(MEETING) == state


async def test_stays_are_listed_in_the_order_of_joining(store: Store, fence: Fence) -> None:
    await store.rooms.joined(fence, Attendance(MEETING, "s-b", NOW + MINUTE))
    await store.rooms.joined(fence, Attendance(MEETING, "s-a", NOW))
    await store.rooms.left(fence, "s-a", NOW + 2 * MINUTE, "left")
    await store.rooms.left(fence, "s-never", NOW, "left")
    await store.rooms.joined(fence, Attendance(MEETING, "s-a", NOW + 3 * MINUTE))
    assert await store.rooms.attendance(MEETING) == [
        Attendance(MEETING, "s-a", NOW, NOW + 2 * MINUTE, "left"),
        Attendance(MEETING, "s-b", NOW + MINUTE),
        Attendance(MEETING, "s-a", NOW + 3 * MINUTE),
    ]


async def test_a_stay_that_never_ended_is_lost_when_its_member_returns(
    store: Store, fence: Fence
) -> None:
    await store.rooms.joined(fence, Attendance(MEETING, "s-a", NOW))
    await store.rooms.joined(fence, Attendance(MEETING, "s-a", NOW + MINUTE))
    await store.rooms.left(fence, "s-a", NOW + 2 * MINUTE, "ended")
    assert await store.rooms.attendance(MEETING) == [
        Attendance(MEETING, "s-a", NOW, NOW + MINUTE, "lost"),
        Attendance(MEETING, "s-a", NOW + MINUTE, NOW + 2 * MINUTE, "ended"),
    ]


def act(fence: Fence, seq: int, **payload: object) -> RoomEvent:
    at = NOW + seq * MINUTE
    return RoomEvent(MEETING, fence.epoch, seq, at, "hand", {"by": "s-a", **payload})


async def test_acts_are_listed_in_the_order_of_their_numbers(store: Store, fence: Fence) -> None:
    assert await store.rooms.last_seq(MEETING) == 0
    acts = [act(fence, 1), act(fence, 2, why="Đề nghị “phát biểu”\n\u2028"), act(fence, 3)]
    for one in reversed(acts):
        await store.rooms.log(one)
    assert await room_events(store, MEETING) == acts
    assert await store.rooms.last_seq(MEETING) == 3


async def test_an_act_that_is_written_again_is_there_once_as_it_was(
    store: Store, fence: Fence
) -> None:
    for raised in (True, True, False):
        await store.rooms.log(act(fence, 1, raised=raised))
    assert await room_events(store, MEETING) == [act(fence, 1, raised=True)]


async def test_a_hub_that_no_longer_runs_the_room_adds_nothing_to_its_log(
    store: Store, fence: Fence
) -> None:
    with pytest.raises(RoomTaken):
        await store.rooms.log(act(Fence(MEETING, fence.epoch - 1), 1))
    assert await room_events(store, MEETING) == []


async def test_a_stay_that_is_begun_again_after_no_answer_is_one(
    store: Store, fence: Fence
) -> None:
    await store.rooms.joined(fence, Attendance(MEETING, "s-a", NOW))
    again = Attendance(MEETING, "s-a", NOW + MINUTE)
    for _ in range(2):
        await store.rooms.joined(fence, again)
    assert [(stay.joined_at, stay.reason) for stay in await store.rooms.attendance(MEETING)] == [
        (NOW, "lost"),
        (NOW + MINUTE, ""),
    ]
    for _ in range(2):
        await store.rooms.left(fence, "s-a", NOW + 2 * MINUTE, "left")
    await store.rooms.joined(fence, again)
    [_, last] = await store.rooms.attendance(MEETING)
    assert (last.left_at, last.reason) == (NOW + 2 * MINUTE, "left")


HOUR = dt.timedelta(hours=1)
NOT_LONG = dt.timedelta(0)


async def test_stays_end_with_the_hub_that_ran_the_room_if_nobody_took_it(store: Store) -> None:
    came = dt.datetime.now(dt.UTC) - HOUR
    dead, next_one = Hub("hub-1", "dead"), Hub("hub-1", "next")
    fence = await store.ownership.take(MEETING, dead, 0.0)
    assert isinstance(fence, Fence)
    await store.rooms.joined(fence, Attendance(MEETING, "s-a", came))
    assert await store.rooms.end_left_open(HOUR) == []  # it may still come back
    assert await store.rooms.staying(MEETING) == {"s-a"}
    assert await store.rooms.end_left_open(NOT_LONG) == [MEETING]
    (stay,) = await store.rooms.attendance(MEETING)
    assert stay.left_at is not None
    assert came < stay.left_at <= dt.datetime.now(dt.UTC)
    assert stay.reason == "lost"
    with pytest.raises(RoomTaken):  # it slept, and wakes up
        await store.rooms.left(fence, "s-a", came, "left")
    assert await store.rooms.end_left_open(NOT_LONG) == []

    again = await store.ownership.take(MEETING, next_one, 600.0)
    assert isinstance(again, Fence)
    await store.rooms.joined(again, Attendance(MEETING, "s-a", came + MINUTE))
    assert await store.rooms.end_left_open(NOT_LONG) == []  # somebody runs it
    await store.ownership.leave(next_one.id)
    assert await store.rooms.end_left_open(HOUR) == []
    assert await store.rooms.end_left_open(NOT_LONG) == [MEETING]
    assert await store.rooms.staying(MEETING) == frozenset()
