"""The pure room where devices sit: who may sit, what the secretary may do, who listens."""

from __future__ import annotations

import pytest

from rooms.protocol import messages as p
from rooms.state import effects as fx
from rooms.state.features import muting
from rooms.state.room import RECONNECT_GRACE_S, Room, SeatTaken
from rooms.state.snapshot import encode_room, open_room
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import T0, kinds, plan, refusal, room_with

ENCODER = site_seat("xa", device=True)


def test_a_device_sits_in_the_seat_of_its_site() -> None:
    room = room_with(ENCODER)
    view = room.member_view(room.members["s-xa"])
    assert (view.presence, view.device) == ("present", True)


def test_a_device_does_not_throw_people_out() -> None:
    room = room_with(site_seat("xa"))
    with pytest.raises(SeatTaken):
        room.join(ENCODER, "", "fresh", T0 + 5)
    room.lose("s-xa", T0 + 6)
    with pytest.raises(SeatTaken):
        room.join(ENCODER, "", "fresh", T0 + 7)  # its page is expected back
    room.expire(T0 + 6 + RECONNECT_GRACE_S)
    assert "Attach" in kinds(room.join(ENCODER, "", "fresh", T0 + 100))


def test_people_take_the_seat_from_a_device() -> None:
    room = room_with(ENCODER)
    effects = room.join(site_seat("xa"), "", "fresh", T0 + 5)
    assert effects[0] == fx.Close("s-xa", "replaced")
    assert not room.members["s-xa"].device


def test_the_label_goes_with_the_device() -> None:
    room = room_with(ENCODER)
    room.handle("s-xa", p.Leave(), T0 + 1)
    assert not room.members["s-xa"].device


def test_a_restarted_hub_lets_the_device_come_back() -> None:
    room = room_with(ENCODER)
    restored, _ = open_room(plan(), encode_room(room), T0 + 10)
    assert restored.members["s-xa"].presence == "reconnecting"
    assert "Attach" in kinds(restored.join(ENCODER, "", "fresh", T0 + 11))


@pytest.fixture
def muted() -> Room:
    room = room_with(ENCODER, site_seat("tinh"), secretary())
    room.handle("s-xa", muting.SetMicrophone(on=True), T0)
    room.handle("a-thuky", muting.MuteMember("s-xa"), T0)
    room.handle("s-tinh", muting.SetMicrophone(on=False), T0)
    return room


def test_a_muted_device_is_switched_on_again_by_the_secretary(muted: Room) -> None:
    effects = muted.handle("a-thuky", muting.UnmuteMember("s-xa"), T0 + 1)
    assert fx.SetMuted("s-xa", "microphone", False) in effects
    assert muted.members["s-xa"].microphone


def test_nobody_switches_on_the_microphone_of_people(muted: Room) -> None:
    effects = muted.handle("a-thuky", muting.UnmuteMember("s-tinh"), T0 + 1)
    assert refusal(effects) == ("forbidden", "unmute")


def test_only_who_drives_unmutes(muted: Room) -> None:
    effects = muted.handle("s-tinh", muting.UnmuteMember("s-xa"), T0 + 1)
    assert refusal(effects) == ("forbidden", "unmute")


def test_everybody_sees_how_many_devices_play_at_a_site() -> None:
    room = room_with(site_seat("xa"))
    [effect] = room.set_players("s-tinh", 2)
    assert isinstance(effect, fx.Broadcast)
    assert isinstance(effect.message, p.MemberChanged)
    assert (effect.message.member.id, effect.message.member.players) == ("s-tinh", 2)
    assert room.set_players("s-tinh", 2) == []
    assert room.set_players("nobody", 1) == []
