"""Whose TLS handshake begins next: so many a second, networks in rotation. Pure.

A handshake costs the hub a signature, half a millisecond, and whoever asks for one only a packet
that it may have recorded; so a thousand a second would take half a core. They wait their turn,
unread in the network, and sound goes on.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from confhub.bucket import Buckets, Rate, TokenBucket

# A fifth of a core. No more at once than delay a packet of sound by 4 ms.
TOGETHER = Rate(400, 8)
# Of one network: a province of 141 sites behind one address comes within 10 s, each with the seven
# connections of a browser. After that 50, which is a fortieth of a core.
EACH = Rate(50, 1_000)
# Networks whose rate is remembered; who comes from more pays the price of all together.
MOST_NETWORKS = 4_096

Waiter = TypeVar("Waiter", bound=Hashable)


class HandshakeLine(Generic[Waiter]):
    """Those who wait, by their networks. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._all = TokenBucket(TOGETHER)
        self._buckets = Buckets(MOST_NETWORKS)
        self._lines: dict[str, OrderedDict[Waiter, None]] = {}
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._resting: list[tuple[float, str]] = []  # a heap, by when they are ready

    def join(self, network: str, waiter: Waiter, now: float) -> None:
        line = self._lines.get(network)
        if line is None:
            self._lines[network] = OrderedDict({waiter: None})
            self._stand(network, now)
        else:
            line[waiter] = None

    def leave(self, network: str, waiter: Waiter) -> None:
        """It waits no longer, if it did."""
        line = self._lines.get(network)
        if line is not None:
            line.pop(waiter, None)

    def next(self, now: float) -> Waiter | None:
        """Whose turn it is, if it is anybody's."""
        while self._resting and self._resting[0][0] <= now:
            self._ready[heapq.heappop(self._resting)[1]] = None
        while self._ready:
            network = next(iter(self._ready))
            line = self._lines[network]
            if line and not self._all.take(now):
                return None
            del self._ready[network]
            if not line:
                del self._lines[network]
                continue
            is_due = self._buckets.take(network, EACH, now)
            self._stand(network, now)
            if is_due:  # or it would be in a moment that is too short for the clock
                return line.popitem(last=False)[0]
        return None

    def wait_s(self, now: float) -> float | None:
        """After how long to ask for the next one; None while nobody waits."""
        if self._ready:
            return self._all.wait_s(now)
        return max(0.0, self._resting[0][0] - now) if self._resting else None

    def _stand(self, network: str, now: float) -> None:
        wait_s = self._buckets.wait_s(network, EACH, now)
        if wait_s > 0:
            heapq.heappush(self._resting, (now + wait_s, network))
        else:
            self._ready[network] = None
