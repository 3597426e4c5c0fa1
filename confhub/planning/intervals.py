"""Spans of time and what they hold: those that overlap another are found without a look at all.
Pure."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Intervals(Generic[T]):
    """Values by spans [start, end), which may overlap. Put in in any order.

    They stand by start, each beside the latest end up to it: a question goes back from the first
    that starts too late until nothing before lasts long enough. So it costs a logarithm and what
    it finds, unless something very long stands early.
    """

    def __init__(self) -> None:
        self._spans: list[tuple[dt.datetime, dt.datetime, int, T]] = []
        self._latest: list[dt.datetime] = []  # as long as `_spans` once they are in order

    def __iter__(self) -> Iterator[T]:
        """All, in no order."""
        return (value for _start, _end, _number, value in self._spans)

    def add(self, start: dt.datetime, end: dt.datetime, value: T) -> None:
        """ValueError unless the span has a length."""
        if start >= end:
            raise ValueError("a span ends after it starts")
        # The number keeps values from being compared.
        self._spans.append((start, end, len(self._spans), value))
        self._latest.clear()

    def during(self, start: dt.datetime, end: dt.datetime) -> list[T]:
        """Whatever overlaps [start, end), by start; spans that only touch do not."""
        self._put_in_order()
        found = []
        for index in reversed(range(bisect_left(self._spans, (end,)))):
            if self._latest[index] <= start:
                break
            if self._spans[index][1] > start:
                found.append(self._spans[index][3])
        found.reverse()
        return found

    def _put_in_order(self) -> None:
        if len(self._latest) == len(self._spans):
            return
        self._spans.sort(key=lambda span: span[:3])
        latest = self._spans[0][1]
        for _start, end, _number, _value in self._spans:
            latest = max(latest, end)
            self._latest.append(latest)
