"""The index finds just what a look at every span finds."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.planning.intervals import Intervals

MIDNIGHT = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


def at(minute: int) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(minutes=minute)


SPANS = st.tuples(st.integers(0, 40), st.integers(1, 30)).map(lambda one: (one[0], sum(one)))


@given(st.lists(SPANS, max_size=30), st.lists(SPANS, min_size=1, max_size=6), st.integers(0, 30))
def test_whatever_overlaps_is_found_in_any_order_of_asking_and_adding(
    spans: list[tuple[int, int]], asked: list[tuple[int, int]], known: int
) -> None:
    index: Intervals[int] = Intervals()
    there: list[tuple[int, int, int]] = []

    def naive(start: int, end: int) -> list[int]:
        found = sorted(one for one in there if one[0] < end and one[1] > start)
        return [number for _start, _end, number in found]

    for number, (start, end) in enumerate(spans):
        index.add(at(start), at(end), number)
        there.append((start, end, number))
        if number == known:
            assert index.during(at(0), at(9)) == naive(0, 9)
    for start, end in asked:
        assert index.during(at(start), at(end)) == naive(start, end)


def test_a_span_without_a_length_takes_nothing() -> None:
    index: Intervals[str] = Intervals()
    assert index.during(at(0), at(1)) == []
    with pytest.raises(ValueError, match="ends after"):
        index.add(at(1), at(1), "nothing")
