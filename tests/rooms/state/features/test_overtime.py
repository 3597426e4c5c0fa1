"""The planned end comes and passes: who is told what, and when."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.overtime import (
    SOON_S,
    UNATTENDED_FOR_S,
    UNATTENDED_S,
    TimeLeft,
)
from rooms.state.room import Room
from rooms.state.seat import Plan, Seat
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import T0, plan, room_with

END = plan().ends_at
ENDS_ITSELF = END + UNATTENDED_FOR_S
SITE, CONSOLE = site_seat("xa"), secretary()


def told(effects: Iterable[Effect]) -> list[TimeLeft]:
    messages = [e.message for e in effects if isinstance(e, fx.Broadcast | fx.Send)]
    return [message for message in messages if isinstance(message, TimeLeft)]


def room_at(now: float, *seats: Seat) -> Room:
    """A room in which people sit since it began, and that was looked after until then."""
    room = room_with(*seats)
    at = T0 + 10
    while (due := room.next_deadline(at)) is not None and due < now:
        at = due
        room.expire(at)
    return room


@pytest.mark.parametrize(
    ("now", "seats", "stage", "left_s"),
    [
        (END - SOON_S, [SITE, CONSOLE], "soon", SOON_S),
        (END, [SITE, CONSOLE], "over", 0.0),
        (END, [CONSOLE], "over", 0.0),
        (ENDS_ITSELF - UNATTENDED_S, [CONSOLE], "unattended", UNATTENDED_S),
    ],
)
def test_everybody_is_told_once_when_it_is_time(
    now: float, seats: list[Seat], stage: str, left_s: float
) -> None:
    room = room_at(now, *seats)
    assert room.next_deadline(now - 1) == now
    assert told(room.expire(now - 1)) == []
    (message,) = told(room.expire(now))
    assert (message.stage, message.left_s) == (stage, left_s)
    assert room.expire(now + 1) == []


def test_who_comes_late_is_told_too_and_nobody_before_it_is_time() -> None:
    for now, stages in ((END - SOON_S - 1, []), (END - 60, ["soon"]), (END + 90, ["over"])):
        room = room_at(now, CONSOLE)
        room.expire(now)
        welcomed = told(room.join(SITE, "", "fresh", now))
        assert [message.stage for message in welcomed] == stages
        assert [message.left_s for message in welcomed] == ([END - now] if stages else [])


def test_a_meeting_with_a_site_in_it_does_not_end_by_itself() -> None:
    room = room_at(ENDS_ITSELF + 60, SITE, CONSOLE)
    assert told(room.expire(ENDS_ITSELF + 60)) == []
    room.revoke("s-xa", ENDS_ITSELF + 70)
    (alone,) = told(room.expire(ENDS_ITSELF + 70))
    assert (alone.stage, alone.left_s) == ("unattended", -70.0)
    room.join(SITE, "", "fresh", ENDS_ITSELF + 80)
    assert [message.stage for message in told(room.expire(ENDS_ITSELF + 80))] == ["over"]


def test_a_later_end_takes_back_what_was_told() -> None:
    room = room_at(END, SITE)
    room.expire(END)
    old = room.plan
    later = Plan(old.meeting_id, old.title, old.chair, old.starts_at, END + 1800, old.seats)
    room.replan(later, END + 5)
    (message,) = told(room.expire(END + 5))
    assert message == TimeLeft("none", 0.0, 0.0)
    assert room.next_deadline(END + 5) == END + 1800 - SOON_S
