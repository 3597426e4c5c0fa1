"""A room's snapshot: what a restart must not lose. Pure.

Of resume tokens the hashes are kept: where media run in a process of their own, pages find their
connections alive after a restart of the hub.

`form` counts the changes of how it is written; an older one is brought up form by form, and none
is thrown away. `version` is the oldest form whose readers understand it: while hubs of before the
last change still run, what they read is written too, so that a room may go back to one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from confhub.errors import N_, Unavailable
from rooms.protocol.messages import Layout, Presence, SeatRole
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features import table
from rooms.state.features.floor import FLOOR
from rooms.state.features.layout import LAYOUT
from rooms.state.member import Member
from rooms.state.room import Room
from rooms.state.seat import Plan

FORM = 2
READ_FROM = 1  # `layout` and `hand_at` are for readers of form 1


class NewerSnapshot(Unavailable):
    """A later confhub ran the room and wrote what this one would lose: it must not go on here."""

    code = "newer_snapshot"
    message = N_("Phòng họp này đã chạy trên máy chủ bản mới hơn. Trang sẽ tự kết nối lại.")


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
    screen: bool = False
    may_drive: bool = False
    may_end: bool = False
    device: bool = False
    sent_out: str = ""
    stay_from: float | None = None
    hand_at: float | None = None
    resume_hash: bytes | None = None


class Snapshot(msgspec.Struct, frozen=True):
    version: int
    form: int
    layout: Layout
    live: bool
    seq: int  # of the last act in the room's log
    members: list[SavedMember]
    features: dict[str, Any]  # what each keeps, by name


_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode
_COPIED = tuple(name for name in SavedMember.__struct_fields__ if name != "hand_at")


def encode_room(room: Room) -> bytes:
    """The room as it stands."""
    return _encode(
        Snapshot(
            version=READ_FROM,
            form=FORM,
            layout=room.part(LAYOUT).layout,
            live=room.live,
            seq=room.seq,
            members=[
                SavedMember(
                    **{name: getattr(member, name) for name in _COPIED},
                    hand_at=room.part(FLOOR).raised_at(member.id),
                )
                for member in room.members.values()
            ],
            features=room.saved_features(),
        )
    )


def open_room(
    plan: Plan,
    saved: bytes | None,
    now: float,
    last_seq: int = 0,
    staying: Collection[str] | None = None,
    connected: Collection[str] = (),
) -> tuple[Room, list[Effect]]:
    """A room from its plan and its last snapshot, if it has one; ValueError if that is broken,
    NewerSnapshot if it is of a form that this version does not know.

    Whoever was here has its full grace to come back from `now`, with hand, switches and
    stay as they were; but not who is not among `staying`, whose stay the record has ended by now.
    `connected` are the members whose media still run: their pages may go on with them, and what
    they share. The effects bring the record and the board up to date. The room's log goes on after
    `last_seq`, where that is more than the snapshot knows.
    """
    room = Room(plan)
    room.seq = last_seq
    if saved is None:
        room.replan(plan, now)
        return room, []
    snapshot = _read(saved)
    room.live, room.seq = snapshot.live and plan.is_live, max(snapshot.seq, last_seq)
    _restore(room, snapshot)
    effects: list[Effect] = []
    for saved_member in snapshot.members:
        member = Member(**{name: getattr(saved_member, name) for name in _COPIED})
        room.members[member.id] = member
        if _is_gone(member, staying):
            _empty(room, member)
        if member.id not in connected or member.device:
            # A device's session went with the hub; it begins another by itself.
            member.resume_hash, member.screen = None, False
        if member.here:
            member.presence, member.since = "reconnecting", now
            if member.site_id is not None:
                effects.append(fx.ReportPresence(member.id, member.site_id, False, now))
    effects += room.replan(plan, now)
    room.mend()
    return room, effects


def _restore(room: Room, snapshot: Snapshot) -> None:
    """Parts of features that this version does not have are kept for one that has them."""
    kept = dict(snapshot.features)
    try:
        for feature in table.FEATURES:
            if feature.name in kept:
                room.restore(feature, feature.load(kept.pop(feature.name)))
    except msgspec.ValidationError as error:
        raise ValueError(f"unreadable room snapshot: {error}") from error
    room.unknown_features = kept


def _is_gone(member: Member, staying: Collection[str] | None) -> bool:
    """Whether the record has ended the stay that the snapshot still knows."""
    return staying is not None and member.stay_from is not None and member.id not in staying


def _empty(room: Room, member: Member) -> None:
    """Nobody came back to this seat; an officer's goes."""
    for feature in table.FEATURES:
        feature.emptied(room.part(feature), member)
    member.switch_off()
    member.device = False
    member.presence, member.stay_from = "absent", None
    member.resume_hash = None
    if member.site_id is None:
        del room.members[member.id]


def _read(saved: bytes) -> Snapshot:
    try:
        found = _decode(saved)
        version = msgspec.convert(found.get("version"), int)
        if version > FORM:
            raise NewerSnapshot
        for form in range(msgspec.convert(found.get("form", 1), int), FORM):
            found = _MIGRATIONS[form](found)
        return msgspec.convert(found, Snapshot)
    except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError) as error:
        raise ValueError(f"unreadable room snapshot: {error}") from error


def _from_1(old: dict[str, Any]) -> dict[str, Any]:
    """Hands stood with the members, the layout beside them, and nothing was numbered."""
    members = msgspec.convert(old["members"], list[SavedMember])
    hands = [(m.id, m.hand_at) for m in members if m.hand_at is not None]
    features = {"floor": hands, "layout": old["layout"]}
    return {**old, "form": 2, "seq": 0, "features": features}


# By the form that each brings one further.
_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
