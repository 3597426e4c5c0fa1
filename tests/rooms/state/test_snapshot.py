"""Snapshots over versions: yesterday's is read here, today's by yesterday's hub, none is lost.

YESTERDAY was written by the first form's code. It stays as it is.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rooms.protocol.messages import Layout
from rooms.state.features.floor import FLOOR, SetHand
from rooms.state.features.layout import LAYOUT, SetLayout
from rooms.state.snapshot import NewerSnapshot, encode_room, open_room
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import SITES, T0, plan, room_with

YESTERDAY = (
    b'{"version":1,"layout":{"mode":"single","focus":"s-xa"},"live":true,"members":['
    b'{"id":"s-tinh","site_id":"tinh","name":"Ph\xc3\xb2ng tinh","unit":"tinh","level":"X\xc3\xa3",'
    b'"rank":4,"role":"site","presence":"present","since":1764000001.0,"microphone":true,'
    b'"camera":true,"stay_from":1764000001.0,"hand_at":1764000009.0},'
    b'{"id":"s-huyen","site_id":"huyen","name":"Ph\xc3\xb2ng huyen","unit":"huyen",'
    b'"level":"X\xc3\xa3","rank":4,"role":"site","sent_out":"\xe1\xbb\x93n"},'
    b'{"id":"s-xa","site_id":"xa","name":"Ph\xc3\xb2ng xa","unit":"xa","level":"X\xc3\xa3",'
    b'"rank":4,"role":"site","presence":"reconnecting","since":1764000002.0,"device":true,'
    b'"stay_from":1764000000.0,"hand_at":1764000005.0},'
    b'{"id":"a-thuky","site_id":null,"name":"Th\xc6\xb0 k\xc3\xbd","unit":"","level":"X\xc3\xa3",'
    b'"rank":4,"role":"secretary","presence":"present","since":1764000003.0,"may_drive":true,'
    b'"may_end":true,"stay_from":1764000003.0}]}'
)


class YesterdaysSnapshot(msgspec.Struct, frozen=True):
    """What the first form's reader wanted; it passed over other fields."""

    version: int
    layout: Layout
    live: bool
    members: list[dict[str, Any]]


def test_yesterdays_snapshot_is_read() -> None:
    room, _ = open_room(plan(), YESTERDAY, T0 + 60)
    assert room.part(LAYOUT).layout == Layout("single", "s-xa")
    assert room.live
    assert room.part(FLOOR).hands() == [("s-xa", T0 + 5), ("s-tinh", T0 + 9)]
    assert room.members["s-huyen"].sent_out == "ồn"
    tinh, driver = room.members["s-tinh"], room.members["a-thuky"]
    assert (tinh.presence, tinh.microphone, tinh.camera) == ("reconnecting", True, True)
    assert (driver.may_drive, driver.stay_from) == (True, T0 + 3)
    assert room.seq == 0


def test_what_was_read_from_yesterdays_snapshot_is_written_as_todays() -> None:
    room, _ = open_room(plan(), YESTERDAY, T0 + 60)
    again, _ = open_room(plan(), encode_room(room), T0 + 60)
    assert encode_room(again) == encode_room(room)
    assert again.part(FLOOR).queue() == ["s-xa", "s-tinh"]


def test_a_hub_of_yesterday_can_take_a_room_of_today() -> None:
    room = room_with(*(site_seat(site) for site in SITES), secretary())
    room.handle("s-xa", SetHand(True), T0 + 9)
    room.handle("a-thuky", SetLayout("grid"), T0 + 10)
    seen = msgspec.json.decode(encode_room(room), type=YesterdaysSnapshot)
    assert seen.version == 1
    assert seen.layout == Layout("grid")
    assert {m["id"]: m.get("hand_at") for m in seen.members}["s-xa"] == T0 + 9


def test_the_part_of_a_feature_that_this_hub_lacks_is_kept_for_one_that_has_it() -> None:
    saved = msgspec.json.decode(encode_room(room_with(site_seat("xa"))))
    saved["form"] = 7
    saved["features"]["voting"] = {"open": ["s-xa"]}
    saved["colour"] = "blue"
    room, _ = open_room(plan(), msgspec.json.encode(saved), T0 + 60)
    again = msgspec.json.decode(encode_room(room))
    assert again["features"]["voting"] == {"open": ["s-xa"]}


def test_a_snapshot_that_only_a_later_hub_understands_is_left_to_it() -> None:
    saved = msgspec.json.decode(encode_room(room_with(site_seat("xa"))))
    saved["version"] = saved["form"] = 99
    with pytest.raises(NewerSnapshot):
        open_room(plan(), msgspec.json.encode(saved), T0 + 60)


@pytest.mark.parametrize(
    "saved",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"version":1}',
        b'{"version":"1","layout":{},"live":true,"members":[]}',
        b'{"version":1,"layout":{},"live":true,"members":[1]}',
        b'{"version":1,"layout":5,"live":true,"members":[]}',
        b'{"version":1,"form":0,"layout":{},"live":true,"members":[]}',
        b'{"version":1,"form":2,"layout":{},"live":true,"seq":0,"members":[],'
        b'"features":{"floor":[["s-xa"]]}}',
    ],
)
def test_a_broken_snapshot_is_an_error_that_says_so(saved: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        open_room(plan(), saved, T0)


@pytest.mark.parametrize(("in_log", "goes_on_at"), [(0, 1), (1, 1), (7, 7)])
def test_the_log_goes_on_after_its_last_act_however_old_the_snapshot_is(
    in_log: int, goes_on_at: int
) -> None:
    room = room_with(secretary())
    room.handle("a-thuky", SetLayout("grid"), T0 + 9)
    again, _ = open_room(plan(), encode_room(room), T0 + 60, in_log)
    assert again.seq == goes_on_at
    without, _ = open_room(plan(), None, T0 + 60, in_log)
    assert without.seq == in_log
