"""Which one picture a projector or recorder shows of a meeting. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rooms.state.features.layout import LAYOUT
from rooms.state.member import Member
from rooms.state.room import Room


@dataclass(frozen=True, slots=True)
class Wish:
    """What a device asked for. `at` is the member of the site it stands at; `own` includes that
    site's own picture and voice, as a recorder wants; `member` pins one member's camera."""

    at: str
    member: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    member: str
    source: Literal["camera", "screen"]


def choose_picture(room: Room, wish: Wish, dominant: str | None) -> Picture | None:
    """What a page's main tile would show (static/js/room/layout.js), of those who send.

    None while there is nothing to show.
    """
    if wish.member is not None:
        return Picture(wish.member, "camera") if _sends(room.members.get(wish.member)) else None
    return next(_candidates(room, wish, dominant), None)


def _candidates(room: Room, wish: Wish, dominant: str | None) -> Iterator[Picture]:
    layout = room.part(LAYOUT).layout
    members = [m for m in room.members.values() if m.here and (wish.own or m.id != wish.at)]
    if layout.mode != "single":
        yield from (Picture(member.id, "screen") for member in members if member.screen)
    first = {
        "single": (layout.focus, room.plan.chair, dominant),
        "lecture": (room.plan.chair, dominant),
        "speaker": (dominant, room.plan.chair),
        "grid": (dominant, room.plan.chair),
    }[layout.mode]
    cameras = [member.id for member in members if _sends(member)]
    yield from (Picture(one, "camera") for one in first if one in cameras)
    yield from (Picture(one, "camera") for one in cameras)


def _sends(member: Member | None) -> bool:
    return member is not None and member.here and member.camera
