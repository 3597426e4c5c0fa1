"""Lines of text to all sites: who may send them, what is kept, and what the feature touches."""

from __future__ import annotations

from pathlib import Path

import pytest

import rooms
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.notes import MAX_KEPT, NewNote, Note, Notes, SendNote
from rooms.state.features.sending_out import LetIn, SendOut
from rooms.state.snapshot import encode_room, open_room
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import T0, plan, refusal, room_with

SOURCE = Path(rooms.__file__).parent.parent


def history(effects: list[Effect]) -> list[Note]:
    told = [e.message for e in effects if isinstance(e, fx.Send)]
    return [note for message in told if isinstance(message, Notes) for note in message.notes]


def test_a_line_goes_to_everybody_and_into_the_log_in_the_spelling_that_is_kept() -> None:
    room = room_with(site_seat("xa"), secretary())
    effects = room.handle("a-thuky", SendNote("  Họp lại\n lúc\u202e 14:00 "), T0 + 9)
    note = Note(1, T0 + 9, "Thư ký", "Họp lại lúc 14:00")
    assert effects == [
        fx.Broadcast(NewNote(note)),
        fx.SaveSnapshot(),
        fx.Happened(1, T0 + 9, "note", {"by": "a-thuky", "text": "Họp lại lúc 14:00"}),
    ]


@pytest.mark.parametrize(
    ("who", "text", "code"),
    [
        ("s-xa", "Xin chào", "forbidden"),
        ("a-thuky", "", "bad_input"),
        ("a-thuky", " \n\u200b\u2800 ", "bad_input"),
    ],
)
def test_only_who_drives_may_and_only_what_shows(who: str, text: str, code: str) -> None:
    room = room_with(site_seat("xa"), secretary())
    assert refusal(room.handle(who, SendNote(text), T0 + 9)) == (code, "note")
    assert history(room.join(site_seat("xa"), "", "fresh", T0 + 10)) == []


def test_who_comes_late_or_after_a_restart_reads_those_of_before() -> None:
    room = room_with(secretary())
    for number in range(3):
        room.handle("a-thuky", SendNote(f"Lời {number}"), T0 + number)
    again, _ = open_room(plan(), encode_room(room), T0 + 60)
    for standing in (room, again):
        late = history(standing.join(site_seat("xa"), "", "fresh", T0 + 61))
        assert [(note.id, note.text) for note in late] == [(1, "Lời 0"), (2, "Lời 1"), (3, "Lời 2")]


def test_what_was_said_while_a_site_was_out_is_not_for_it_ever() -> None:
    room = room_with(secretary(), site_seat("xa"), site_seat("huyen"))
    for number, act in enumerate(
        (
            SendNote("Trước"),
            SendOut("s-xa", "Vào nhầm"),
            SendNote("Chỉ cho người ở lại"),
            LetIn("s-xa"),
            SendNote("Sau"),
        )
    ):
        room.handle("a-thuky", act, T0 + number)
    again, _ = open_room(plan(), encode_room(room), T0 + 60)
    for standing in (room, again):
        read = history(standing.join(site_seat("xa"), "", "fresh", T0 + 61))
        assert [note.text for note in read] == ["Trước", "Sau"]
        read = history(standing.join(site_seat("huyen"), "", "other", T0 + 62))
        assert [note.text for note in read] == ["Trước", "Chỉ cho người ở lại", "Sau"]


def test_the_oldest_make_room() -> None:
    room = room_with(secretary())
    for number in range(MAX_KEPT + 7):
        room.handle("a-thuky", SendNote(f"Lời {number}"), T0 + number)
    late = history(room.join(site_seat("xa"), "", "fresh", T0 + 99))
    assert len(late) == MAX_KEPT
    assert (late[0].text, late[-1].id) == ("Lời 7", MAX_KEPT + 7)


def test_the_feature_is_known_to_the_tables_alone() -> None:
    """Adding one touches its module, its page module and its document."""
    scripts = SOURCE / "web" / "static" / "js" / "room"
    knows = {
        str(path.relative_to(SOURCE))
        for folder, suffix, name in (
            (SOURCE / "rooms", "py", "features.notes"),
            (SOURCE / "web", "py", "features.notes"),
            (scripts, "js", "notes.js"),
        )
        for path in folder.rglob(f"*.{suffix}")
        if name in path.read_text("utf-8")
    }
    assert knows == {"rooms/state/features/table.py", "web/static/js/room/features.js"}
