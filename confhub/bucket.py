"""So many a second in the long run and a burst at once: a token bucket. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_s` in the long run, `burst` at once."""

    per_s: float
    burst: int


def each_second(count: int) -> Rate:
    """So many a second, and at once if need be."""
    return Rate(count, count)


class TokenBucket:
    """RFC 2697's idea, counted in what its owner likes; `now` is any steady clock in seconds, and
    one that goes back fills nothing."""

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._at: float | None = None

    def take(self, now: float, count: int = 1) -> bool:
        """One of them, or `count` at once: True if it may pass. More than the burst never may."""
        self._fill(now)
        if self._tokens < count:
            return False
        self._tokens -= count
        return True

    def wait_s(self, now: float, count: int = 1) -> float:
        """After how long one may pass, or `count` at once; 0.0: now."""
        self._fill(now)
        return max(0.0, (count - self._tokens) / self._rate.per_s)

    def left(self, now: float) -> float:
        """How many may pass at once."""
        self._fill(now)
        return self._tokens

    def _fill(self, now: float) -> None:
        elapsed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._tokens = min(float(self._rate.burst), self._tokens + elapsed * self._rate.per_s)
        self._at = now


class Buckets:
    """A bucket for each of many; beyond `most` the least used is forgotten, and begins afresh."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, rate: Rate, now: float, count: int = 1) -> bool:
        """Whether one more of `key` may pass, or `count`, whose rate is always the same."""
        return self._use(key, rate).take(now, count)

    def wait_s(self, key: str, rate: Rate, now: float, count: int = 1) -> float:
        """After how long one of `key` may pass, or `count`; 0.0: now."""
        return self._use(key, rate).wait_s(now, count)

    def left(self, key: str, rate: Rate, now: float) -> float:
        """How many of `key` may pass at once."""
        return self._use(key, rate).left(now)

    def _use(self, key: str, rate: Rate) -> TokenBucket:
        bucket = self._buckets.pop(key, None) or TokenBucket(rate)
        self._buckets[key] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket
