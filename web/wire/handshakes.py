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
from confhub.rounds import Lines, Place

# A fifth of a core. No more at once than delay a packet of sound by 4 ms.
TOGETHER = Rate(400, 8)
# Of one network: a province of 141 sites behind one address comes within 10 s, each with the seven
# connections of a browser. After that 50, which is a fortieth of a core.
EACH = Rate(50, 1_000)
# Networks whose rate is remembered; who comes from more pays the price of all together.
MOST_NETWORKS = 4_096
# Where somebody has waited for longer, more come than can be served: then the newest goes first, at
# once or not at all, and people try again. First come first served, all would be late.
LATE_S = 2.0
# Clocks are no finer: a network that is due sooner is not asked for again and again meanwhile.
LEAST_REST_S = 0.001

Waiter = TypeVar("Waiter", bound=Hashable)


class HandshakeLine(Generic[Waiter]):
    """Those who wait, each at its place: the widest of its networks, which has the rate, and the
    lines within it. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._all = TokenBucket(TOGETHER)
        self._buckets = Buckets(MOST_NETWORKS)
        self._lines: dict[str, Lines[Waiter]] = {}
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._resting: list[tuple[float, str]] = []  # a heap, by when they are ready

    def join(self, place: Place, waiter: Waiter, now: float) -> None:
        network = place[0]
        if network not in self._lines:
            self._lines[network] = Lines()
            self._stand(network, now)
        self._lines[network].join(place[1:], waiter, now)

    def leave(self, place: Place, waiter: Waiter) -> None:
        """It waits no longer, if it did."""
        lines = self._lines.get(place[0])
        if lines is not None:
            lines.leave(place[1:], waiter)

    def next(self, now: float) -> Waiter | None:
        """Whose turn it is, if it is anybody's, who then waits no longer.

        Nothing is spent: whoever has left has left its turn to the others. Say `begin` of all else
        before asking again.
        """
        while self._resting and self._resting[0][0] <= now:
            self._stand(heapq.heappop(self._resting)[1], now)
        while self._ready and not self._all.wait_s(now):
            network = next(iter(self._ready))
            waiter = self._lines[network].next(before=now - LATE_S)
            if waiter is not None:
                self._ready.move_to_end(network)
                return waiter
            del self._ready[network], self._lines[network]
        return None

    def begin(self, place: Place, now: float) -> None:
        """The handshake of whom `next` gave begins."""
        network = place[0]
        self._all.take(now)
        self._buckets.take(network, EACH, now)
        del self._ready[network]
        self._stand(network, now)

    def wait_s(self, now: float) -> float | None:
        """After how long to ask for the next one; None while nobody waits."""
        if self._ready:
            return self._all.wait_s(now)
        return max(0.0, self._resting[0][0] - now) if self._resting else None

    def _stand(self, network: str, now: float) -> None:
        wait_s = self._buckets.wait_s(network, EACH, now)
        if wait_s > 0:
            heapq.heappush(self._resting, (now + max(wait_s, LEAST_REST_S), network))
        else:
            self._ready[network] = None
