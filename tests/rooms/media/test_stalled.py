"""A sender whose line became narrow stops its large picture: viewers get the small one at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from rooms.media.receiving.track import ACTIVE_S
from rooms.media.source import Tile
from tests.rooms.media.hall import HIGH, Hall, open_hall, until


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with open_hall() as opened:
        yield opened


async def test_a_layer_that_stops_gives_way_to_the_smaller_one_and_comes_back(hall: Hall) -> None:
    sender = await hall.sender("a")
    await hall.receiver("b", [Tile("a", "camera", 720)])
    (slot, *_) = hall.conference.subscriber("b")._video

    def shows(rid: str, *, sends: str) -> bool:
        sender.frame(key=True)
        if sends == "both":
            sender.frame(key=True, layer=HIGH, height=720)
        return slot.current is not None and slot.current.rid == rid

    await until(lambda: shows("h", sends="both"), "the large picture")
    began = time.monotonic()
    await until(lambda: shows("l", sends="small"), "the small picture")
    assert time.monotonic() - began < ACTIVE_S / 2
    track = hall.conference.publisher("a").tracks["camera"]
    assert track.layers["h"].is_stalled
    await until(lambda: shows("h", sends="both"), "the large picture, now that it is back")
    assert not track.layers["h"].is_stalled


async def test_a_small_picture_that_stops_stops_no_large_one(hall: Hall) -> None:
    sender = await hall.sender("a")
    await hall.receiver("b", [Tile("a", "camera", 720)])
    track = hall.conference.publisher("a").tracks["camera"]
    sender.frame(key=True)

    def goes_on() -> bool:
        sender.frame(key=True, layer=HIGH, height=720)
        low, high = track.layers.get("l"), track.layers.get("h")
        if low is None or high is None or not low.received_at or not high.received_at:
            return False
        assert not high.is_stalled
        return high.received_at - low.received_at > 1

    await until(goes_on, "a second without the small one")
    assert not track.layers["l"].is_stalled
