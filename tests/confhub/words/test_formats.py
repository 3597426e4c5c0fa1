"""Dates and numbers as people here write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from confhub.words.formats import Formats

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VIETNAMESE, ENGLISH = Formats("vi", HANOI), Formats("en", HANOI)
NOON = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


def test_a_moment_is_told_in_the_users_zone_and_manner() -> None:
    late = dt.datetime(2026, 11, 23, 18, 30, tzinfo=dt.UTC)  # after midnight in Việt Nam
    assert VIETNAMESE.datetime(late) == "Thứ Ba, 24/11/2026, 01:30"
    assert ENGLISH.datetime(late) == "Tuesday, 24 November 2026, 01:30"
    assert VIETNAMESE.time(NOON) == "12:00"
    assert VIETNAMESE.short_date(NOON) == "24/11/2026"
    assert VIETNAMESE.weekday(dt.date(2026, 11, 29)) == "Chủ Nhật"
    assert VIETNAMESE.local(NOON).hour == 12


def test_a_day_without_time_is_not_moved_by_the_zone() -> None:
    assert VIETNAMESE.date(dt.date(2026, 11, 24)) == "Thứ Ba, 24/11/2026"


def test_numbers_carry_the_marks_of_the_language() -> None:
    assert (VIETNAMESE.number(10599.5), ENGLISH.number(10599.5)) == ("10.599,5", "10,599.5")
    assert (VIETNAMESE.percent(0.034), ENGLISH.percent(0.034)) == ("3,4%", "3.4%")


def test_a_column_of_numbers_has_as_many_digits_in_each_row() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    assert [Formats("vi", zone).decimal(n, 1) for n in (3, 3.44, 1234.5)] == [
        "3,0",
        "3,4",
        "1234,5",
    ]
    assert Formats("en", zone).decimal(3.44, 2) == "3.44"
    assert Formats("vi", zone).decimal(3.44, 0) == "3"
