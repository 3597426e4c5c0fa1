"""How long things took, as counts by size: cheap enough for a hot path. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class Durations:
    """A histogram; `bounds_s` are the upper ends of its buckets in seconds, rising.

    `counts` has one more at the end, of what took longer than the last bound.
    """

    __slots__ = ("bounds_s", "counts", "total_s")

    def __init__(self, bounds_s: Sequence[float]) -> None:
        self.bounds_s = tuple(bounds_s)
        self.counts = [0] * (len(self.bounds_s) + 1)
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one; a duration equal to a bound is within it."""
        self.counts[bisect_left(self.bounds_s, seconds)] += 1
        self.total_s += seconds

    def copy(self) -> Durations:
        """As it is now, for a reader that takes its time."""
        made = Durations(self.bounds_s)
        made.counts, made.total_s = list(self.counts), self.total_s
        return made
