"""The pure room: tables of what is said and what follows, and a machine that says anything."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rooms.protocol import messages as p
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features import ending, floor, layout, muting, screen, sending_out
from rooms.state.features.floor import FLOOR
from rooms.state.features.layout import LAYOUT
from rooms.state.features.overtime import SOON_S
from rooms.state.features.sending_out import SentOut
from rooms.state.room import RECONNECT_GRACE_S, Room
from rooms.state.seat import InvitedSeat, Plan, Seat
from rooms.state.snapshot import encode_room, open_room
from tests.rooms.house import secretary, site_seat

T0 = 1_764_000_000.0
SITES = ("tinh", "huyen", "xa")


def plan(sites: tuple[str, ...] = SITES, chair: str = "huyen", title: str = "Giao ban") -> Plan:
    seats = tuple(InvitedSeat(f"s-{s}", s, f"Phòng {s}", s, "Xã", 4) for s in sites)
    return Plan("m1", title, f"s-{chair}", T0, T0 + 3600, seats)


def room_with(*seats: Seat) -> Room:
    room, _ = open_room(plan(), None, T0)
    for number, seat in enumerate(seats):
        room.join(seat, "", f"token-{seat.member_id}", T0 + number)
    return room


def kinds(effects: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in effects]


def refusal(effects: list[Effect]) -> tuple[str, str]:
    [effect] = effects
    assert isinstance(effect, fx.Refuse)
    return effect.error.code, effect.about


def test_a_first_coming_opens_the_meeting_and_a_stay() -> None:
    room, _ = open_room(plan(), None, T0)
    effects = room.join(site_seat("xa"), "", "fresh", T0 + 1)
    assert kinds(effects) == [
        "Attach",
        "Send",
        "StartMedia",
        "SetMuted",
        "SetMuted",
        "SetMuted",
        "Broadcast",
        "RecordJoined",
        "MeetingLive",
        "ReportPresence",
        "SaveSnapshot",
    ]
    assert fx.ReportPresence("s-xa", "xa", True, T0 + 1) in effects
    assert fx.SetMuted("s-xa", "microphone", True) in effects


def test_a_second_socket_replaces_the_first_before_it_is_attached() -> None:
    room = room_with(site_seat("xa"))
    effects = room.join(site_seat("xa"), "", "other", T0 + 5)
    assert kinds(effects)[:3] == ["Close", "RemoveMedia", "Attach"]
    assert effects[0] == fx.Close("s-xa", "replaced")
    assert "RecordJoined" not in kinds(effects)
    assert "ReportPresence" not in kinds(effects)


@pytest.mark.parametrize(
    ("token", "wait_s", "resumed", "microphone"),
    [
        ("token-s-xa", 5.0, True, True),
        ("token-s-xa", RECONNECT_GRACE_S - 0.1, True, True),
        ("another", 5.0, False, True),  # the page lived on, its media did not
        ("", 5.0, False, False),  # a new page
        ("token-s-xa", RECONNECT_GRACE_S, False, False),
    ],
)
def test_who_comes_back_keeps_what_it_may(
    token: str, wait_s: float, resumed: bool, microphone: bool
) -> None:
    room = room_with(site_seat("xa"))
    room.handle("s-xa", muting.SetMicrophone(True), T0 + 1)
    room.lose("s-xa", T0 + 2)
    room.expire(T0 + 2 + wait_s)
    effects = room.join(site_seat("xa"), token, "fresh", T0 + 2 + wait_s)
    [welcome] = [e.message for e in effects if isinstance(e, fx.Send)]
    assert isinstance(welcome, p.Welcome)
    assert welcome.resumed is resumed
    assert welcome.resume == (token if resumed else "fresh")
    assert room.members["s-xa"].microphone is microphone
    assert ("ResumeMedia" in kinds(effects)) is resumed


def test_a_token_of_one_seat_does_not_resume_another() -> None:
    room = room_with(site_seat("xa"), site_seat("tinh"))
    room.lose("s-tinh", T0 + 3)
    effects = room.join(site_seat("tinh"), "token-s-xa", "fresh", T0 + 4)
    assert "StartMedia" in kinds(effects)


@pytest.mark.parametrize(
    ("who", "message", "expected"),
    [
        ("s-xa", muting.MuteMember("s-huyen"), ("forbidden", "mute")),
        ("s-xa", floor.LowerHand("s-huyen"), ("forbidden", "lower_hand")),
        ("s-xa", layout.SetLayout("grid"), ("forbidden", "layout")),
        ("s-xa", muting.MuteAll(), ("forbidden", "mute_all")),
        ("s-xa", floor.InviteToSpeak("s-xa"), ("forbidden", "invite")),
        ("s-xa", sending_out.SendOut("s-huyen", "ồn"), ("forbidden", "send_out")),
        ("s-xa", sending_out.LetIn("s-huyen"), ("forbidden", "let_in")),
        ("s-xa", ending.EndMeeting(), ("forbidden", "end")),
        ("a-thuky", floor.InviteToSpeak("s-tinh"), ("not_here", "invite")),
        ("a-thuky", sending_out.SendOut("s-xa", "  "), ("bad_input", "send_out")),
        ("a-thuky", sending_out.SendOut("s-xa", "\u200b \u2800"), ("bad_input", "send_out")),
        ("a-thuky", sending_out.SendOut("s-huyen", "ồn"), ("forbidden", "send_out")),  # it presides
        ("a-thuky", sending_out.SendOut("a-thuky", "ồn"), ("forbidden", "send_out")),
        ("a-thuky", muting.MuteMember("s-nobody"), ("not_found", "mute")),
        ("a-thuky", floor.LowerHand("s-nobody"), ("not_found", "lower_hand")),
        ("a-thuky", layout.SetLayout("single"), ("bad_input", "layout")),
        ("a-thuky", layout.SetLayout("single", "s-nobody"), ("not_found", "layout")),
        ("s-huyen", floor.SetHand(True), ("not_found", "hand")),  # invited, but not here
        ("s-nobody", muting.SetCamera(True), ("not_found", "camera")),
    ],
)
def test_what_is_refused(who: str, message: Any, expected: tuple[str, str]) -> None:
    room = room_with(site_seat("xa"), secretary())
    assert refusal(room.handle(who, message, T0 + 9)) == expected


def test_a_technician_without_the_right_neither_drives_nor_ends() -> None:
    seat = site_seat("", member_id="a-kt", site_id=None, role="technician")
    room = room_with(seat)
    assert refusal(room.handle("a-kt", layout.SetLayout("grid"), T0)) == ("forbidden", "layout")
    assert refusal(room.handle("a-kt", ending.EndMeeting(), T0)) == ("forbidden", "end")


def test_one_screen_is_shared_at_a_time_and_the_secretary_can_stop_it() -> None:
    room = room_with(site_seat("xa"), site_seat("tinh"), secretary())
    effects = room.handle("s-xa", screen.SetScreen(True), T0 + 2)
    assert kinds(effects) == ["SetMuted", "Broadcast", "SaveSnapshot", "Happened"]
    assert effects[0] == fx.SetMuted("s-xa", "screen", False)
    assert room.handle("s-xa", screen.SetScreen(True), T0 + 3) == []
    taken = ("screen_taken", "screen")
    assert refusal(room.handle("s-tinh", screen.SetScreen(True), T0 + 3)) == taken
    assert (
        refusal(room.handle("s-tinh", muting.MuteMember("s-xa", "screen"), T0 + 3))[0]
        == "forbidden"
    )
    effects = room.handle("a-thuky", muting.MuteMember("s-xa", "screen"), T0 + 4)
    assert effects[:2] == [
        fx.Send("s-xa", muting.Muted("screen")),
        fx.SetMuted("s-xa", "screen", True),
    ]
    assert kinds(room.handle("s-tinh", screen.SetScreen(True), T0 + 5))[0] == "SetMuted"


def test_a_screen_lasts_over_a_lost_socket_and_no_longer_than_its_page() -> None:
    room = room_with(site_seat("xa"), site_seat("tinh"))
    room.handle("s-xa", screen.SetScreen(True), T0 + 2)
    room.lose("s-xa", T0 + 3)
    room.join(site_seat("xa"), "token-s-xa", "fresh", T0 + 4)
    assert room.members["s-xa"].screen
    room.join(site_seat("xa"), "", "fresh", T0 + 5)
    assert not room.members["s-xa"].screen
    room.handle("s-xa", screen.SetScreen(True), T0 + 6)
    room.handle("s-xa", p.Leave(), T0 + 7)
    assert kinds(room.handle("s-tinh", screen.SetScreen(True), T0 + 8))[0] == "SetMuted"


def test_hands_queue_in_the_order_of_asking_even_within_one_tick() -> None:
    room = room_with(site_seat("xa"), site_seat("tinh"), site_seat("huyen"))
    for who in ("s-tinh", "s-huyen", "s-xa", "s-tinh"):
        room.handle(who, floor.SetHand(True), T0 + 9)
    assert room.part(FLOOR).queue() == ["s-tinh", "s-huyen", "s-xa"]
    times = [room.part(FLOOR).raised_at(who) for who in room.part(FLOOR).queue()]
    assert len(set(times)) == 3
    assert times == sorted(t for t in times if t is not None)


def test_nothing_is_told_when_nothing_changed() -> None:
    room = room_with(site_seat("xa"), secretary())
    for message in (muting.SetMicrophone(False), muting.SetCamera(False), floor.SetHand(False)):
        assert room.handle("s-xa", message, T0 + 2) == []
    assert room.handle("a-thuky", layout.SetLayout("lecture"), T0 + 2) == []
    assert room.replan(plan(), T0 + 2) == []
    assert room.lose("s-huyen", T0 + 2) == []
    assert room.revoke("s-huyen", T0 + 2) == []


def test_a_lost_stay_ends_when_the_socket_was_lost() -> None:
    room = room_with(site_seat("xa"))
    room.lose("s-xa", T0 + 10)
    assert room.next_deadline(T0 + 10) == T0 + 10 + RECONNECT_GRACE_S
    assert room.expire(T0 + 69) == []
    effects = room.expire(T0 + 75)
    assert fx.RecordLeft("s-xa", T0 + 10, "lost") in effects
    assert fx.ReportPresence("s-xa", "xa", False, T0 + 10, left=False) in effects
    assert room.next_deadline(T0 + 75) == room.plan.ends_at - SOON_S


def test_a_withdrawn_site_goes_and_the_layout_that_showed_it_too() -> None:
    room = room_with(site_seat("xa"), secretary())
    room.handle("a-thuky", layout.SetLayout("single", "s-xa"), T0 + 2)
    effects = room.replan(plan(sites=("tinh", "huyen")), T0 + 3)
    assert fx.Close("s-xa", "removed") in effects
    assert fx.Broadcast(p.MemberGone("s-xa")) in effects
    assert fx.RecordLeft("s-xa", T0 + 3, "removed") in effects
    assert room.part(LAYOUT).layout == p.Layout()
    assert fx.Broadcast(p.RoomChanged(room.view())) in effects


def test_a_new_chair_is_told_for_both_seats() -> None:
    room = room_with(site_seat("xa"))
    effects = room.replan(plan(chair="tinh"), T0 + 3)
    told = {
        e.message.member.id: e.message.member.chair
        for e in effects
        if isinstance(e, fx.Broadcast) and isinstance(e.message, p.MemberChanged)
    }
    assert told == {"s-huyen": False, "s-tinh": True}


def test_a_snapshot_of_an_older_plan_closes_the_stay_of_a_withdrawn_site() -> None:
    saved = encode_room(room_with(site_seat("xa")))
    room, effects = open_room(plan(sites=("huyen",)), saved, T0 + 50)
    assert list(room.members) == ["s-huyen"]
    assert fx.RecordLeft("s-xa", T0 + 50, "removed") in effects


class RoomMachine(RuleBasedStateMachine):
    """Sites and officers come, go and ask for anything, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.room, _ = open_room(plan(), None, self.now)
        self.stays: set[str] = set()
        self.tokens: dict[str, str] = {}
        self.count = 0

    seats = st.sampled_from([*(site_seat(s) for s in SITES), secretary(), secretary("khac")])
    members = st.sampled_from(["s-tinh", "s-huyen", "s-xa", "a-thuky", "a-khac", "s-nobody"])
    messages = st.one_of(
        st.builds(muting.SetMicrophone, st.booleans()),
        st.builds(muting.SetCamera, st.booleans()),
        st.builds(floor.SetHand, st.booleans()),
        st.builds(screen.SetScreen, st.booleans()),
        st.builds(muting.MuteMember, members, st.sampled_from(["microphone", "camera", "screen"])),
        st.just(muting.MuteAll()),
        st.builds(floor.LowerHand, members),
        st.builds(floor.InviteToSpeak, members),
        st.builds(sending_out.SendOut, members, st.just("Vào nhầm")),
        st.builds(sending_out.LetIn, members),
        st.builds(
            layout.SetLayout,
            st.sampled_from(["lecture", "speaker", "grid", "single"]),
            st.none() | members,
        ),
        st.just(p.Leave()),
    )

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, fx.RecordJoined):
                assert effect.member not in self.stays
                self.stays.add(effect.member)
            elif isinstance(effect, fx.RecordLeft):
                self.stays.remove(effect.member)
                assert effect.at <= self.now

    @rule(seat=seats, presents=st.booleans())
    def join(self, seat: Seat, presents: bool) -> None:
        if not self.room.knows(seat):
            return
        self.count += 1
        fresh = f"token-{self.count}"
        presented = self.tokens.get(seat.member_id, "") if presents else ""
        known = self.room.members.get(seat.member_id)
        if known is not None and known.sent_out:
            with pytest.raises(SentOut):
                self.room.join(seat, presented, fresh, self.now)
            return
        effects = self.room.join(seat, presented, fresh, self.now)
        self.take(effects)
        [welcome] = [e.message for e in effects if isinstance(e, fx.Send)]
        assert isinstance(welcome, p.Welcome)
        self.tokens[seat.member_id] = welcome.resume
        ids = [view.id for view in welcome.members]
        assert len(ids) == len(set(ids))

    @rule(member=members, message=messages)
    def say(self, member: str, message: Any) -> None:
        self.take(self.room.handle(member, message, self.now))

    @rule(member=members)
    def lose(self, member: str) -> None:
        self.take(self.room.lose(member, self.now))

    @rule(member=members)
    def revoke(self, member: str) -> None:
        self.take(self.room.revoke(member, self.now))

    @rule(seconds=st.sampled_from([0.0, 0.5, 30.0, 61.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.room.expire(self.now))

    @rule(sites=st.sampled_from([SITES, ("huyen",), ("huyen", "xa")]))
    def replan(self, sites: tuple[str, ...]) -> None:
        self.take(self.room.replan(plan(sites), self.now))

    @precondition(lambda self: self.count > 0)
    @rule()
    def restart(self) -> None:
        saved = encode_room(self.room)
        views = {m.id: self.room.member_view(m) for m in self.room.members.values()}
        room, effects = open_room(self.room.plan, saved, self.now)
        assert list(room.members) == list(views)
        assert (room.part(LAYOUT).layout, room.live) == (
            self.room.part(LAYOUT).layout,
            self.room.live,
        )
        assert room.part(FLOOR).queue() == self.room.part(FLOOR).queue()
        for member in room.members.values():
            before, after = views[member.id], room.member_view(member)
            assert (after.microphone, after.camera, after.hand_at, after.sent_out) == (
                before.microphone,
                before.camera,
                before.hand_at,
                before.sent_out,
            )
            assert after.presence != "present"
        again, _ = open_room(room.plan, encode_room(room), self.now)
        assert encode_room(again) == encode_room(room)
        self.room = room
        self.take(effects)

    @invariant()
    def hands_are_in_order_and_of_those_here(self) -> None:
        queue = self.room.part(FLOOR).queue()
        times = [self.room.part(FLOOR).raised_at(member) for member in queue]
        assert times == sorted(t for t in times if t is not None)
        assert len(set(times)) == len(queue)
        assert all(self.room.members[member].here for member in queue)

    @invariant()
    def seats_and_stays_agree(self) -> None:
        members = self.room.members.values()
        assert {m.id for m in members if m.here} == self.stays
        assert {m.id for m in members if m.stay_from is not None} == self.stays
        invited = {seat.member_id for seat in self.room.plan.seats}
        assert {m.id for m in members if m.site_id is not None} == invited
        assert all(m.here for m in members if m.site_id is None)

    @invariant()
    def nobody_absent_sends(self) -> None:
        for member in self.room.members.values():
            assert member.here or not (member.microphone or member.camera or member.screen)
            assert not (member.here and member.sent_out)

    @invariant()
    def one_screen_is_shared_at_most(self) -> None:
        assert sum(member.screen for member in self.room.members.values()) <= 1

    @invariant()
    def the_layout_shows_a_seat_there_is(self) -> None:
        focus = self.room.part(LAYOUT).layout.focus
        assert focus is None or focus in self.room.members

    @invariant()
    def the_deadline_is_never_past(self) -> None:
        deadline = self.room.next_deadline(self.now)
        assert deadline is None or deadline > self.now


TestRoomMachine = RoomMachine.TestCase
TestRoomMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
