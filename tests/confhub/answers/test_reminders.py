"""When sites are reminded: before the deadline, and not while people sleep."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.answers.reminders import BEFORE, moments, quiet_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = quiet_of("22:00-06:00")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("due", "starts", "since", "expected"),
    [
        ("17 17:00", "19 08:00", "02 09:00", ["10 17:00", "16 17:00", "17 16:00"]),
        ("17 17:00", "19 08:00", "12 09:00", ["16 17:00", "17 16:00"]),
        ("17 17:00", "19 08:00", "16 17:00", ["17 16:00"]),
        ("17 17:00", "19 08:00", "17 16:30", []),
        ("17 06:30", "17 08:00", "16 23:00", ["17 06:00"]),  # put off to the morning
        ("17 05:30", "17 08:00", "16 23:00", ["17 06:00"]),  # beyond the deadline
        ("17 05:30", "17 06:00", "16 23:00", ["17 04:30"]),  # the meeting begins before
        ("17 23:30", "19 08:00", "17 09:00", ["18 06:00"]),
        ("17 23:00", "19 08:00", "17 09:00", ["18 06:00"]),  # 22:00 is quiet
        ("17 22:59", "19 08:00", "17 09:00", ["17 21:59"]),
        ("17 07:00", "19 08:00", "16 09:00", ["17 06:00"]),  # 06:00 is not
    ],
)
def test_moments(due: str, starts: str, since: str, expected: list[str]) -> None:
    found = moments(at(due), at(starts), at(since), NIGHT, HANOI)
    assert found == [at(one) for one in expected]


@pytest.mark.parametrize("text", ["22:00", "22-6 giờ", "24:00-06:00"])
def test_quiet_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        quiet_of(text)


def test_without_quiet_hours_each_comes_at_its_time() -> None:
    due, starts = at("17 05:30"), at("17 08:00")
    found = moments(due, starts, at("02 09:00"), quiet_of(""), HANOI)
    assert found == sorted(due - before for before in BEFORE)


MOMENTS = st.timedeltas(dt.timedelta(), dt.timedelta(3650)).map(
    lambda since: dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + since
)
ZONES = st.sampled_from(["Asia/Ho_Chi_Minh", "UTC", "America/New_York", "Pacific/Kiritimati"])
SPANS = st.timedeltas(dt.timedelta(), dt.timedelta(20))
HOURS = st.sampled_from(["22:00-06:00", "12:00-13:30", "00:00-05:00", ""])


@given(since=MOMENTS, ahead=SPANS, rest=SPANS, zone=ZONES, hours=HOURS)
def test_in_order_after_it_was_set_before_the_meeting_and_quiet_where_that_is_possible(
    since: dt.datetime, ahead: dt.timedelta, rest: dt.timedelta, zone: str, hours: str
) -> None:
    due, quiet, where = since + ahead, quiet_of(hours), ZoneInfo(zone)
    starts = due + rest
    found = moments(due, starts, since, quiet, where)
    assert list(found) == sorted(set(found))
    assert len(found) <= sum(due - before > since for before in BEFORE)
    for one in found:
        assert since < one < starts
        if quiet.has(one.astimezone(where).time()):
            assert one in [due - before for before in BEFORE]
            assert starts - one <= dt.timedelta(hours=9)  # a night, and an hour of a clock set back
