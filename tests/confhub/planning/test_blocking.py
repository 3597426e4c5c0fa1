"""When sites cannot meet: once, every week, of a site, a unit, or the hub."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.meetings.meeting import Meeting
from confhub.planning.blocking import Blocking, blocked, check_blocking
from confhub.planning.conflicts import find_clashes
from confhub.planning.takings import Takings, needs_of

DAY = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WEEK = dt.timedelta(days=7)
CUT = Blocking(
    "cut", "site", "power_cut", "Cắt điện", DAY, DAY + 4 * HOUR, "Asia/Ho_Chi_Minh", site_id="s"
)
HOMES = {"s": ["commune", "district", "centre"], "t": ["district", "centre"]}


def met(blocking: Blocking, *sites: str) -> list[tuple[str, str]]:
    meeting = Meeting("m", "Họp", "commune", "commune", sites[0], DAY, DAY + HOUR, sites=sites)
    span = (DAY, DAY + HOUR)
    takings = Takings(blocked([blocking], HOMES, *span))
    found = find_clashes(needs_of(meeting), takings, *span)
    return [(clash.need.resource.kind, clash.need.resource.id) for clash in found]


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({}, [("site", "s")]),
        ({"reach": "unit", "site_id": "", "unit_id": "district"}, [("site", "t")]),
        ({"reach": "below", "site_id": "", "unit_id": "district"}, [("site", "s"), ("site", "t")]),
        ({"reach": "below", "site_id": "", "unit_id": "elsewhere"}, []),
        ({"reach": "hub", "site_id": ""}, [("hub", "")]),
    ],
)
def test_a_blocking_takes_just_the_sites_that_it_reaches(
    change: dict[str, str], taken: list[tuple[str, str]]
) -> None:
    assert met(replace(CUT, **change), "s", "t") == taken  # type: ignore[arg-type]


def test_a_weekly_one_keeps_its_hour_by_the_clocks_of_its_zone() -> None:
    """Berlin puts its clocks forward on 29 March 2026."""
    zone = ZoneInfo("Europe/Berlin")
    start = dt.datetime(2026, 3, 24, 8, tzinfo=zone)
    busy = replace(CUT, starts_at=start, ends_at=start + HOUR, zone="Europe/Berlin", weekly=True)
    days = [begin.astimezone(zone) for begin, _ in busy.times(start, start + 3 * WEEK)]
    assert [(one.day, one.hour) for one in days] == [(24, 8), (31, 8), (7, 8)]
    last = replace(busy, until=dt.date(2026, 3, 31))
    assert len(list(last.times(start, start + 9 * WEEK))) == 2
    over_at = last.over_at
    assert over_at is not None
    assert next(last.times(over_at, over_at + 99 * WEEK), None) is None


@given(
    st.integers(0, 5 * 7 * 24),
    st.integers(1, 30),
    st.integers(1, 100),
    st.booleans(),
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "UTC"]),
)
def test_just_the_times_are_found_that_a_look_at_every_week_finds(
    begin: int, length: int, hours: int, weekly: bool, zone: str
) -> None:
    local = DAY.astimezone(ZoneInfo(zone))
    busy = replace(
        CUT,
        starts_at=local.astimezone(dt.UTC),
        ends_at=local.astimezone(dt.UTC) + hours * HOUR,
        zone=zone,
        weekly=weekly,
    )
    start, end = DAY + begin * HOUR, DAY + (begin + length) * HOUR
    weeks = range(9) if weekly else range(1)
    naive = [(busy.starts_at + n * WEEK, busy.ends_at + n * WEEK) for n in weeks]
    expected = [one for one in naive if one[0] < end and one[1] > start]
    assert list(busy.times(start, end)) == expected  # no clock changes in these weeks


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "meeting"}, "kind"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"ends_at": DAY}, "end"),
        ({"ends_at": DAY + 53 * WEEK}, "last"),
        ({"weekly": True, "ends_at": DAY + 8 * WEEK / 7}, "last"),
        ({"weekly": True, "until": dt.date(2026, 11, 1)}, "until"),
        ({"starts_at": DAY - 9 * HOUR, "ends_at": DAY - HOUR}, "last"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(change: dict[str, object], field: str) -> None:
    assert check_blocking(CUT, DAY) == {}
    assert set(check_blocking(replace(CUT, **change), DAY)) == {field}  # type: ignore[arg-type]
