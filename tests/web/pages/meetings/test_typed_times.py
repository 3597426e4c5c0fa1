"""Days and hours as people type them."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.errors import BadInput
from web.pages.meetings.typed_times import beside_fields, plain_day, plain_time

TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize("text", ["3/12/2026", "03/12/2026", "2026-12-03", " 03/12/2026 "])
def test_a_day_is_read_with_the_day_first(text: str) -> None:
    assert plain_day(text, TODAY) == "2026-12-03"


@pytest.mark.parametrize("text", ["31/11/2026", "hôm nay", "12/13/2026"])
def test_what_is_no_day_stays_as_it_was_typed(text: str) -> None:
    assert plain_day(text, TODAY) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30/11", "2026-11-30"),
        ("3/12", "2026-12-03"),
        ("29/11", "2027-11-29"),
        ("29/2", "2028-02-29"),
        ("31/11", "31/11"),
        ("30/13", "30/13"),
    ],
)
def test_a_day_without_a_year_is_the_next_such_one(text: str, day: str) -> None:
    assert plain_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "time"),
    [("8", "08:00"), ("8h30", "08:30"), ("0830", "08:30"), ("14 h", "14:00"), ("9.15", "09:15")],
)
def test_hours_are_read_as_they_are_said(text: str, time: str) -> None:
    assert plain_time(text) == time


def test_what_is_no_hour_stays_as_it_was_typed() -> None:
    assert plain_time("8 giờ") == "8 giờ"


def test_an_error_stands_at_the_field_that_is_to_be_mended() -> None:
    error = BadInput("x")
    assert beside_fields({"starts": error}, "2026-12-03") == {"start": error}
    assert beside_fields({"starts": error, "ends": error}, "31/11/2026") == {"date": error}
    assert beside_fields({"title": error}, "") == {"title": error}
