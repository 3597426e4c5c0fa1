"""How much one socket may ask of the hub. Pure."""

from __future__ import annotations

from typing import Literal

from confhub.bucket import Rate, TokenBucket

Verdict = Literal["pass", "tell", "drop", "flood"]


# A page's own needs, with room for a person who clicks fast. The secretary mutes a whole
# level site by site; a page that scrolls or resizes sends views in runs.
RATES = {
    "ping": Rate(1, 5),
    "pong": Rate(1, 10),  # one for each heartbeat, and those that a dead line held up
    "digest": Rate(0.5, 4),
    "microphone": Rate(2, 10),
    "camera": Rate(2, 10),
    "screen": Rate(2, 10),
    "hand": Rate(2, 10),
    "mute": Rate(10, 100),
    "mute_all": Rate(1, 10),
    "unmute": Rate(10, 100),
    "lower_hand": Rate(10, 100),
    "invite": Rate(2, 20),
    "send_out": Rate(2, 20),
    "let_in": Rate(2, 20),
    "layout": Rate(2, 10),
    "view": Rate(5, 20),
    "publish": Rate(1, 5),  # each costs the hub a DTLS transport or an SDP parse
    "answer": Rate(2, 10),
    "restart": Rate(0.5, 4),
}
OTHER = Rate(1, 4)  # hello, leave, end, and what is not a message at all
# No page in order comes near this sum; who passes it is broken or hostile.
ALL = Rate(30, 200)


class SocketRates:
    """Judges each message of one socket by its type and by the sum."""

    def __init__(self) -> None:
        self._all = TokenBucket(ALL)
        self._by_type: dict[str, TokenBucket] = {}
        self._told: set[str] = set()

    def judge(self, kind: str, now: float) -> Verdict:
        """`tell`: dropped, and the client hears so (once until it is within its rate again)."""
        kind = kind if kind in RATES else ""
        if not self._all.take(now):
            return "flood"
        bucket = self._by_type.get(kind)
        if bucket is None:
            bucket = self._by_type[kind] = TokenBucket(RATES.get(kind, OTHER))
        if bucket.take(now):
            self._told.discard(kind)
            return "pass"
        if kind in self._told:
            return "drop"
        self._told.add(kind)
        return "tell"
