"""So many packets and bits a second, and a burst: a token bucket of both at once. Pure.

What is only counted has `confhub.bucket`.
"""

from __future__ import annotations

from typing import NamedTuple


class Rate(NamedTuple):
    """`burst_s`: what was not used for so long may be used at once."""

    packets_per_s: float
    bits_per_s: float
    burst_s: float


class Bucket:
    """Times are monotonic seconds; a clock that goes back fills nothing."""

    __slots__ = ("_at", "_bits", "_packets", "_rate")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._at: float | None = None
        self._packets = rate.packets_per_s * rate.burst_s
        self._bits = rate.bits_per_s * rate.burst_s

    def has(self, now: float) -> bool:
        """Whether a packet may pass."""
        rate = self._rate
        elapsed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        self._packets = min(
            rate.packets_per_s * rate.burst_s, self._packets + elapsed * rate.packets_per_s
        )
        self._bits = min(rate.bits_per_s * rate.burst_s, self._bits + elapsed * rate.bits_per_s)
        return self._packets >= 1 and self._bits > 0

    def spend(self, size: int) -> None:
        """A packet of so many bytes passes; the last one may be larger than what is left."""
        self._packets -= 1
        self._bits -= 8 * size

    def left(self, now: float) -> tuple[float, float]:
        """So many packets and bits may pass; what of them did not is to be `leave`d."""
        self.has(now)
        return self._packets, self._bits

    def leave(self, packets: float, bits: float) -> None:
        self._packets, self._bits = packets, bits

    def take(self, size: int, now: float) -> bool:
        """Whether this packet passes."""
        if not self.has(now):
            return False
        self.spend(size)
        return True
