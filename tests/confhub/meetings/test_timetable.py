"""Meetings on local days and in lanes."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from confhub.meetings.meeting import Meeting
from confhub.meetings.timetable import (
    SHORTEST_DRAWN,
    group_by_day,
    list_by_day,
    local_span,
    once_by_day,
    place,
    session_of,
    week_start,
)

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = dt.date(2026, 11, 25)


def meeting(start: str, end: str, meeting_id: str = "m") -> Meeting:
    """A meeting between two local times of Vietnam."""
    starts_at, ends_at = (
        dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(dt.UTC)
        for text in (start, end)
    )
    return Meeting(meeting_id, "Giao ban", "district", "u", "s", starts_at, ends_at)


def test_a_vietnamese_day_begins_at_17_utc_of_the_day_before() -> None:
    start, end = local_span(DAY, 1, VIETNAM)
    assert start == dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)
    assert end - start == dt.timedelta(hours=24)


def test_a_day_is_as_long_as_its_zone_says() -> None:
    start, end = local_span(dt.date(2026, 3, 29), 1, ZoneInfo("Europe/Berlin"))
    assert end - start == dt.timedelta(hours=23)


def test_weeks_begin_on_monday() -> None:
    assert week_start(dt.date(2026, 11, 29)) == dt.date(2026, 11, 23)
    assert week_start(dt.date(2026, 11, 23)) == dt.date(2026, 11, 23)


def test_early_morning_belongs_to_its_local_day_not_to_the_utc_day() -> None:
    days = group_by_day([meeting("2026-11-25T06:30", "2026-11-25T07:30")], DAY, 1, VIETNAM)
    (part,) = days[0].parts
    assert (part.starts_at.hour, part.starts_at.minute) == (6, 30)
    assert not part.from_before
    assert not part.goes_on


def test_a_meeting_across_midnight_has_a_clipped_part_on_each_day() -> None:
    first, second = group_by_day([meeting("2026-11-25T22:00", "2026-11-26T01:00")], DAY, 2, VIETNAM)
    assert first.parts[0].goes_on
    assert first.parts[0].ends_at == dt.datetime(2026, 11, 26, tzinfo=VIETNAM)
    assert second.parts[0].from_before
    assert second.parts[0].ends_at.hour == 1


def test_a_calendar_has_a_meeting_across_midnight_on_the_day_it_begins_only() -> None:
    night = meeting("2026-11-25T22:00", "2026-11-26T01:00")
    first, second = once_by_day([night], DAY, 2, VIETNAM)
    assert first.parts[0].ends_at == dt.datetime(2026, 11, 26, tzinfo=VIETNAM)
    assert second.parts == ()
    (today,) = once_by_day([night], DAY + dt.timedelta(days=1), 1, VIETNAM)
    assert today.parts[0].from_before


def test_a_list_names_a_meeting_across_midnight_once_and_whole() -> None:
    night = meeting("2026-11-25T22:00", "2026-11-26T01:00")
    first, second = list_by_day([night], DAY, 2, VIETNAM)
    assert [(part.starts_at, part.ends_at) for part in first.parts] == [
        (night.starts_at, night.ends_at)
    ]
    assert second.parts == ()
    (today,) = list_by_day([night], DAY + dt.timedelta(days=1), 1, VIETNAM)
    assert [part.starts_at for part in today.parts] == [night.starts_at]


def test_a_meeting_that_ends_at_midnight_is_not_on_the_next_day() -> None:
    first, second = group_by_day([meeting("2026-11-25T22:00", "2026-11-26T00:00")], DAY, 2, VIETNAM)
    assert len(first.parts) == 1
    assert not first.parts[0].goes_on
    assert second.parts == ()


def test_empty_days_are_listed() -> None:
    days = group_by_day([], DAY, 7, VIETNAM)
    assert [d.on.day for d in days] == [25, 26, 27, 28, 29, 30, 1]


def test_overlapping_parts_stand_side_by_side_and_a_free_lane_is_used_again() -> None:
    (day,) = group_by_day(
        [
            meeting("2026-11-25T08:00", "2026-11-25T11:00", "long"),
            meeting("2026-11-25T08:30", "2026-11-25T09:30", "second"),
            meeting("2026-11-25T09:30", "2026-11-25T10:30", "third"),
            meeting("2026-11-25T14:00", "2026-11-25T15:00", "alone"),
        ],
        DAY,
        1,
        VIETNAM,
    )
    lanes = {p.part.meeting.id: (p.lane, p.lanes) for p in place(day.parts)}
    assert lanes == {"long": (0, 2), "second": (1, 2), "third": (1, 2), "alone": (0, 1)}


@given(st.lists(st.tuples(st.integers(0, 1380), st.integers(1, 300)), max_size=20))
def test_parts_drawn_in_one_lane_never_cover_each_other(spans: list[tuple[int, int]]) -> None:
    midnight = local_span(DAY, 1, VIETNAM)[0]
    meetings = [
        Meeting(
            str(n),
            "t",
            "l",
            "u",
            "s",
            midnight + dt.timedelta(minutes=start),
            midnight + dt.timedelta(minutes=start + length),
        )
        for n, (start, length) in enumerate(spans)
    ]
    placed = place(group_by_day(meetings, DAY, 1, VIETNAM)[0].parts)
    assert len(placed) == len(meetings)
    for one in placed:
        assert 0 <= one.lane < one.lanes
        for two in placed:
            if one is not two and one.lane == two.lane and one.part.starts_at <= two.part.starts_at:
                drawn = max(one.part.ends_at, one.part.starts_at + SHORTEST_DRAWN)
                assert drawn <= two.part.starts_at


def test_a_meeting_that_goes_on_after_the_night_is_on_the_next_day_too() -> None:
    long = meeting("2026-11-25T22:00", "2026-11-26T08:00")
    first, second = once_by_day([long], DAY, 2, VIETNAM)
    assert first.parts[0].goes_on
    assert second.parts[0].from_before


def test_a_working_day_has_a_morning_and_an_afternoon() -> None:
    def said(hour: int, minute: int = 0) -> str:
        return session_of(dt.datetime(2026, 11, 25, hour, minute, tzinfo=VIETNAM))

    assert [said(0), said(11, 59), said(12), said(17, 59), said(18), said(23, 59)] == [
        "morning",
        "morning",
        "afternoon",
        "afternoon",
        "evening",
        "evening",
    ]
