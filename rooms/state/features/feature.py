"""What a feature of a room brings, and what it may see and do of the room. Pure.

A feature is registered once, in `rooms.state.features.table`. Its messages, rates, part of the
snapshot and of the views are taken from there; nothing else names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from confhub.bucket import Rate
from rooms.protocol.envelope import ClientMessage, HubMessage
from rooms.protocol.messages import MemberChanged, RoomView
from rooms.protocol.rate import OTHER
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.member import Member
from rooms.state.seat import Plan

P = TypeVar("P")


class Hall(Protocol):
    """The room, as its features know it."""

    plan: Plan
    members: dict[str, Member]

    def part(self, feature: Feature[P]) -> P:
        """The feature's own state in this room; the feature changes it in place."""

    def log(self, kind: str, by: Member, now: float, **payload: Any) -> int:
        """Write an act of `by` into the room's log, and return its number. What changes nothing
        is no act; what changes something is saved in the snapshot as well."""

    def view(self) -> RoomView: ...
    def changed(self, member: Member) -> MemberChanged: ...

    def switch(self, member: Member, source: fx.MutedSource, *, on: bool) -> list[Effect]:
        """Forward a source, or stop; everybody hears of it."""

    def empty(self, member: Member, how: fx.StayEnd, at: float, now: float) -> list[Effect]:
        """Nobody sits there any more since `at`."""

    def end(self, now: float) -> list[Effect]:
        """The meeting is over for everybody."""


# Carries out what a member said in unix second `now`, or raises a ConfhubError.
Handle = Callable[[Hall, Member, Any, float], list[Effect]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from one type of message, and how often one page may send it."""

    handle: Handle
    rate: Rate = OTHER


def _nothing(*_: object) -> Any:
    return None


def _no_effects(*_: object) -> list[Effect]:
    return []


def _no_fields(*_: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Feature(Generic[P]):
    """`name` is what hello offers and under what the snapshot keeps `save(part)`, if that is
    not None; `load` takes what JSON made of it, and raises msgspec.ValidationError for what it
    cannot be.
    """

    name: str
    rules: Mapping[type[ClientMessage], Rule]
    hub_messages: tuple[type[HubMessage], ...] = ()
    new: Callable[[], P] = _nothing  # its state in a room that opens for the first time
    save: Callable[[P], Any] = _nothing
    load: Callable[[Any], P] = _nothing
    # Fields of the views that it fills in.
    room_view: Callable[[P], Mapping[str, Any]] = _no_fields
    member_view: Callable[[P, Member], Mapping[str, Any]] = _no_fields
    # What happens in the room besides messages.
    admit: Callable[[Hall, Member], None] = _nothing  # raises a ConfhubError for who stays out
    welcome: Callable[[Hall, Member, float], list[Effect]] = field(default=_no_effects)  # who came
    emptied: Callable[[P, Member], None] = _nothing  # nobody sits there any more
    seat_gone: Callable[[Hall], list[Effect]] = _no_effects  # a member is no more
    # Time passed, perhaps none; and when something is to be done next if nothing else happens.
    pass_time: Callable[[Hall, float], list[Effect]] = _no_effects
    due: Callable[[Hall, float], float | None] = _nothing
