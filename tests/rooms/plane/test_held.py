"""What a hub remembers of a worker is as large as what the worker holds."""

from __future__ import annotations

from rooms.media.events import TransportChanged
from rooms.media.running import Receiving, RunningRoom
from rooms.media.source import Tile
from rooms.plane import commands as c
from rooms.plane.held import Held


def running(*parties: str) -> RunningRoom:
    return RunningRoom(
        "room",
        {},
        {one: Receiving("new", None, (), wants_offer=False) for one in parties},
        (),
        None,
    )


def test_a_room_is_forgotten_with_the_last_of_its_parties() -> None:
    held = Held()
    for number in range(100):
        room = f"room-{number}"
        held.note(c.Publish(room, "a", "v=0", {}, False))
        held.note(c.SetMuted(room, "a", "microphone", True))
        held.note(c.SetView(room, "b", []))
        held.hear(TransportChanged(room, "a", "send", "connected", None))
        held.note(c.Remove(room, "a"))
        held.note(c.Running(room))
        assert held.rooms == [room]
        held.note(c.Remove(room, "b"))
    assert (held.rooms, held.states, held.words()) == ([], {}, [])


def test_the_last_word_of_each_kind_holds() -> None:
    held = Held()
    said = [
        c.SetMuted("room", "a", "microphone", True),
        c.SetView("room", "a", [Tile("b", "camera", 180)]),
        c.SetMuted("room", "a", "camera", True),
        c.SetMuted("room", "a", "microphone", False),
        c.SetView("room", "a", []),
    ]
    for word in said:
        held.note(word)
    assert set(map(repr, held.words())) == set(map(repr, said[2:]))


def test_a_player_that_is_refused_leaves_nothing_behind() -> None:
    held, play = Held(), c.Play("room", "p", "s", "v=0")
    held.note(play)
    held.refused(play)
    assert held.rooms == []


def test_what_still_runs_and_nobody_wants_is_to_be_ended() -> None:
    held = Held()
    held.adopt([running("a", "b")])
    held.note(c.Remove("room", "b"))
    assert list(held.left_over([running("a", "b")])) == [c.Remove("room", "b")]
