"""Until when sites answer: as is usual by the working days that are left, or as was chosen."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.answers.deadline import deadline_for, usual
from confhub.meetings.working_days import SpecialDay, WorkCalendar

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkCalendar([SpecialDay(dt.date(2026, 12, 1), True, "Ngày nghỉ")])


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("starts", "since", "due"),
    [
        ("2026-11-19 08:00", "2026-11-09 09:00", "2026-11-17 17:00"),
        ("2026-11-23 08:00", "2026-11-09 09:00", "2026-11-19 17:00"),  # over a weekend
        ("2026-12-02 08:00", "2026-11-09 09:00", "2026-11-27 17:00"),  # over a day off
        ("2026-11-29 08:00", "2026-11-09 09:00", "2026-11-26 17:00"),  # held on a Sunday
        ("2026-11-19 08:00", "2026-11-17 16:00", "2026-11-17 17:00"),
        ("2026-11-19 08:00", "2026-11-17 16:01", "2026-11-18 17:00"),  # no hour is left
        ("2026-11-19 08:00", "2026-11-18 16:30", "2026-11-19 07:00"),
        ("2026-11-19 08:00", "2026-11-19 06:30", "2026-11-19 08:00"),
        ("2026-11-19 08:00", "2026-11-20 06:30", "2026-11-19 08:00"),  # put in afterwards
        ("2026-11-26 08:00", "2026-11-09 09:00", "2026-11-23 17:00"),  # a holiday
        ("2026-11-19 00:30", "2026-11-09 09:00", "2026-11-17 17:00"),
    ],
)
def test_usual(starts: str, since: str, due: str) -> None:
    assert usual(at(starts), at(since), CALENDAR, HANOI) == at(due)


def test_of_a_meeting_from_before_it_is_two_working_days_ahead() -> None:
    assert usual(at("2026-11-19 08:00"), None, CALENDAR, HANOI) == at("2026-11-17 17:00")


@pytest.mark.parametrize(
    ("chosen", "due"),
    [
        ("2026-11-18 10:00", "2026-11-18 10:00"),
        ("2026-11-19 09:00", "2026-11-19 08:00"),  # of a start that was later
        (None, "2026-11-17 17:00"),
    ],
)
def test_chosen(chosen: str | None, due: str) -> None:
    starts_at, since = at("2026-11-19 08:00"), at("2026-11-09 09:00")
    chosen_at = at(chosen) if chosen else None
    found = deadline_for("m", starts_at, chosen_at, since, CALENDAR, HANOI)
    assert (found.due_at, found.chosen_at, found.starts_at) == (at(due), chosen_at, starts_at)


MOMENTS = st.timedeltas(dt.timedelta(), dt.timedelta(3650)).map(
    lambda since: dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + since
)
ZONES = st.sampled_from(["Asia/Ho_Chi_Minh", "UTC", "America/New_York", "Pacific/Kiritimati"])


@given(starts_at=MOMENTS, ahead=st.timedeltas(dt.timedelta(), dt.timedelta(20)), zone=ZONES)
def test_it_is_never_over_already_and_never_after_the_start(
    starts_at: dt.datetime, ahead: dt.timedelta, zone: str
) -> None:
    since = starts_at - ahead
    assert since <= usual(starts_at, since, CALENDAR, ZoneInfo(zone)) <= starts_at
