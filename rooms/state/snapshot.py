"""A room's snapshot: what a restart must not lose. Pure.

Left out on purpose: resume tokens and shared screens, which die with the media connections.
"""

from __future__ import annotations

import msgspec

from rooms.protocol.messages import Layout, Presence, SeatRole
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.floor import FLOOR, Floor
from rooms.state.features.layout import LAYOUT, Shown
from rooms.state.member import Member
from rooms.state.room import Room
from rooms.state.seat import Plan

SNAPSHOT_VERSION = 1


class SavedMember(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    site_id: str | None
    name: str
    unit: str
    level: str
    rank: int
    role: SeatRole
    presence: Presence = "absent"
    since: float = 0.0
    microphone: bool = False
    camera: bool = False
    may_drive: bool = False
    may_end: bool = False
    device: bool = False
    sent_out: str = ""
    stay_from: float | None = None
    hand_at: float | None = None


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    version: int
    layout: Layout
    live: bool
    members: list[SavedMember]


_decode = msgspec.json.Decoder(Snapshot).decode
_encode = msgspec.json.Encoder().encode
_COPIED = tuple(name for name in SavedMember.__struct_fields__ if name != "hand_at")


def encode_room(room: Room) -> bytes:
    """The room as it stands."""
    return _encode(
        Snapshot(
            version=SNAPSHOT_VERSION,
            layout=room.layout,
            live=room.live,
            members=[
                SavedMember(
                    **{name: getattr(member, name) for name in _COPIED},
                    hand_at=room.floor.raised_at(member.id),
                )
                for member in room.members.values()
            ],
        )
    )


def open_room(plan: Plan, saved: bytes | None, now: float) -> tuple[Room, list[Effect]]:
    """A room from its plan and its last snapshot, if it has one; ValueError if that is broken.

    Whoever was here has its full grace to come back from `now`, with hand, switches and
    stay as they were. The effects bring the record and the board up to date.
    """
    room = Room(plan)
    if saved is None:
        room.replan(plan, now)
        return room, []
    snapshot = _read(saved)
    room.live = snapshot.live
    room.restore(LAYOUT, Shown(snapshot.layout))
    hands = ((m.id, m.hand_at) for m in snapshot.members if m.hand_at is not None)
    room.restore(FLOOR, Floor(hands))
    effects: list[Effect] = []
    for saved_member in snapshot.members:
        member = Member(**{name: getattr(saved_member, name) for name in _COPIED})
        room.members[member.id] = member
        if member.here:
            member.presence, member.since = "reconnecting", now
            if member.site_id is not None:
                effects.append(fx.ReportPresence(member.id, member.site_id, False, now))
    effects += room.replan(plan, now)
    room.mend()
    return room, effects


def _read(saved: bytes) -> Snapshot:
    try:
        snapshot = _decode(saved)
    except msgspec.DecodeError as error:
        raise ValueError(f"unreadable room snapshot: {error}") from error
    if snapshot.version != SNAPSHOT_VERSION:
        raise ValueError(f"room snapshot of version {snapshot.version}")
    return snapshot
