"""How often media from an address nobody holds is tried under a peer's keys. Pure.

A router that was restarted gives a member another port; the first packet from there that decrypts
says so. But whoever knows the number of a stream may send packets that do not, so tries are shared
out: no sender of junk, and no peer that is named in it, takes those of another.
"""

from __future__ import annotations

from collections import Counter

# A hundred sites whose router was restarted need one each, or a few where packets come in another
# order. A try is one hash, 5 us: together 5 ms of a second.
MOST_PER_S = 1_000
MOST_PER_PEER = 20
MOST_PER_PEER_AND_HOST = 4
# Of a peer that is still heard where it was; most of those have not moved.
MOST_WHILE_HEARD = 1
# At 50 packets of voice a second, five in a row are missing.
STILL_HEARD_S = 0.1


class Moves:
    """The tries of one second. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._second = 0
        self._tries = 0
        self._by_peer: Counter[object] = Counter()
        self._by_host: Counter[tuple[object, str]] = Counter()

    def take(self, peer: object, host: str, heard_at: float, now: float) -> bool:
        """Whether to try a packet from `host` under the keys of `peer`, heard at `heard_at`."""
        if int(now) != self._second:
            self._second, self._tries = int(now), 0
            self._by_peer.clear()
            self._by_host.clear()
        most = MOST_WHILE_HEARD if now - heard_at < STILL_HEARD_S else MOST_PER_PEER_AND_HOST
        if (
            self._tries >= MOST_PER_S
            or self._by_peer[peer] >= MOST_PER_PEER
            or self._by_host[peer, host] >= most
        ):
            return False
        self._tries += 1
        self._by_peer[peer] += 1
        self._by_host[peer, host] += 1
        return True
