"""The secretary's lines of text to all sites, and those of before for who comes late. Pure."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from confhub.bucket import Rate
from confhub.errors import N_, BadInput
from confhub.words.texts import one_line
from rooms.protocol.envelope import ClientMessage, RoomNews
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.driving import require_driver
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member

# Six lines on a telephone: what people read while somebody speaks.
MAX_LETTERS = 300
# A day's meeting has a dozen; who comes late reads back no further. Some 20 kB of a snapshot.
MAX_KEPT = 50
NO_TEXT = N_("Hãy ghi lời nhắn trước khi gửi.")


class SendNote(ClientMessage, tag="note", frozen=True):
    """Secretary: a line of text to everybody in the room."""

    text: Annotated[str, Meta(max_length=MAX_LETTERS)]


class Note(msgspec.Struct, frozen=True):
    """One line; `id` is the number of the act."""

    id: int
    at: float  # unix seconds
    name: str  # whose
    text: str


class Kept(Note, frozen=True):
    """As it stands in the room: with the members who were sent out when it was said."""

    out: tuple[str, ...] = ()


class NewNote(RoomNews, tag="note", frozen=True):
    note: Note


class Notes(RoomNews, tag="notes", frozen=True):
    """After `welcome`: those that are kept, the oldest first, but for what was said while the
    member was sent out. Not sent while there are none."""

    notes: list[Note]


def send_note(hall: Hall, member: Member, said: SendNote, now: float) -> list[Effect]:
    require_driver(member)
    text = one_line(said.text)
    if not text:
        raise BadInput(NO_TEXT)
    note = Note(hall.log("note", member, now, text=text), now, member.name, text)
    kept = hall.part(NOTES)
    out = tuple(other.id for other in hall.members.values() if other.sent_out)
    kept.append(Kept(note.id, note.at, note.name, note.text, out))
    del kept[:-MAX_KEPT]
    return [fx.Broadcast(NewNote(note)), fx.SaveSnapshot()]


def welcome(hall: Hall, member: Member, now: float) -> list[Effect]:
    notes = [
        Note(kept.id, kept.at, kept.name, kept.text)
        for kept in hall.part(NOTES)
        if member.id not in kept.out
    ]
    return [fx.Send(member.id, Notes(notes))] if notes else []


def _new() -> list[Kept]:
    return []


def _save(kept: list[Kept]) -> list[Kept]:
    return list(kept)


def _load(saved: Any) -> list[Kept]:
    return msgspec.convert(saved, list[Kept])


NOTES = Feature(
    name="notes",
    rules={SendNote: Rule(send_note, Rate(0.5, 5))},
    hub_messages=(NewNote, Notes),
    new=_new,
    save=_save,
    load=_load,
    welcome=welcome,
)
