"""Meetings in several sittings: what is typed, which is held, what ends and what moves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from confhub.errors import BadInput, FieldErrors
from confhub.meetings import changes
from confhub.meetings.admission import (
    TooEarly,
    at_sitting,
    check_open,
    is_open,
    opens_at,
    sitting_at,
)
from confhub.meetings.meeting import Meeting
from confhub.meetings.overtime import extended
from confhub.meetings.sitting import MOST_SITTINGS, Sitting, kept_over, read, read_sittings, written
from confhub.meetings.timetable import group_by_day, list_by_day
from confhub.planning.conflicts import clashes_within, find_clashes
from confhub.planning.takings import Need, Resource, Takings, takings_of
from tests.confhub.meetings.sittings import MONDAY, ZONE, at, council, sittings_on

FIRST = (at(0, 8), at(0, 11))
EARLY_MIN = 60
SITE = Need(Resource("site", "site-b"))


def test_what_is_typed_becomes_sittings_in_order() -> None:
    typed = [("2026-12-08T08:00", "2026-12-08T11:00"), ("2026-12-07T14:00", "2026-12-07T17:00")]
    found = read_sittings(typed, FIRST, ZONE)
    assert found == (Sitting(*FIRST), Sitting(at(0, 14), at(0, 17)), Sitting(at(1, 8), at(1, 11)))


def test_one_sitting_is_none() -> None:
    assert read_sittings([], FIRST, ZONE) == ()


@pytest.mark.parametrize(
    "typed",
    [
        [("", "")],
        [("2026-12-08T08:00", "2026-12-09T08:00")],
        [("2026-12-07T10:00", "2026-12-07T12:00")],
        [("2026-12-30T08:00", "2026-12-30T11:00")],
        [("2026-12-08T08:00", "2026-12-08T11:00")] * MOST_SITTINGS,
    ],
    ids=["blank", "too long", "at one time", "too far apart", "too many"],
)
def test_what_is_no_sitting_is_told(typed: list[tuple[str, str]]) -> None:
    with pytest.raises(FieldErrors) as found:
        read_sittings(typed, FIRST, ZONE)
    assert list(found.value.fields) == ["sittings"]


def test_the_store_keeps_them_and_which_is_over() -> None:
    sittings = (Sitting(*FIRST, is_over=True), *sittings_on(1))
    assert read(written(sittings)) == sittings
    assert read("") == ()


def test_an_edit_keeps_which_is_over() -> None:
    old = (Sitting(*FIRST, is_over=True), Sitting(at(1, 8), at(1, 11)))
    new = (Sitting(at(0, 8), at(0, 10)), Sitting(at(2, 8), at(2, 11)))
    assert [one.is_over for one in kept_over(old, new)] == [True, False]


def test_a_meeting_that_an_older_hub_moved_is_one_sitting() -> None:
    moved = replace(council(), ends_at=at(5, 17))
    assert moved.all_sittings == (Sitting(moved.starts_at, moved.ends_at),)


@pytest.mark.parametrize(
    ("now", "held"),
    [
        (at(-1, 8), at(0, 8)),
        (at(0, 12), at(0, 8)),
        (at(0, 13, 30), at(0, 14)),
        (at(0, 18), at(0, 14)),
        (at(0, 22), at(1, 8)),
        (at(2, 23), at(2, 14)),
    ],
)
def test_who_comes_comes_to_a_sitting(now: dt.datetime, held: dt.datetime) -> None:
    assert sitting_at(council(), now).starts_at == held
    assert at_sitting(council(), now).starts_at == held


def test_doors_open_for_each_day() -> None:
    meeting = council()
    assert is_open(meeting, at(1, 7), early_min=EARLY_MIN)
    assert is_open(meeting, at(1, 12), early_min=EARLY_MIN)
    assert not is_open(meeting, at(0, 23), early_min=EARLY_MIN)
    with pytest.raises(TooEarly) as told:
        check_open(meeting, at(0, 23), early_min=EARLY_MIN, zone=ZONE)
    assert told.value.opens_at == at(1, 7)


def test_the_end_of_a_day_leaves_the_next_one() -> None:
    over = changes.ended(council(status="live"), at(0, 16, 50))
    assert over.status == "scheduled"
    assert [one.is_over for one in over.all_sittings] == [True, True, False, False, False, False]
    assert sitting_at(over, at(0, 16, 55)).starts_at == at(1, 8)
    assert not is_open(over, at(0, 16, 55), early_min=EARLY_MIN)


def test_a_test_of_the_line_in_the_morning_ends_nothing() -> None:
    assert changes.ended(council(status="live"), at(0, 7, 30)).all_sittings == sittings_on(0, 1, 2)


def test_the_end_of_the_last_day_is_the_meetings() -> None:
    assert changes.ended(council(status="live"), at(2, 16)).status == "ended"


def test_all_go_along_to_another_day() -> None:
    week = dt.timedelta(days=7)
    moved = changes.moved(council(), at(7, 8), at(7, 11), "Bão", at(-3, 8))
    assert moved.hours == tuple((a + week, b + week) for a, b in council().hours)
    assert (moved.starts_at, moved.ends_at) == (at(7, 8), at(9, 17))


def test_what_was_held_stays_when_the_rest_moves() -> None:
    begun = changes.ended(council(status="live"), at(0, 17))
    moved = changes.moved(begun, at(2, 8), at(2, 11), "Bão", at(0, 18))
    days = [one.starts_at.astimezone(ZONE).day for one in moved.all_sittings]
    assert days == [7, 7, 9, 9, 10, 10]


def days_of(meeting: Meeting) -> list[int]:
    return [one.starts_at.astimezone(ZONE).day for one in meeting.all_sittings]


def test_a_day_held_without_the_room_stays_when_the_rest_moves() -> None:
    moved = changes.moved(council(), at(4, 8), at(4, 11), "Bão", at(0, 18))
    assert days_of(moved) == [7, 7, 11, 11, 12, 12]
    assert moved.starts_at == council().starts_at


def test_what_is_held_ends_where_the_rest_moves() -> None:
    moved = changes.moved(council(status="live"), at(4, 14), at(4, 17), "Bão", at(1, 9))
    assert days_of(moved) == [7, 7, 8, 11, 12, 12]
    assert moved.hours[2] == (at(1, 8), at(1, 9))


def test_a_sitting_under_way_to_which_nobody_came_moves_too() -> None:
    moved = changes.moved(council(), at(0, 9), at(0, 12), "Chờ", at(0, 8, 20))
    assert moved.hours[:2] == ((at(0, 9), at(0, 12)), (at(0, 15), at(0, 18)))


def test_what_passed_while_it_was_put_off_goes_along() -> None:
    off = changes.held_over(council(), "Bão", at(0, 18))
    moved = changes.moved(off, at(7, 8), at(7, 11), "Bão", at(5, 8))
    assert days_of(moved) == [7, 7, 14, 14, 15, 15]


def test_where_all_has_passed_all_that_was_not_ended_goes_along() -> None:
    assert days_of(changes.moved(council(), at(7, 8), at(7, 11), "Bão", at(3, 8)))[0] == 14


def test_the_next_sitting_may_take_the_hours_of_one_that_ended_early() -> None:
    sittings = (Sitting(at(0, 8), at(0, 17)), Sitting(at(1, 8), at(1, 10)))
    live = replace(council(status="live"), sittings=sittings, ends_at=at(1, 10))
    over = changes.ended(live, at(0, 9))
    moved = changes.moved(over, at(0, 14), at(0, 16), "Bão", at(0, 9, 5))
    assert moved.hours == ((at(0, 8), at(0, 9, 5)), (at(0, 14), at(0, 16)))
    assert [one.is_over for one in moved.all_sittings] == [True, False]


def test_the_rest_moves_no_further_than_calendars_look_back() -> None:
    begun = changes.ended(council(status="live"), at(0, 17))
    assert changes.moved(begun, at(12, 8), at(12, 11), "Bão", at(0, 18)).ends_at == at(13, 17)
    with pytest.raises(FieldErrors) as told:
        changes.moved(begun, at(13, 8), at(13, 11), "Bão", at(0, 18))
    assert list(told.value.fields) == ["start"]
    off = changes.held_over(begun, "Bão", at(0, 18))
    with pytest.raises(FieldErrors):
        changes.moved(off, at(30, 8), at(30, 11), "Bão", at(0, 18))


def test_before_the_first_day_all_move_however_far() -> None:
    moved = changes.moved(council(), at(60, 8), at(60, 11), "Bão", at(-3, 8))
    assert moved.ends_at == at(62, 17)


def test_the_last_day_is_extended_within_the_bound_of_the_whole() -> None:
    last = Sitting(at(13, 23), at(14, 8))
    meeting = replace(council(), sittings=(*sittings_on(0), last), ends_at=last.ends_at)
    with pytest.raises(BadInput):
        extended(meeting, 15, at(14, 7))
    live = replace(meeting, status="live")
    assert extended(live, 15, at(14, 8)).ends_at == at(14, 8, 15)


def test_only_the_sitting_that_is_held_is_extended() -> None:
    longer = extended(council(status="live"), 30, at(0, 10, 50))
    assert longer.hours[0] == (at(0, 8), at(0, 11, 30))
    assert longer.hours[1:] == council().hours[1:]
    last = extended(council(status="live"), 30, at(2, 16, 50))
    assert last.ends_at == last.hours[-1][1] == at(2, 17, 30)
    with pytest.raises(BadInput):
        extended(council(status="live"), 30, at(0, 13, 50))


def test_nights_and_noons_are_free() -> None:
    takings = Takings(takings_of(council()))
    assert not find_clashes([SITE], takings, at(0, 17), at(1, 8))
    assert not find_clashes([SITE], takings, at(0, 11), at(0, 14))
    assert len(find_clashes([SITE], takings, at(0, 16), at(1, 9))) == 2


def test_each_day_that_clashes_is_found() -> None:
    other = replace(council(1, 2), id="meeting-2")
    found = clashes_within([SITE], Takings(takings_of(other)), council().hours)
    assert [clash.starts_at for clash in found] == [at(1, 8), at(1, 14), at(2, 8), at(2, 14)]


def test_a_calendar_has_each_sitting_on_its_day() -> None:
    days = group_by_day([council(0, 2)], MONDAY, 3, ZONE)
    assert [[part.number for part in day.parts] for day in days] == [
        [(1, 4), (2, 4)],
        [],
        [(3, 4), (4, 4)],
    ]
    listed = list_by_day([council()], MONDAY, 1, ZONE)[0].parts
    assert [part.ends_at for part in listed] == [at(0, 11), at(0, 17)]


def test_the_doors_stay_shut_in_the_first_half_of_a_short_break() -> None:
    """Whoever was sent out at ten does not come into the next sitting at once."""
    first, second = Sitting(at(0, 8), at(0, 10), is_over=True), Sitting(at(0, 10, 20), at(0, 11))
    meeting = replace(council(), ends_at=second.ends_at, sittings=(first, second))
    assert opens_at(meeting, at(0, 10, 5), 30) == at(0, 10, 10)
    assert not is_open(meeting, at(0, 10, 5), early_min=30)
    assert is_open(meeting, at(0, 10, 10), early_min=30)
    assert opens_at(council(), at(0, 13, 10), 30) == at(0, 13, 30)
    assert opens_at(council(), at(0, 7), 30) == at(0, 7, 30)
