"""Dates that come again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.errors import FieldErrors
from confhub.planning.recurrence import (
    LAST,
    NTHS,
    Rule,
    check_rule,
    dates,
    from_then,
    last_date,
    longer,
    next_dates,
    nth_of,
    shifted,
    weekly,
)

MONDAY = dt.date(2026, 12, 7)
TUESDAYS = (1,)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (weekly(MONDAY), "2026-12-07 2026-12-14 2026-12-21"),
        (weekly(MONDAY, interval=2), "2026-12-07 2026-12-21 2027-01-04"),
        (Rule("week", MONDAY, weekdays=(0, 3)), "2026-12-07 2026-12-10 2026-12-14"),
        # In the weeks of the first date, whichever its day is.
        (Rule("week", day("2026-12-09"), 2, (0, 3)), "2026-12-10 2026-12-21 2026-12-24"),
        (
            Rule("month_weekday", MONDAY, weekdays=TUESDAYS, nth=1),
            "2027-01-05 2027-02-02 2027-03-02",
        ),
        (
            Rule("month_weekday", MONDAY, weekdays=(4,), nth=LAST),
            "2026-12-25 2027-01-29 2027-02-26",
        ),
        (Rule("month_day", MONDAY, month_day=15), "2026-12-15 2027-01-15 2027-02-15"),
        (Rule("month_day", MONDAY, month_day=31), "2026-12-31 2027-01-31 2027-02-28"),
        (Rule("month_day", MONDAY, 12, month_day=30), "2026-12-30 2027-12-30 2028-12-30"),
    ],
)
def test_a_rule_names_its_dates(rule: Rule, expected: str) -> None:
    assert next_dates(rule, MONDAY, 3) == [day(text) for text in expected.split()]


def test_a_rule_ends_by_a_day_or_after_so_many() -> None:
    assert last_date(weekly(MONDAY, count=3)) == day("2026-12-21")
    assert last_date(weekly(MONDAY, until=day("2026-12-27"))) == day("2026-12-21")
    assert last_date(weekly(MONDAY)) is None
    assert len(list(dates(weekly(MONDAY, count=3), MONDAY, day("2027-12-31")))) == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"interval": 0}, "interval"),
        ({"interval": 13}, "interval"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"off_days": "perhaps"}, "weekdays"),
        ({"frequency": "year"}, "weekdays"),
        ({"frequency": "month_day", "month_day": 32}, "weekdays"),
        ({"frequency": "month_weekday", "nth": 5}, "weekdays"),
        ({"count": 0}, "count"),
        ({"count": 1000}, "count"),
        ({"until": day("2026-12-01")}, "until"),
        ({"until": day("2046-12-01")}, "until"),
        ({"weekdays": (4,), "until": day("2026-12-09")}, "until"),  # before the first Friday
    ],
)
def test_a_rule_that_cannot_be_says_what_to_mend(values: dict[str, Any], field: str) -> None:
    given = {"frequency": "week", "first": MONDAY, "weekdays": (0,)}
    with pytest.raises(FieldErrors) as refused:
        check_rule(Rule(**{**given, **values}))
    assert set(refused.value.fields) == {field}


days = st.dates(day("2026-01-01"), day("2028-12-31"))
rules = (
    st.builds(
        Rule,
        st.just("week"),
        days,
        st.integers(1, 5),
        st.sets(st.integers(0, 6), min_size=1).map(lambda some: tuple(sorted(some))),
        count=st.none() | st.integers(1, 20),
    )
    | st.builds(Rule, st.just("month_day"), days, st.integers(1, 12), month_day=st.integers(1, 31))
    | st.builds(
        Rule,
        st.just("month_weekday"),
        days,
        st.integers(1, 6),
        st.integers(0, 6).map(lambda one: (one,)),
        st.sampled_from(NTHS),
    )
)


@given(rules, st.integers(0, 700))
def test_a_rule_goes_on_from_any_day_by_the_same_dates(rule: Rule, later: int) -> None:
    since = rule.first + dt.timedelta(days=later)
    end = since + dt.timedelta(days=800)
    assert list(dates(from_then(rule, since), since, end)) == list(dates(rule, since, end))


@given(rules)
def test_a_rule_goes_on_as_well_before_a_date_that_it_has(rule: Rule) -> None:
    """In the same weeks or months, as if it had begun earlier."""
    (known,) = next_dates(rule, rule.first, 1)
    since = known - dt.timedelta(days=500)
    longer = from_then(rule, since, known)
    assert known in dates(longer, since, known)
    end = known + dt.timedelta(days=500)
    assert list(dates(longer, rule.first, end)) == list(dates(rule, rule.first, end))


@given(days, st.integers(-3, 3))
def test_a_moved_date_is_one_of_the_moved_rule(first: dt.date, by: int) -> None:
    new = first + dt.timedelta(days=by)
    for rule in (
        weekly(first),
        Rule("month_day", first, month_day=first.day),
        Rule("month_weekday", first, weekdays=(first.weekday(),), nth=nth_of(first)),
    ):
        moved = shifted(rule, first, new)
        assert new in dates(from_then(moved, min(first, new), new), new, new)


def test_as_many_are_left_when_their_day_moves() -> None:
    rule = longer(weekly(MONDAY, count=5), dt.timedelta(days=2))
    rule = from_then(rule, day("2026-12-14"))
    moved = shifted(rule, day("2026-12-14"), day("2026-12-16"))
    assert len(list(dates(moved, day("2026-12-14"), day("2027-12-31")))) == 4
