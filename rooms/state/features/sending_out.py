"""A site is sent out of the room, and let in again. Pure."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from confhub.bucket import Rate
from confhub.errors import N_, BadInput, Forbidden
from confhub.words.texts import one_line
from rooms.protocol.envelope import ClientMessage
from rooms.protocol.messages import MemberId
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.driving import driven
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member

ONLY_SITES = N_("Chỉ mời được điểm cầu ra khỏi phòng, trừ điểm cầu chủ trì.")
NO_REASON = N_("Hãy ghi lý do để điểm cầu được biết.")


class SendOut(ClientMessage, tag="send_out", frozen=True):
    """Secretary: send a site out of the room, until it is let in again; it is told why."""

    member: MemberId
    reason: Annotated[str, Meta(max_length=200)]


class LetIn(ClientMessage, tag="let_in", frozen=True):
    """Secretary: a site that was sent out may come back."""

    member: MemberId


class SentOut(Forbidden):
    """The secretary sent the site out of the room; it stays out until it is let in again."""

    code = "sent_out"
    message = N_("Thư ký đã mời điểm cầu này ra khỏi phòng họp. Lý do: %(reason)s")

    def __init__(self, reason: str) -> None:
        super().__init__(values={"reason": reason})


def send_out(hall: Hall, member: Member, said: SendOut, now: float) -> list[Effect]:
    target = driven(hall, member, said.member)
    if target.site_id is None or target.id == hall.plan.chair:
        raise Forbidden(ONLY_SITES)
    reason = one_line(said.reason)
    if not reason:
        raise BadInput(NO_REASON)
    target.sent_out = reason
    hall.log("send_out", member, now, member=target.id, reason=reason)
    record = fx.Audit("meeting.sent_out", member.id, f"{target.name}: {reason}")
    if not target.here:
        return [fx.Broadcast(hall.changed(target)), record, fx.SaveSnapshot()]
    goodbye = fx.Close(target.id, "sent_out", SentOut(reason))
    return [goodbye, record, *hall.empty(target, "removed", now, now)]


def let_in(hall: Hall, member: Member, said: LetIn, now: float) -> list[Effect]:
    target = driven(hall, member, said.member)
    if not target.sent_out:
        return []
    target.sent_out = ""
    hall.log("let_in", member, now, member=target.id)
    record = fx.Audit("meeting.let_in", member.id, target.name)
    return [fx.Broadcast(hall.changed(target)), record, fx.SaveSnapshot()]


def admit(hall: Hall, member: Member) -> None:
    if member.sent_out:
        raise SentOut(member.sent_out)


SENDING_OUT: Feature[None] = Feature(
    name="sending_out",
    rules={
        SendOut: Rule(send_out, Rate(2, 20)),
        LetIn: Rule(let_in, Rate(2, 20)),
    },
    admit=admit,
)
