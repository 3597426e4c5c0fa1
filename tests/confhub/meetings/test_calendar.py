"""The days of a month, and days in their zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from confhub.meetings.calendar import edges, month_weeks, months_on


def test_a_month_is_whole_weeks_from_monday() -> None:
    weeks = month_weeks(dt.date(2026, 11, 30))
    assert weeks[0][0] == dt.date(2026, 10, 26)
    assert weeks[-1][-1] == dt.date(2026, 12, 6)
    assert {len(week) for week in weeks} == {7}


def test_months_are_stepped_over_the_turn_of_the_year() -> None:
    assert months_on(dt.date(2026, 12, 31), 1) == dt.date(2027, 1, 1)
    assert months_on(dt.date(2026, 1, 31), -1) == dt.date(2025, 12, 1)
    assert months_on(dt.date(2026, 1, 31), 0) == dt.date(2026, 1, 1)


def test_a_day_begins_and_ends_where_its_zone_says() -> None:
    day = edges(dt.date(2026, 3, 29), ZoneInfo("Europe/Berlin"))  # the clocks go forward
    assert day.ends_at - day.starts_at == dt.timedelta(hours=23)
    assert day.night_ends - day.starts_at == dt.timedelta(hours=5)
