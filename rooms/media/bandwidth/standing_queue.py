"""How long packets wait on the way now, against the shortest way seen lately. Pure.

A trend tells that a queue grows; one that stands still shows no trend, and every word through
it comes late. One-way delays of two clocks compare over seconds: clocks that differ by 100
millionths drift apart by 2 ms in the 20 s that are kept.
"""

from __future__ import annotations

# The shortest delay of this long, and of the time before it of the same length, is the base:
# a path that became longer is believed within 20 s.
BASE_S = 10.0


class StandingQueue:
    """Feed it the shortest delay of each feedback message; read `wait_s` and `rise_s`, which is
    by how much the wait has grown without a pause."""

    def __init__(self) -> None:
        self.wait_s = self.rise_s = 0.0
        self._base_s = self._next_base_s = 0.0
        self._began_at: float | None = None

    def receive(self, delay_s: float, now: float) -> None:
        """`delay_s`: arrival minus sending, each by its own clock."""
        if self._began_at is None or abs(delay_s - self._base_s) > BASE_S:
            self._base_s = self._next_base_s = delay_s  # the first, or a clock was set
            self._began_at = now
        elif now - self._began_at > BASE_S:
            self._base_s, self._next_base_s = self._next_base_s, delay_s
            self._began_at = now
        self._next_base_s = min(self._next_base_s, delay_s)
        self._base_s = min(self._base_s, delay_s)
        wait_s = delay_s - self._base_s
        self.rise_s = self.rise_s + wait_s - self.wait_s if wait_s > self.wait_s else 0.0
        self.wait_s = wait_s
