"""What is asked of a series takes as long for one of a hundred years as for a new one.

What is counted are the lines of Python that run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confhub.errors import FieldErrors
from confhub.meetings.working_days import SpecialDay, WorkCalendar
from confhub.planning.recurrence import OFF_DAYS, Rule, dates, last_date, last_within
from confhub.planning.series import (
    Occurrence,
    Part,
    Series,
    first_slot,
    horizon,
    is_over,
    slots,
)
from confhub.planning.series_edits import FARTHEST_MOVE, Asked, changed, ended, first_ahead
from confhub.planning.settling import first_looked_at, unsettled
from tests.confhub.planning.series_world import MONDAY, World, briefing, new_world
from tests.confhub.planning.test_recurrence import rules
from tests.python_lines import python_lines

CENTURY_DAYS = 36_525
FREE_SUNDAY = dt.date(2027, 12, 12)
SIX_DAYS = Rule("week", MONDAY, weekdays=(0, 1, 2, 3, 4, 5), off_days="after")


def begun(years: int, rule: Rule) -> tuple[World, list[Occurrence]]:
    """A series that began so long ago, and those of its meetings that may still be touched."""
    first = rule.period(MONDAY.replace(year=MONDAY.year - years))
    old = replace(rule, first=first)
    world = new_world(rule)
    series = Series("series-1", (Part(0, first, old, briefing()),))
    return replace(world, series=series), world.living


ASKED: dict[str, Callable[[World, list[Occurrence]], object]] = {
    "unsettled": lambda world, rows: unsettled(world.series, rows, world.house),
    "slots": lambda world, _rows: slots(
        world.series,
        world.house.calendar,
        first_looked_at(world.house.today),
        horizon(world.house.today),
    ),
    "first_slot": lambda world, _rows: first_slot(world.series, world.house.calendar),
    "is_over": lambda world, _rows: is_over(world.series, world.house.today),
    "first_ahead": lambda world, rows: first_ahead(world.series, rows[1].original, world.house),
    "changed": lambda world, rows: changed(
        world.series,
        rows[1],
        Asked(briefing(), rows[1].day, FREE_SUNDAY),
        "following",
        world.house,
    ),
    "ended": lambda world, rows: ended(world.series, rows[1], "all", "Bão", world.house),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "rule",
    [
        SIX_DAYS,
        Rule("month_day", MONDAY, month_day=31, off_days="before"),
        Rule("month_weekday", MONDAY, weekdays=(0,), nth=1),
        Rule("week", MONDAY, weekdays=(0, 2), until=dt.date(2030, 12, 1)),
    ],
    ids=["six days a week", "month day", "month weekday", "until"],
)
def test_the_age_of_a_series_costs_nothing(asked: str, rule: Rule) -> None:
    young, old = begun(1, rule), begun(100, rule)
    ask = ASKED[asked]
    ask(*young)  # what is cached is there for both
    assert python_lines(lambda: ask(*old)) < 1.5 * python_lines(lambda: ask(*young)) + 500


@pytest.mark.parametrize("off_days", OFF_DAYS)
def test_a_decade_of_dates_takes_ten_times_a_year(off_days: Any) -> None:
    series = Series("s", (Part(0, MONDAY, replace(SIX_DAYS, off_days=off_days), briefing()),))
    off = (MONDAY + dt.timedelta(days=n) for n in range(0, CENTURY_DAYS // 10, 3))
    calendar = WorkCalendar(SpecialDay(day, is_off=True, name="Nghỉ") for day in off)

    def ask(days: int) -> int:
        end = MONDAY + dt.timedelta(days=days)
        return python_lines(lambda: slots(series, calendar, MONDAY, end))

    assert ask(CENTURY_DAYS // 10) < 13 * ask(CENTURY_DAYS // 100)


def moved_far(years: int) -> World:
    """One of its meetings stands under an original date of another century."""
    world = new_world(SIX_DAYS)
    row = world.living[0]
    far = replace(row, original=row.original + dt.timedelta(weeks=52 * years), state="planned")
    world.rows[row.meeting_id] = replace(far, day=far.original)
    return world


def test_a_meeting_in_another_century_costs_nothing_but_itself() -> None:
    near, far = new_world(SIX_DAYS), moved_far(75)
    near_lines = python_lines(lambda: unsettled(near.series, near.living, near.house))
    far_lines = python_lines(lambda: unsettled(far.series, far.living, far.house))
    assert far_lines < 2 * near_lines + 2_000


def test_a_meeting_in_another_century_is_still_one_of_its_series() -> None:
    world = moved_far(75)
    (first,) = (row for row in world.living if row.original.year > 2100)
    tasks = unsettled(world.series, world.living, world.house)
    # Only the one that is missing now at its old place.
    assert [(one.occurrence, one.slot and one.slot.original) for one in tasks] == [(None, MONDAY)]
    on_sunday = first.original + dt.timedelta(days=6 - first.original.weekday())
    world.rows[first.meeting_id] = replace(first, original=on_sunday)
    (task,) = (one for one in unsettled(world.series, world.living, world.house) if one.occurrence)
    assert task.slot is not None
    assert task.slot.part.rule.period(task.slot.original) == SIX_DAYS.period(on_sunday)


@pytest.mark.parametrize("scope", ["following", "all"])
def test_a_series_goes_no_farther_than_next_year(scope: Any) -> None:
    world = new_world()
    row = world.living[1]
    last = horizon(world.house.today) + FARTHEST_MOVE
    with pytest.raises(FieldErrors) as refused:
        world.edit(row, scope, by=(last - row.day).days + 1)
    assert set(refused.value.fields) == {"date"}
    world.edit(row, "following", by=(last - row.day).days)
    world.settle()
    world.check()


def test_what_lies_too_far_may_come_nearer() -> None:
    world = new_world()
    row = world.living[1]
    far = replace(row, original=dt.date(2100, 12, 27), day=dt.date(2100, 12, 27))
    asked = Asked(briefing(), far.day, dt.date(2099, 12, 29))
    edited, moved = changed(world.series, far, asked, "following", world.house)
    assert moved.original == asked.day
    assert edited.parts[-1].number == 1


@settings(max_examples=60)
@given(rules, st.integers(0, 9000), st.integers(0, 800))
def test_dates_of_a_later_year_are_those_counted_from_the_first(
    rule: Rule, later: int, length: int
) -> None:
    start = rule.first + dt.timedelta(days=later)
    end = start + dt.timedelta(days=length)
    counted = [day for day in dates(rule, rule.first, end) if day >= start]
    assert list(dates(rule, start, end)) == counted
    assert last_within(rule, rule.first, end) == max(dates(rule, rule.first, end), default=None)
    ending = replace(rule, count=None, until=end)
    assert last_date(ending) == max(dates(ending, rule.first, end), default=rule.first)
