"""The floor queue: who asked to speak, in the order of asking, and who is given the word. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from confhub.bucket import Rate
from confhub.errors import N_, Conflict
from rooms.protocol.envelope import ClientMessage, RoomNews
from rooms.protocol.messages import MemberId
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.driving import driven
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member

# Two hands in the same tick must still have an order that every page agrees on.
TICK_S = 0.001


class SetHand(ClientMessage, tag="hand", frozen=True):
    raised: bool


class LowerHand(ClientMessage, tag="lower_hand", frozen=True):
    """Secretary: take a member out of the floor queue."""

    member: MemberId


class InviteToSpeak(ClientMessage, tag="invite", frozen=True):
    """Secretary: give a member the word; it leaves the floor queue."""

    member: MemberId


class HandLowered(RoomNews, tag="hand_lowered", frozen=True):
    """To the member itself: the secretary took it out of the floor queue."""


class Invited(RoomNews, tag="invited", frozen=True):
    """To the member itself: it has the word."""


class NotHere(Conflict):
    """Who is not in the room, or whose line is broken just now, cannot be given the word."""

    code = "not_here"
    message = N_("Điểm cầu này không có trong phòng họp lúc này. Xin thử lại khi họ đã nối lại.")


class Floor:
    """Hands by member; times are unix seconds and strictly increase along the queue."""

    def __init__(self, hands: Iterable[tuple[str, float]] = ()) -> None:
        self._hands = dict(sorted(hands, key=lambda hand: hand[1]))

    def __contains__(self, member: str) -> bool:
        return member in self._hands

    def raise_hand(self, member: str, now: float) -> bool:
        """Queue a member; False if it already waits (its place does not change)."""
        if member in self._hands:
            return False
        last = max(self._hands.values(), default=now - TICK_S)
        self._hands[member] = max(now, last + TICK_S)
        return True

    def lower_hand(self, member: str) -> bool:
        """Take a member out; False if it was not waiting."""
        return self._hands.pop(member, None) is not None

    def raised_at(self, member: str) -> float | None:
        return self._hands.get(member)

    def queue(self) -> list[str]:
        """Members in the order of asking."""
        return list(self._hands)

    def hands(self) -> list[tuple[str, float]]:
        """Members and since when they wait, in the order of asking."""
        return list(self._hands.items())


def set_hand(hall: Hall, member: Member, said: SetHand, now: float) -> list[Effect]:
    floor = hall.part(FLOOR)
    moved = floor.raise_hand(member.id, now) if said.raised else floor.lower_hand(member.id)
    if not moved:
        return []
    hall.log("hand", member, now, raised=said.raised)
    return [fx.Broadcast(hall.changed(member)), fx.SaveSnapshot()]


def lower_hand(hall: Hall, member: Member, said: LowerHand, now: float) -> list[Effect]:
    target = driven(hall, member, said.member)
    if not hall.part(FLOOR).lower_hand(target.id):
        return []
    hall.log("lower_hand", member, now, member=target.id)
    told = [fx.Send(target.id, HandLowered())] if target is not member else []
    return [*told, fx.Broadcast(hall.changed(target)), fx.SaveSnapshot()]


def invite(hall: Hall, member: Member, said: InviteToSpeak, now: float) -> list[Effect]:
    """Out of the queue and to the word: people switch their microphone on, a device cannot."""
    target = driven(hall, member, said.member)
    if target.presence != "present":
        raise NotHere
    hall.log("invite", member, now, member=target.id)
    effects: list[Effect] = [fx.Send(target.id, Invited())]
    if target.device:
        effects += hall.switch(target, "microphone", on=True)
    if hall.part(FLOOR).lower_hand(target.id):
        effects.append(fx.Broadcast(hall.changed(target)))
    return [*effects, fx.SaveSnapshot()]


def _load(saved: Any) -> Floor:
    return Floor(msgspec.convert(saved, list[tuple[str, float]]))


def _member_view(floor: Floor, member: Member) -> dict[str, Any]:
    return {"hand_at": floor.raised_at(member.id)}


def _emptied(floor: Floor, member: Member) -> None:
    floor.lower_hand(member.id)


FLOOR = Feature(
    name="floor",
    rules={
        SetHand: Rule(set_hand, Rate(2, 10)),
        # A secretary clears a long queue hand by hand.
        LowerHand: Rule(lower_hand, Rate(10, 100)),
        InviteToSpeak: Rule(invite, Rate(2, 20)),
    },
    hub_messages=(HandLowered, Invited),
    new=Floor,
    save=Floor.hands,
    load=_load,
    member_view=_member_view,
    emptied=_emptied,
)
