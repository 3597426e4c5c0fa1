"""How much one socket may ask of the hub. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from confhub.bucket import Rate, TokenBucket

Verdict = Literal["pass", "tell", "drop", "flood"]


# A page's own needs, with room for a person who clicks fast; a page that scrolls or resizes
# sends views in runs. What can be done in a room brings rates of its own.
RATES = {
    "ping": Rate(1, 5),
    "pong": Rate(1, 10),  # one for each heartbeat, and those that a dead line held up
    "digest": Rate(0.5, 4),
    "view": Rate(5, 20),
    "publish": Rate(1, 5),  # each costs the hub a DTLS transport or an SDP parse
    "answer": Rate(2, 10),
    "restart": Rate(0.5, 4),
}
OTHER = Rate(1, 4)  # hello, leave, what is done once, and what is not a message at all
# No page in order comes near this sum; who passes it is broken or hostile.
ALL = Rate(30, 200)


class SocketRates:
    """Judges each message of one socket by its type and by the sum; `rates` by type."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._all = TokenBucket(ALL)
        self._by_type: dict[str, TokenBucket] = {}
        self._told: set[str] = set()

    def judge(self, kind: str, now: float) -> Verdict:
        """`tell`: dropped, and the client hears so (once until it is within its rate again)."""
        kind = kind if kind in self._rates else ""
        if not self._all.take(now):
            return "flood"
        bucket = self._by_type.get(kind)
        if bucket is None:
            bucket = self._by_type[kind] = TokenBucket(self._rates.get(kind, OTHER))
        if bucket.take(now):
            self._told.discard(kind)
            return "pass"
        if kind in self._told:
            return "drop"
        self._told.add(kind)
        return "tell"
