"""What a live room leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence, Hub
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, meeting, site

MEETING = "meeting-1"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
async def fence(store: Store, country: Country) -> Fence:
    await store.sites.add(site(country.district, "a"))
    await store.meetings.add(meeting(country.district, ("site-a",)))
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
