"""Microphones and cameras: members switch their own, a secretary switches others' off. Pure."""

from __future__ import annotations

from typing import Literal

from confhub.bucket import Rate
from confhub.errors import N_, Forbidden
from rooms.protocol.envelope import ClientMessage, RoomNews
from rooms.protocol.messages import MemberId
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.driving import driven, require_driver
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member

OWN_SWITCH = N_("Micrô và camera của điểm cầu này chỉ người ở đó mới bật lại được.")


class SetMicrophone(ClientMessage, tag="microphone", frozen=True):
    on: bool


class SetCamera(ClientMessage, tag="camera", frozen=True):
    on: bool


class MuteMember(ClientMessage, tag="mute", frozen=True):
    """Secretary: switch a member's microphone, camera or shared screen off at the hub."""

    member: MemberId
    source: Literal["microphone", "camera", "screen"] = "microphone"


class MuteAll(ClientMessage, tag="mute_all", frozen=True):
    """Secretary: switch every microphone off but the presiding site's and the own."""


class UnmuteMember(ClientMessage, tag="unmute", frozen=True):
    """Secretary: switch a source of a `device` on again, which nobody there can."""

    member: MemberId
    source: Literal["microphone", "camera"] = "microphone"


class Muted(RoomNews, tag="muted", frozen=True):
    """To the member itself: the secretary switched this source off."""

    source: Literal["microphone", "camera", "screen"]


def set_microphone(hall: Hall, member: Member, said: SetMicrophone, now: float) -> list[Effect]:
    return hall.switch(member, "microphone", on=said.on)


def set_camera(hall: Hall, member: Member, said: SetCamera, now: float) -> list[Effect]:
    return hall.switch(member, "camera", on=said.on)


def mute(hall: Hall, member: Member, said: MuteMember, now: float) -> list[Effect]:
    target = driven(hall, member, said.member)
    effects = _mute(hall, target, said.source)
    if effects:
        hall.log("mute", member, now, member=target.id, source=said.source)
    return effects


def mute_all(hall: Hall, member: Member, said: MuteAll, now: float) -> list[Effect]:
    """The presiding site leads on, and who asks may have something to say about it."""
    require_driver(member)
    spared = (hall.plan.chair, member.id)
    loud = [one for one in hall.members.values() if one.microphone and one.id not in spared]
    if loud:
        hall.log("mute_all", member, now, members=[target.id for target in loud])
    return [effect for target in loud for effect in _mute(hall, target, "microphone")]


def _mute(hall: Hall, target: Member, source: fx.MutedSource) -> list[Effect]:
    if not getattr(target, source):
        return []
    return [fx.Send(target.id, Muted(source)), *hall.switch(target, source, on=False)]


def unmute(hall: Hall, member: Member, said: UnmuteMember, now: float) -> list[Effect]:
    target = driven(hall, member, said.member)
    if not target.device:
        raise Forbidden(OWN_SWITCH)
    effects = hall.switch(target, said.source, on=True)
    if effects:
        hall.log("unmute", member, now, member=target.id, source=said.source)
    return effects


MUTING: Feature[None] = Feature(
    name="muting",
    rules={
        SetMicrophone: Rule(set_microphone, Rate(2, 10)),
        SetCamera: Rule(set_camera, Rate(2, 10)),
        # The secretary mutes a whole level site by site.
        MuteMember: Rule(mute, Rate(10, 100)),
        MuteAll: Rule(mute_all, Rate(1, 10)),
        UnmuteMember: Rule(unmute, Rate(10, 100)),
    },
    hub_messages=(Muted,),
)
