"""When to ask a sender for a key frame: merged, spaced, repeated until it comes. Pure."""

from __future__ import annotations

# A key frame costs a burst of several times a frame's size; two viewers who ask within half
# a second are served by one.
MIN_INTERVAL_S = 0.5
# While packets that were asked for again are under way, a viewer's wish may be mended by them: it
# waits so long at most. A viewer near the hub gives up in less than a round trip to a far sender.
MOST_PATIENCE_S = 0.6


class KeyFrameRequests:
    """The requests for one layer."""

    __slots__ = ("_asked_at", "_waiting_since", "wanted")

    def __init__(self) -> None:
        self.wanted = False
        self._asked_at: float | None = None
        self._waiting_since: float | None = None

    def request(self) -> None:
        self.wanted = True

    def received(self) -> None:
        """A key frame has begun: everybody who asked is served."""
        self.wanted = False
        self._waiting_since = None

    def mended(self) -> None:
        """All that was missing has come: who could not decode for the lack of it can again."""
        if self._waiting_since is not None:
            self.received()

    def due(self, now: float, *, is_mending: bool = False) -> bool:
        """Whether to send a request now; counts it as sent when it says yes.

        `is_mending`: nobody waits for a key frame to begin with, and lost packets are on their way.
        """
        if not self.wanted:
            return False
        if is_mending and self._waiting_since is None:
            self._waiting_since = now
        if is_mending and now - (self._waiting_since or now) < MOST_PATIENCE_S:
            return False
        self._waiting_since = None
        if self._asked_at is not None and now - self._asked_at < MIN_INTERVAL_S:
            return False
        self._asked_at = now
        return True
