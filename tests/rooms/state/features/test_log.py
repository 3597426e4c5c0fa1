"""What is done in a room is numbered and logged once; what changes nothing is not."""

from __future__ import annotations

from typing import Any

import pytest

from rooms.protocol import messages as p
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features import ending, floor, layout, muting, screen, sending_out
from rooms.state.room import Room
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import SITES, T0, room_with

ACTS: list[tuple[str, p.ClientMessage, dict[str, Any]]] = [
    ("s-xa", floor.SetHand(True), {"raised": True}),
    ("a-thuky", floor.LowerHand("s-xa"), {"member": "s-xa"}),
    ("a-thuky", floor.InviteToSpeak("s-xa"), {"member": "s-xa"}),
    ("a-thuky", muting.MuteAll(), {"members": ["s-tinh", "s-xa"]}),
    ("s-xa", screen.SetScreen(True), {"on": True}),
    ("a-thuky", muting.MuteMember("s-xa", "screen"), {"member": "s-xa", "source": "screen"}),
    ("a-thuky", layout.SetLayout("single", "s-xa"), {"mode": "single", "focus": "s-xa"}),
    ("a-thuky", sending_out.SendOut("s-xa", " ồn\n"), {"member": "s-xa", "reason": "ồn"}),
    ("a-thuky", sending_out.LetIn("s-xa"), {"member": "s-xa"}),
    ("a-thuky", ending.EndMeeting(), {}),
]


def logged(effects: list[Effect]) -> list[fx.Happened]:
    return [effect for effect in effects if isinstance(effect, fx.Happened)]


def full_room() -> Room:
    room = room_with(*(site_seat(site) for site in SITES), secretary())
    for member in ("s-tinh", "s-huyen", "s-xa", "a-thuky"):
        room.handle(member, muting.SetMicrophone(True), T0 + 5)
    return room


def test_every_act_is_logged_with_the_next_number_and_saved() -> None:
    room = full_room()
    for number, (who, said, payload) in enumerate(ACTS, start=1):
        effects = room.handle(who, said, T0 + 10 + number)
        kind = str(said.__struct_config__.tag)
        [event] = logged(effects)
        assert event == fx.Happened(number, T0 + 10 + number, kind, {"by": who, **payload})
        assert fx.SaveSnapshot() in effects
        assert room.seq == number


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("s-xa", floor.SetHand(False)),
        ("s-xa", muting.SetCamera(True)),  # everybody's own business
        ("a-thuky", floor.LowerHand("s-xa")),
        ("a-thuky", muting.MuteMember("s-xa", "camera")),
        ("a-thuky", layout.SetLayout("lecture")),
        ("a-thuky", sending_out.LetIn("s-xa")),
        ("s-xa", layout.SetLayout("grid")),
        ("s-xa", ending.EndMeeting()),
        ("a-thuky", sending_out.SendOut("s-huyen", "ồn")),
        ("a-thuky", sending_out.SendOut("s-xa", " \u200b ")),
    ],
)
def test_what_is_refused_or_changes_nothing_is_no_act(who: str, said: p.ClientMessage) -> None:
    room = full_room()
    assert logged(room.handle(who, said, T0 + 20)) == []
    assert room.seq == 0
