"""The log of a room's acts: written through the journal, numbered on over restarts."""

from __future__ import annotations

import datetime as dt

import msgspec

from confhub.meetings.ownership import Fence, Hub
from confhub.store import Store
from tests.on_record import room_events
from tests.rooms.conftest import NewHouse
from tests.rooms.house import MEETING, House, secretary, site_seat

NOW = dt.datetime(2026, 11, 25, 1, tzinfo=dt.UTC)


async def put_snapshot(store: Store, state: bytes) -> None:
    """As a hub that ran the room before left it."""
    fence = await store.ownership.take(MEETING, Hub("before", "aaaa"), 60.0)
    assert isinstance(fence, Fence)
    await store.rooms.save_snapshot(fence, state, NOW)
    await store.ownership.release(fence)


async def test_acts_are_in_the_log_and_their_numbers_in_what_pages_read(
    house: House, store: Store
) -> None:
    page, welcome = await house.join(site_seat("xa"))
    driver, _ = await house.join(secretary())
    assert welcome["seq"] == 0
    await page.send("hand", raised=True)
    await driver.expect("member", seq=1)
    await driver.send("invite", member="s-xa")
    await page.expect("invited", seq=2)
    await driver.send("layout", mode="single", focus="s-xa")
    await page.expect("room", seq=3)
    await driver.send("mute", member="s-huyen")  # is off already
    await driver.send("end")
    await page.closed()
    await house.close()
    events = await room_events(store, MEETING)
    assert [(e.epoch, e.seq, e.kind, e.payload) for e in events] == [
        (1, 1, "hand", {"by": "s-xa", "raised": True}),
        (1, 2, "invite", {"by": "a-thuky", "member": "s-xa"}),
        (1, 3, "layout", {"by": "a-thuky", "mode": "single", "focus": "s-xa"}),
        (1, 4, "end", {"by": "a-thuky"}),
    ]
    for one in (page, driver):
        numbers = [message["seq"] for message in one.seen if "seq" in message]
        assert numbers == sorted(numbers)


async def test_a_hub_that_died_before_its_snapshot_gives_no_number_twice(
    new_house: NewHouse, store: Store
) -> None:
    first = await new_house()
    driver, _ = await first.join(secretary())
    await driver.send("layout", mode="grid")
    await driver.expect("room", seq=1)
    await first.close()
    old = await store.rooms.snapshot(MEETING)
    assert old is not None
    second = await new_house()
    driver, welcome = await second.join(secretary())
    assert welcome["seq"] == 1
    await driver.send("layout", mode="speaker")
    await driver.expect("room", seq=2)
    await second.close()
    await put_snapshot(store, old)  # as if the last second were lost
    third = await new_house()
    driver, welcome = await third.join(secretary())
    assert (welcome["seq"], welcome["room"]["layout"]["mode"]) == (2, "grid")
    await driver.send("layout", mode="lecture")
    await driver.expect("room", seq=3)
    await third.close()
    events = await room_events(store, MEETING)
    assert [(event.epoch, event.seq) for event in events] == [(1, 1), (2, 2), (4, 3)]


async def test_a_snapshot_nobody_can_read_is_kept_in_the_log_and_the_meeting_is_held(
    new_house: NewHouse, store: Store
) -> None:
    await put_snapshot(store, b'{"version":1,"broken')
    house = await new_house()
    _, welcome = await house.join(secretary())
    assert welcome["room"]["layout"]["mode"] == "lecture"
    await house.close()
    [event] = await room_events(store, MEETING)
    assert event.kind == "unreadable_snapshot"
    assert event.payload == {"state": '{"version":1,"broken'}


async def test_a_room_of_a_later_version_is_not_opened_and_its_snapshot_stays(
    new_house: NewHouse, store: Store
) -> None:
    later = msgspec.json.encode({"version": 99, "form": 99, "votes": ["s-xa"]})
    await put_snapshot(store, later)
    house = await new_house()
    page = await house.page(site_seat("xa"))
    await page.send("hello", version=1)
    closed = await page.expect("closed", reason="stopping", retry=True)
    assert closed["message"].startswith("Phòng họp này đã chạy trên máy chủ bản mới hơn.")
    await house.close()
    assert await store.rooms.snapshot(MEETING) == later
