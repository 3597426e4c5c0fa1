"""Working days and the notice of an invitation."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.meetings.working_days import first_day_with_notice, is_working_day, working_days_ahead


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("issued", "meeting", "ahead"),
    [
        ("2026-11-23", "2026-11-26", 3),  # Monday to Thursday
        ("2026-11-23", "2026-11-23", 0),  # the same day
        ("2026-11-27", "2026-11-30", 1),  # Friday to Monday
        ("2026-11-27", "2026-11-29", 0),  # Friday to Sunday
        ("2026-04-29", "2026-05-05", 2),  # 30 April, 1 May and a weekend between
        ("2026-11-30", "2026-11-23", 0),  # backwards
    ],
)
def test_counts_working_days_after_the_day_of_issue(issued: str, meeting: str, ahead: int) -> None:
    assert working_days_ahead(day(issued), day(meeting)) == ahead


def test_days_of_the_yearly_notice_do_not_count() -> None:
    new_year = {day("2026-02-16") + dt.timedelta(days=n) for n in range(5)}
    assert working_days_ahead(day("2026-02-13"), day("2026-02-23"), new_year) == 1


def test_national_day_is_no_working_day() -> None:
    assert not is_working_day(day("2026-09-02"))
    assert is_working_day(day("2026-09-03"))


@pytest.mark.parametrize(
    ("issued", "first"),
    [
        ("2026-11-23", "2026-11-26"),  # Monday: Thursday
        ("2026-11-27", "2026-12-02"),  # Friday: Wednesday
        ("2026-11-29", "2026-12-02"),  # Sunday
        ("2026-12-30", "2027-01-05"),  # over New Year and a weekend
    ],
)
def test_the_first_day_with_notice_is_the_third_working_day(issued: str, first: str) -> None:
    assert first_day_with_notice(day(issued)) == day(first)
