"""How often voice is repeated on the way to one receiver. Pure.

Copies mend single losses without a round trip, but take rate; a line that loses because it is
full is not helped by more. So they come with loss, and only as far as the budget goes.
"""

from __future__ import annotations

# From these losses on, that many copies. One copy leaves p*p lost: nothing to hear at 5 %, a
# word now and then at 10 %, where a second one leaves a thousandth.
COPIES_FROM = ((0.08, 2), (0.015, 1))
MAX_COPIES = 2
# Opus at its usual 32 kbit/s.
COPY_BPS = 32_000
# Loss comes in spells: the copies stay this long after the last report of it.
HOLD_S = 20.0


class Redundancy:
    """The copies of one receiver. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._wanted = 0
        self._since = float("-inf")

    def receive_loss(self, fraction: float, now: float) -> None:
        """A report of the receiver: this fraction was lost since the last one."""
        wanted = next((copies for loss, copies in COPIES_FROM if fraction >= loss), 0)
        if wanted >= self._wanted or now - self._since >= HOLD_S:
            self._wanted = wanted
            self._since = now

    def copies(self, voices: int, budget_bps: float) -> int:
        """Copies for each of `voices`, given what is left beside the voices themselves."""
        affordable = budget_bps // (COPY_BPS * max(voices, 1))
        return int(max(0, min(self._wanted, affordable)))
