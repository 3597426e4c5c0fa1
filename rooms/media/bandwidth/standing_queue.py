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
    by how much the wait has grown without a pause. `base_s` is the shortest way, by both clocks."""

    def __init__(self) -> None:
        self.wait_s = self.rise_s = 0.0
        self.base_s = self._next_base_s = 0.0
        self._began_at: float | None = None

    def receive(self, delay_s: float, now: float, sure_s: float | None = None) -> None:
        """`delay_s`: arrival minus sending, each by its own clock. `sure_s`: how much of that was
        on the way for certain, all of it by default; the rest may be the receiver's own."""
        if self._began_at is None or abs(delay_s - self.base_s) > BASE_S:
            self.base_s = self._next_base_s = delay_s  # the first, or a clock was set
            self._began_at = now
        elif now - self._began_at > BASE_S:
            self.base_s, self._next_base_s = self._next_base_s, delay_s
            self._began_at = now
        self._next_base_s = min(self._next_base_s, delay_s)
        self.base_s = min(self.base_s, delay_s)
        wait_s = max(0.0, (delay_s if sure_s is None else sure_s) - self.base_s)
        self.rise_s = self.rise_s + wait_s - self.wait_s if wait_s > self.wait_s else 0.0
        self.wait_s = wait_s
