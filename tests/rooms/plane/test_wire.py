"""Frames of the control protocol: there and back, in pieces, broken, of other versions."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.errors import Unavailable
from confhub.words.durations import Durations
from rooms.media import events
from rooms.media.errors import BadDescription, LitePeer
from rooms.media.measurement import RouterStats
from rooms.media.port.ice import Credentials
from rooms.media.running import Receiving, RunningRoom, Sending
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Tile
from rooms.plane import commands as c
from rooms.plane import wire
from rooms.plane.wire import BadWire, Frame
from tests.rooms.fakes import RECEIVES, SENDS

SLOT = events.Slot("v0", "video", "a", "camera")
COMMANDS: list[c.Command] = [
    c.Publish("m", "a", "v=0", {"0": "microphone"}, True),
    c.Offer("m", "a"),
    c.Accept("m", "a", "v=0"),
    c.Play("m", "p", "", "v=0"),
    c.RestartIce("m", "p", "receive", Credentials("u", "p")),
    c.Restart("m", "a"),
    c.SetView("m", "a", [Tile("b", "screen", 720)]),
    c.SetMuted("m", "a", "microphone", True),
    c.Remove("m", "a"),
    c.Measure("m"),
    c.Stats(),
    c.Running(),
    c.TellAgain("m"),
]
EVENTS: list[events.MediaEvent] = [
    events.TransportChanged("m", "a", "send", "connected", "GCM"),
    events.OfferNeeded("m", "a"),
    events.SlotsChanged("m", "a", (SLOT, events.Slot("a0", "audio", None, None))),
    events.SpeakersChanged("m", ("a", "b"), None),
    events.SourcesChanged("m", "a", ("microphone", "screen_audio")),
    events.LayersWanted("m", "a", "camera", ("l", "h")),
    events.Measured("m", {"a": SENDS}, {"b": RECEIVES}),
]


def read(data: bytes) -> list[Frame]:
    return list(wire.Reader().feed(data))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: type(one).__name__)
def test_every_command_arrives_as_it_was(command: c.Command) -> None:
    (frame,) = read(wire.encode(wire.Ask(7, wire.pack(command))))
    assert isinstance(frame, wire.Ask)
    assert (frame.id, wire.read_command(frame.command)) == (7, command)


def test_every_kind_of_command_is_tried_above() -> None:
    assert {type(command) for command in COMMANDS} == set(get_args(c.COMMANDS))


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: type(one).__name__)
def test_every_event_arrives_as_it_was(event: events.MediaEvent) -> None:
    (frame,) = read(wire.encode(wire.event_frame(event)))
    assert isinstance(frame, wire.Event)
    assert wire.read_event(frame) == event


def test_answers_arrive_as_they_were() -> None:
    drains = Durations((0.001, 0.01))
    drains.add(0.005)
    stats = RouterStats(1, 2, 3, 4, drains, {"unknown": 5})
    local = LocalDescription(Credentials("u", "p"), "sha-256 AA", [("::1", 5)], 3, tcp=True)
    running = RunningRoom(
        "m",
        {"a": Sending("new", None, {"camera": ("l",)})},
        {"b": Receiving("failed", "G", (SLOT,), True)},
        (),
        "a",
    )
    came = wire.read_answer(c.Stats(), wire.pack(stats))
    assert (came.drains.bounds_s, came.drains.counts) == (drains.bounds_s, drains.counts)
    assert came.drains.total_s == drains.total_s
    assert (came.bytes_out, came.bad_datagrams) == (4, {"unknown": 5})
    restart = COMMANDS[4]
    assert wire.read_answer(restart, wire.pack(local)).candidates == [("::1", 5)]
    assert wire.read_answer(c.Running(), wire.pack([running])) == [running]
    assert wire.read_answer(c.Remove("m", "a"), wire.pack(None)) is None
    with pytest.raises(BadWire):
        wire.read_answer(c.Stats(), wire.pack("no counters"))


@pytest.mark.parametrize("error", [BadDescription("line 1"), LitePeer(), Unavailable()])
def test_errors_that_people_see_are_the_same_on_the_other_side(error: BadDescription) -> None:
    came = wire.raised(wire.refusal(1, error))
    assert (type(came), came.code, came.values) == (type(error), error.code, error.values)


def test_what_broke_in_a_worker_says_nothing_of_its_inside() -> None:
    assert type(wire.raised(wire.refusal(1, ZeroDivisionError("x")))) is Unavailable


@given(st.lists(st.integers(1, 40), max_size=60))
def test_frames_come_whole_however_they_are_cut(cuts: list[int]) -> None:
    frames = [wire.Ping(1.5), wire.event_frame(EVENTS[0]), wire.Refused(3, "x"), wire.Pong(2.0)]
    data = b"".join(map(wire.encode, frames))
    reader = wire.Reader()
    seen: list[Frame] = []
    for size in [*cuts, len(data)]:
        piece, data = data[:size], data[size:]
        seen += reader.feed(piece)
    assert seen == frames


@given(st.binary(max_size=300))
def test_anything_else_is_refused_or_waited_for(data: bytes) -> None:
    try:
        read(data)
    except BadWire:
        return


def test_a_frame_beyond_all_measure_is_refused_by_both_ends() -> None:
    with pytest.raises(BadWire):
        read((wire.MOST_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(ValueError, match="bytes"):
        wire.encode(wire.Tell(wire.pack("x" * wire.MOST_BYTES)))


def test_a_later_version_may_add_fields_events_and_commands() -> None:
    body = msgspec.msgpack.encode({"is": "hello", "version": 9, "oldest": 1, "boot": "b", "new": 1})
    (hello,) = read(len(body).to_bytes(4, "big") + body)
    assert isinstance(hello, wire.Hello)
    assert hello.is_understood
    assert not wire.Hello(9, 9, "b").is_understood
    assert not wire.Hello(0, 0, "b").is_understood
    assert wire.read_event(wire.Event("Thunder", wire.pack({}))) is None
    with pytest.raises(BadWire):
        wire.read_command(wire.pack({"do": "sing"}))
