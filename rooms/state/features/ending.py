"""The host's secretary ends the meeting for all. Pure."""

from __future__ import annotations

from confhub.errors import N_, Forbidden
from rooms.protocol.envelope import ClientMessage
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member

MAY_NOT_END = N_("Chỉ thư ký của đơn vị chủ trì mới được kết thúc cuộc họp.")


class EndMeeting(ClientMessage, tag="end", frozen=True):
    """Secretary of the host: end the meeting for all."""


def end(hall: Hall, member: Member, said: EndMeeting, now: float) -> list[Effect]:
    if not member.may_end:
        raise Forbidden(MAY_NOT_END)
    hall.log("end", member, now)
    return [fx.MeetingEnded(member.id), *hall.end(now)]


ENDING: Feature[None] = Feature(name="ending", rules={EndMeeting: Rule(end)})
