"""A room is one hub's; whoever had it before writes nothing any more."""

from __future__ import annotations

import asyncio

import pytest

from confhub.errors import NotFound
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence, Hub, RoomTaken
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, meeting, site

MEETING = "meeting-1"
ONE, TWO = Hub("hub-1", "aaaa"), Hub("hub-1", "bbbb")
LONG_S = 600.0
OVER_S = 0.0  # a sign of life that has ended as it is given


@pytest.fixture(autouse=True)
async def held(store: Store, country: Country) -> None:
    await store.sites.add(site(country.district, "a"))
    await store.meetings.add(meeting(country.district, ("site-a",)))


async def test_a_living_hub_keeps_its_room_and_each_taking_raises_the_epoch(store: Store) -> None:
    ownership = store.ownership
    assert await ownership.take(MEETING, ONE, LONG_S) == Fence(MEETING, 1)
    assert await ownership.take(MEETING, TWO, LONG_S) == ONE.id
    assert await ownership.held() == {MEETING: ONE.id}
    assert await ownership.take(MEETING, ONE, LONG_S) == Fence(MEETING, 2)
    assert await ownership.renew(ONE, LONG_S) == {MEETING: 2}
    assert await ownership.renew(TWO, LONG_S) == {}
    assert await ownership.namesakes(ONE) == {TWO.id}
    with pytest.raises(NotFound):
        await ownership.take("nothing", ONE, LONG_S)


async def test_a_silent_hub_s_room_is_free_and_a_renewal_brings_none_back(store: Store) -> None:
    ownership = store.ownership
    await ownership.take(MEETING, ONE, OVER_S)
    assert await ownership.held() == {}
    assert await ownership.take(MEETING, TWO, LONG_S) == Fence(MEETING, 2)
    assert await ownership.renew(ONE, LONG_S) == {}
    assert await ownership.held() == {MEETING: TWO.id}


async def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    ownership = store.ownership
    old = await ownership.take(MEETING, ONE, LONG_S)
    assert isinstance(old, Fence)
    await ownership.release(old)
    assert await ownership.take(MEETING, TWO, LONG_S) == Fence(MEETING, 2)
    await ownership.release(old)  # late, and no more its own
    assert await ownership.held() == {MEETING: TWO.id}
    await ownership.leave(TWO.id)
    assert await ownership.take(MEETING, ONE, LONG_S) == Fence(MEETING, 3)


async def test_of_many_hubs_that_ask_at_once_one_gets_the_room(store: Store) -> None:
    hubs = [Hub("hub", str(number)) for number in range(8)]
    taken = await asyncio.gather(*(store.ownership.take(MEETING, hub, LONG_S) for hub in hubs))
    assert [fence for fence in taken if isinstance(fence, Fence)] == [Fence(MEETING, 1)]


async def test_an_old_fence_writes_nothing(store: Store) -> None:
    old = await store.ownership.take(MEETING, ONE, OVER_S)
    new = await store.ownership.take(MEETING, TWO, LONG_S)
    assert isinstance(old, Fence)
    assert isinstance(new, Fence)
    await store.rooms.save_snapshot(new, b"new", NOW)
    await store.rooms.joined(new, Attendance(MEETING, "s-a", NOW))
    with pytest.raises(RoomTaken):
        await store.rooms.save_snapshot(old, b"old", NOW)
    with pytest.raises(RoomTaken):
        await store.rooms.left(old, "s-a", NOW, "lost")
    with pytest.raises(RoomTaken):
        await store.rooms.joined(old, Attendance(MEETING, "s-b", NOW))
    with pytest.raises(RoomTaken):
        await store.ownership.check(old)
    await store.ownership.check(new)
    assert await store.rooms.snapshot(MEETING) == b"new"
    assert await store.rooms.attendance(MEETING) == [Attendance(MEETING, "s-a", NOW)]
