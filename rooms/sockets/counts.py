"""What a hub's signalling does and did, for whoever measures it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from confhub.words.durations import Durations
from rooms.media.events import Direction

# From the socket to the media: tenths of a second on a LAN, seconds on a lossy line, 30 s when a
# firewall is in the way. Who takes longer than the patience did not join, but came back later.
JOIN_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0)
JOIN_PATIENCE_S = 60.0
BOTH: frozenset[Direction] = frozenset({"send", "receive"})


class Tally:
    """Counters since the hub began; they never fall.

    `messages` by type, those that could be read; `rejected` by the code of the error.
    """

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()


@dataclass(frozen=True, slots=True)
class HubCounts:
    """`members` by role, `sockets` that are open, and copies of the counters."""

    members: Mapping[str, int]
    sockets: int
    messages: Mapping[str, int]
    rejected: Mapping[str, int]
    joins: Durations


Member = tuple[str, str]  # meeting and member id


class Arrivals:
    """Times how long seats take from their socket to media in both directions.

    Times are monotonic seconds. It holds who has a socket and no media yet, so no more than
    there are sockets.
    """

    def __init__(self) -> None:
        self.durations = Durations(JOIN_BOUNDS_S)
        self._since: dict[Member, float] = {}
        self._connected: dict[Member, set[Direction]] = {}

    def begin(self, member: Member, now: float) -> None:
        """The seat's socket was accepted."""
        self._since[member] = now
        self._connected.pop(member, None)

    def connect(self, member: Member, direction: Direction, now: float) -> None:
        """Media of one direction is up; with the other one up too, the seat has joined."""
        since = self._since.get(member)
        if since is None:
            return
        connected = self._connected.setdefault(member, set())
        connected.add(direction)
        if connected >= BOTH:
            self.forget(member, since)
            if now - since <= JOIN_PATIENCE_S:
                self.durations.add(now - since)

    def forget(self, member: Member, began: float) -> None:
        """The socket accepted at `began` is gone, or has joined; a later one is kept."""
        if self._since.get(member) == began:
            del self._since[member]
            self._connected.pop(member, None)
