"""What a secretary does in a room: microphones, the floor, the layout, who stays, the end. Pure.

Each takes the room, the member who asks and what it said, and returns effects as `Room.handle`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confhub.errors import N_, BadInput, Conflict, Forbidden, NotFound
from confhub.words.texts import one_line
from rooms.protocol import messages as p
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.layout import choose_layout

if TYPE_CHECKING:
    from rooms.state.member import Member
    from rooms.state.room import Room

NOT_A_MEMBER = N_("Không có điểm cầu này trong cuộc họp.")
NOT_A_DRIVER = N_("Chỉ thư ký điều hành mới được làm việc này.")
MAY_NOT_END = N_("Chỉ thư ký của đơn vị chủ trì mới được kết thúc cuộc họp.")
OWN_SWITCH = N_("Micrô và camera của điểm cầu này chỉ người ở đó mới bật lại được.")
ONLY_SITES = N_("Chỉ mời được điểm cầu ra khỏi phòng, trừ điểm cầu chủ trì.")
NO_REASON = N_("Hãy ghi lý do để điểm cầu được biết.")


class NotHere(Conflict):
    """Who is not in the room, or whose line is broken just now, cannot be given the word."""

    code = "not_here"
    message = N_("Điểm cầu này không có trong phòng họp lúc này. Xin thử lại khi họ đã nối lại.")


class SentOut(Forbidden):
    """The secretary sent the site out of the room; it stays out until it is let in again."""

    code = "sent_out"
    message = N_("Thư ký đã mời điểm cầu này ra khỏi phòng họp. Lý do: %(reason)s")

    def __init__(self, reason: str) -> None:
        super().__init__(values={"reason": reason})


def mute(room: Room, member: Member, said: p.MuteMember, now: float) -> list[Effect]:
    target = _driven(room, member, said.member)
    return _mute(room, target, said.source)


def mute_all(room: Room, member: Member, said: p.MuteAll, now: float) -> list[Effect]:
    """The presiding site leads on, and who asks may have something to say about it."""
    _require_driver(member)
    effects: list[Effect] = []
    for target in room.members.values():
        if target.id not in (room.plan.chair, member.id):
            effects += _mute(room, target, "microphone")
    return effects


def _mute(room: Room, target: Member, source: fx.MutedSource) -> list[Effect]:
    if not getattr(target, source):
        return []
    return [fx.Send(target.id, p.Muted(source)), *room.switch(target, source, on=False)]


def unmute(room: Room, member: Member, said: p.UnmuteMember, now: float) -> list[Effect]:
    target = _driven(room, member, said.member)
    if not target.device:
        raise Forbidden(OWN_SWITCH)
    return room.switch(target, said.source, on=True)


def lower_hand(room: Room, member: Member, said: p.LowerHand, now: float) -> list[Effect]:
    target = _driven(room, member, said.member)
    if not room.floor.lower_hand(target.id):
        return []
    told = [fx.Send(target.id, p.HandLowered())] if target is not member else []
    return [*told, fx.Broadcast(room.changed(target)), fx.SaveSnapshot()]


def invite(room: Room, member: Member, said: p.InviteToSpeak, now: float) -> list[Effect]:
    """Out of the queue and to the word: people switch their microphone on, a device cannot."""
    target = _driven(room, member, said.member)
    if target.presence != "present":
        raise NotHere
    effects: list[Effect] = [fx.Send(target.id, p.Invited())]
    if target.device:
        effects += room.switch(target, "microphone", on=True)
    if room.floor.lower_hand(target.id):
        effects += [fx.Broadcast(room.changed(target)), fx.SaveSnapshot()]
    return effects


def send_out(room: Room, member: Member, said: p.SendOut, now: float) -> list[Effect]:
    target = _driven(room, member, said.member)
    if target.site_id is None or target.id == room.plan.chair:
        raise Forbidden(ONLY_SITES)
    reason = one_line(said.reason)
    if not reason:
        raise BadInput(NO_REASON)
    target.sent_out = reason
    record = fx.Audit("meeting.sent_out", member.id, f"{target.name}: {reason}")
    if not target.here:
        return [fx.Broadcast(room.changed(target)), record, fx.SaveSnapshot()]
    goodbye = fx.Close(target.id, "sent_out", SentOut(reason))
    return [goodbye, record, *room.empty(target, "removed", now, now)]


def let_in(room: Room, member: Member, said: p.LetIn, now: float) -> list[Effect]:
    target = _driven(room, member, said.member)
    if not target.sent_out:
        return []
    target.sent_out = ""
    record = fx.Audit("meeting.let_in", member.id, target.name)
    return [fx.Broadcast(room.changed(target)), record, fx.SaveSnapshot()]


def set_layout(room: Room, member: Member, said: p.SetLayout, now: float) -> list[Effect]:
    _require_driver(member)
    layout = choose_layout(said, room.members)
    if layout == room.layout:
        return []
    room.layout = layout
    return [fx.Broadcast(p.RoomChanged(room.view())), fx.SaveSnapshot()]


def end(room: Room, member: Member, said: p.EndMeeting, now: float) -> list[Effect]:
    if not member.may_end:
        raise Forbidden(MAY_NOT_END)
    return [fx.MeetingEnded(member.id), *room.end(now)]


def _driven(room: Room, member: Member, target_id: str) -> Member:
    """The member that a secretary points at."""
    _require_driver(member)
    target = room.members.get(target_id)
    if target is None:
        raise NotFound(NOT_A_MEMBER)
    return target


def _require_driver(member: Member) -> None:
    if not member.may_drive:
        raise Forbidden(NOT_A_DRIVER)
