"""Working days and the notice of an invitation."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.meetings.working_days import (
    SpecialDay,
    WorkCalendar,
    holidays_of,
    worked_saturdays,
)

CALENDAR = WorkCalendar()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("issued", "meeting", "ahead"),
    [
        ("2026-11-09", "2026-11-12", 3),  # Monday to Thursday
        ("2026-11-09", "2026-11-09", 0),  # the same day
        ("2026-11-13", "2026-11-16", 1),  # Friday to Monday
        ("2026-11-13", "2026-11-15", 0),  # Friday to Sunday
        ("2026-04-29", "2026-05-05", 2),  # 30 April, 1 May and a weekend between
        ("2026-02-13", "2026-02-23", 1),  # Tết between
        ("2026-11-16", "2026-11-09", 0),  # backwards
        ("2026-11-09", "2199-12-31", 3),  # no further than is asked for
    ],
)
def test_counts_working_days_after_the_day_of_issue(issued: str, meeting: str, ahead: int) -> None:
    assert CALENDAR.days_ahead(day(issued), day(meeting)) == ahead


def test_a_year_s_notice_goes_before_the_calendar() -> None:
    saturday, monday = day("2028-04-22"), day("2028-04-24")
    noticed = WorkCalendar(
        [
            SpecialDay(monday, is_off=True, name="Nghỉ bù"),
            SpecialDay(saturday, is_off=False, name="Làm bù"),
            SpecialDay(day("2028-09-02"), is_off=False),
        ]
    )
    assert (CALENDAR.is_working(saturday), noticed.is_working(saturday)) == (False, True)
    assert (CALENDAR.is_working(monday), noticed.is_working(monday)) == (True, False)
    assert noticed.name_of(monday, "en") == "Nghỉ bù"
    assert noticed.name_of(day("2028-09-02"), "vi") == ""
    assert noticed.name_of(day("2028-01-26"), "en") == "Lunar New Year"


def test_days_that_the_calendar_moved_are_known() -> None:
    assert CALENDAR.is_working(day("2025-04-26"))  # a Saturday, for 2 May
    assert not CALENDAR.is_working(day("2025-05-02"))
    assert worked_saturdays(2025) == [day("2025-04-26")]
    assert (day("2027-02-06"), "Tết Nguyên Đán") in holidays_of(2027, "vi")


def test_beyond_what_the_calendar_knows_the_week_decides() -> None:
    assert CALENDAR.is_working(day("2150-01-01"))  # a Thursday
    assert not CALENDAR.is_working(day("2150-01-03"))
    assert holidays_of(2199, "vi") == []


@pytest.mark.parametrize(
    ("issued", "first"),
    [
        ("2026-11-09", "2026-11-12"),  # Monday: Thursday
        ("2026-11-13", "2026-11-18"),  # Friday: Wednesday
        ("2026-11-15", "2026-11-18"),  # Sunday
        ("2026-12-30", "2027-01-05"),  # over New Year and a weekend
    ],
)
def test_the_first_day_with_notice_is_the_third_working_day(issued: str, first: str) -> None:
    assert CALENDAR.first_day_with_notice(day(issued)) == day(first)
