"""Which other times are proposed to a meeting that gives way."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo

from confhub.planning.precedence import MOST_DAYS, other_times

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = dt.timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


def weekday(day: dt.date) -> bool:
    return day.weekday() < 5


def test_later_that_day_comes_first_and_nothing_outlasts_the_office() -> None:
    times = other_times(at(4, 8), at(4, 9, 30), at(4, 15, 10), ZONE, weekday)
    assert list(islice(times, 4)) == [
        (at(4, 15, 30), at(4, 17)),
        (at(4, 16), at(4, 17, 30)),
        (at(7, 8), at(7, 9, 30)),  # Friday, then Monday at its hour
        (at(8, 8), at(8, 9, 30)),
    ]


def test_two_weeks_of_working_days_are_enough() -> None:
    times = list(other_times(at(4, 8), at(4, 9), at(4, 17), ZONE, weekday))
    assert len(times) == MOST_DAYS
    assert all(end - start == HOUR for start, end in times)


def test_a_meeting_over_midnight_moves_by_days() -> None:
    times = other_times(at(4, 23), at(5, 1), at(5, 2), ZONE, weekday)
    assert next(times) == (at(7, 23), at(8, 1))


def test_the_zone_of_the_server_changes_nothing() -> None:
    utc = [
        list(other_times(start, end, free, ZONE, weekday))
        for start, end, free in (
            (at(4, 8), at(4, 9), at(4, 10)),
            tuple(one.astimezone(dt.UTC) for one in (at(4, 8), at(4, 9), at(4, 10))),
        )
    ]
    assert utc[0] == utc[1]
