"""The day of a meeting as last time, and who can be invited again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.meetings.working_days import SpecialDay, WorkCalendar
from confhub.planning.again import LeftOut, chair_of, fitting, next_day
from confhub.units.site import Site
from confhub.units.unit import Unit

CALENDAR = WorkCalendar()
ON = dt.date(2026, 12, 7)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("last", "today", "expected"),
    [
        ("2026-11-23", "2026-11-24", "2026-11-30"),  # a Monday, with its notice
        ("2026-11-26", "2026-11-24", "2026-12-03"),  # still to come: the week after
        ("2026-11-25", "2026-11-24", "2026-12-02"),
        ("2025-03-03", "2026-11-26", "2026-12-07"),  # long ago; next Monday is too near
        ("2026-04-23", "2026-04-20", "2026-05-04"),  # 30 April is a day off, the next one too
        ("2026-11-21", "2026-11-24", "2026-11-28"),  # a Saturday stays one
    ],
)
def test_the_next_such_day_leaves_the_notice(last: str, today: str, expected: str) -> None:
    assert next_day(day(last), day(today), CALENDAR) == day(expected)


@given(
    st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)),
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
    st.sets(st.dates(dt.date(2026, 1, 1), dt.date(2027, 3, 1)), max_size=20),
)
def test_it_comes_after_both_and_offices_are_open(
    last: dt.date, today: dt.date, off: set[dt.date]
) -> None:
    calendar = WorkCalendar(SpecialDay(one, is_off=True) for one in off)
    found = next_day(last, today, calendar)
    assert found > last
    assert found >= calendar.first_day_with_notice(today)
    assert calendar.is_working(found) or not calendar.is_working(last)


def unit(unit_id: str, valid_to: dt.date | None = None) -> Unit:
    return Unit(unit_id, "commune", f"Xã {unit_id}", None, None, None, valid_to)


def test_who_cannot_be_invited_any_more_is_told_with_the_reason() -> None:
    sites = [
        Site("1", "a", "a-1", "Phòng họp"),
        Site("2", "b", "b-1", "Phòng họp"),
        Site("3", "a", "a-2", "Hội trường", active=False),
        Site("4", "z", "z-1", "Phòng họp"),
        Site("5", "c", "c-1", "Phòng họp"),
    ]
    reach = {"a": unit("a"), "b": unit("b", ON), "c": unit("c", ON + dt.timedelta(days=1))}
    kept, left = fitting(sites, reach, ON)
    assert [one.id for one in kept] == ["1", "5"]
    assert left == [
        LeftOut(sites[1], reach["b"], "unit_ended"),
        LeftOut(sites[2], reach["a"], "not_in_use"),
        LeftOut(sites[3], None, "out_of_reach"),
    ]
    assert chair_of("5", kept, "a") == "5"
    assert chair_of("2", kept, "a") == "1"
    assert chair_of("2", kept, "b") == ""
