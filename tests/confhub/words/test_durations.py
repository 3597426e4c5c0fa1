"""Counting durations by size."""

from __future__ import annotations

from confhub.words.durations import Durations


def test_a_duration_falls_into_the_first_bucket_that_holds_it() -> None:
    durations = Durations((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 1.0, 7.0):
        durations.add(seconds)
    assert durations.counts == [2, 2, 1]
    assert durations.total_s == 8.65


def test_a_copy_stays_as_it_was() -> None:
    durations = Durations((1.0,))
    durations.add(0.5)
    copy = durations.copy()
    durations.add(0.5)
    assert (copy.counts, copy.total_s) == ([1, 0], 0.5)
