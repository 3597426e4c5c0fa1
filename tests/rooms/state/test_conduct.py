"""What a secretary does in a room, and what follows for those it is done to."""

from __future__ import annotations

import pytest

from rooms.protocol import messages as p
from rooms.running.audience import Audience
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features import floor, muting, sending_out
from rooms.state.features.floor import FLOOR
from rooms.state.features.sending_out import SentOut
from rooms.state.picture import Picture, Wish
from rooms.state.seat import InvitedSeat, Plan
from rooms.state.snapshot import encode_room, open_room
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import SITES, T0, kinds, plan, refusal, room_with


def test_the_secretary_mutes_at_the_hub_and_the_site_hears_of_it() -> None:
    room = room_with(site_seat("xa"), secretary())
    room.handle("s-xa", muting.SetMicrophone(True), T0 + 2)
    effects = room.handle("a-thuky", muting.MuteMember("s-xa"), T0 + 3)
    assert effects[:2] == [
        fx.Send("s-xa", muting.Muted("microphone")),
        fx.SetMuted("s-xa", "microphone", True),
    ]
    assert room.handle("a-thuky", muting.MuteMember("s-xa"), T0 + 4) == []


def test_all_microphones_go_off_but_the_chairs_and_the_own() -> None:
    room = room_with(*(site_seat(site) for site in SITES), secretary())
    for who in ("s-tinh", "s-huyen", "a-thuky"):
        room.handle(who, muting.SetMicrophone(True), T0 + 9)
    effects = room.handle("a-thuky", muting.MuteAll(), T0 + 9)
    assert [e.member for e in effects if isinstance(e, fx.Send)] == ["s-tinh"]
    assert [m.id for m in room.members.values() if m.microphone] == ["s-huyen", "a-thuky"]
    assert room.handle("a-thuky", muting.MuteAll(), T0 + 9) == []


def test_whose_hand_is_lowered_by_another_hears_of_it() -> None:
    room = room_with(site_seat("xa"), secretary())
    for who in ("s-xa", "a-thuky"):
        room.handle(who, floor.SetHand(True), T0 + 9)
    told = fx.Send("s-xa", floor.HandLowered())
    assert told in room.handle("a-thuky", floor.LowerHand("s-xa"), T0 + 9)
    assert "Send" not in kinds(room.handle("a-thuky", floor.LowerHand("a-thuky"), T0 + 9))


def test_who_is_invited_leaves_the_queue_and_speaks_by_their_own_hand() -> None:
    room = room_with(site_seat("xa"), site_seat("tinh", device=True), secretary())
    room.handle("s-xa", floor.SetHand(True), T0 + 9)
    effects = room.handle("a-thuky", floor.InviteToSpeak("s-xa"), T0 + 9)
    assert effects[0] == fx.Send("s-xa", floor.Invited())
    assert room.part(FLOOR).queue() == []
    assert not room.members["s-xa"].microphone
    # Nobody at a device can press a button.
    effects = room.handle("a-thuky", floor.InviteToSpeak("s-tinh"), T0 + 9)
    assert fx.SetMuted("s-tinh", "microphone", False) in effects


def test_who_is_reconnecting_keeps_the_place_in_the_queue_when_invited() -> None:
    room = room_with(site_seat("xa"), secretary())
    room.handle("s-xa", floor.SetHand(True), T0 + 9)
    room.lose("s-xa", T0 + 10)
    invited = room.handle("a-thuky", floor.InviteToSpeak("s-xa"), T0 + 11)
    assert refusal(invited) == ("not_here", "invite")
    assert room.part(FLOOR).queue() == ["s-xa"]


def test_who_is_sent_out_hears_why_and_stays_out_until_let_in_again() -> None:
    room = room_with(site_seat("xa"), secretary())
    effects = room.handle(
        "a-thuky", sending_out.SendOut("s-xa", " Vào  nhầm\n\u202ephòng "), T0 + 9
    )
    goodbye = next(e for e in effects if isinstance(e, fx.Close))
    assert (goodbye.member, goodbye.reason) == ("s-xa", "sent_out")
    assert isinstance(goodbye.error, SentOut)
    assert goodbye.error.values == {"reason": "Vào nhầm phòng"}
    assert fx.RecordLeft("s-xa", T0 + 9, "removed") in effects
    audit = fx.Audit("meeting.sent_out", "a-thuky", "Phòng xa: Vào nhầm phòng")
    assert audit in effects
    again, _ = open_room(plan(), encode_room(room), T0 + 10)  # a restart forgives nobody
    for standing in (room, again):
        with pytest.raises(SentOut):
            standing.join(site_seat("xa"), "", "fresh", T0 + 11)
    room.handle("a-thuky", sending_out.LetIn("s-xa"), T0 + 12)
    assert "Attach" in kinds(room.join(site_seat("xa"), "", "fresh", T0 + 13))


class Projector:
    """A device that plays the meeting at one site."""

    def __init__(self, at: str) -> None:
        self.wish = Wish(at)
        self.has_ended = False

    def show(self, picture: Picture | None) -> None: ...

    def recheck(self) -> None: ...

    def end(self) -> None:
        self.has_ended = True


def test_what_plays_the_meeting_at_a_site_goes_out_with_it() -> None:
    room = room_with(site_seat("xa"), secretary())
    audience, theirs, other = Audience(), Projector("s-xa"), Projector("s-tinh")
    for projector in (theirs, other):
        audience.add(projector, room)
    room.handle("a-thuky", sending_out.SendOut("s-xa", "Vào nhầm"), T0 + 9)
    audience.direct(room)
    assert (theirs.has_ended, other.has_ended) == (True, False)
    with pytest.raises(SentOut):
        audience.add(Projector("s-xa"), room)


def test_telephone_numbers_go_to_those_who_drive_and_again_when_they_change() -> None:
    def with_phone(number: str) -> Plan:
        seat = InvitedSeat("s-xa", "xa", "Phòng xa", "xa", "Xã", 4, (("Lò Văn Sơn", number),))
        return Plan("m1", "Giao ban", "s-huyen", T0, T0 + 3600, (seat,))

    def told(effects: list[Effect]) -> dict[str, list[p.Contact]]:
        sent = [e for e in effects if isinstance(e, fx.Send)]
        return {e.member: e.message.contacts for e in sent if isinstance(e.message, p.Contacts)}

    room, _ = open_room(with_phone("0912 345 678"), None, T0)
    assert told(room.join(site_seat("xa"), "", "fresh", T0 + 1)) == {}
    contact = p.Contact("s-xa", [p.Phone("Lò Văn Sơn", "0912 345 678")])
    assert told(room.join(secretary(), "", "fresh", T0 + 1)) == {"a-thuky": [contact]}
    [changed] = told(room.replan(with_phone("0913 000 000"), T0 + 2))["a-thuky"]
    assert changed.phones[0].number == "0913 000 000"
    assert room.replan(with_phone("0913 000 000"), T0 + 3) == []
