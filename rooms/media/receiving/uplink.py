"""Whether a sender keeps its line full, and what it is told to send then. Pure.

A browser's own estimate looks for a queue that grows and for a tenth of its packets lost. A line
that breaks down under a sender fills its queue within a tenth of a second: after that nothing
grows any more, some packets in a hundred are lost, each comes half a second late, and the browser
goes on so for ten seconds and more. Whoever receives sees it: packets wait and are lost at once.
Then the sender is told of a limit under what comes out, until the queue is gone.
"""

from __future__ import annotations

from collections import deque

from rooms.media.bandwidth.standing_queue import StandingQueue
from rooms.media.rtp.packet import Unwrapper

# Waits are looked at this often, the shortest of each stream: the first packet of a picture, and
# each of a voice, come as fast as the line lets them.
LOOK_S = 0.1
# A voice in silence sends five packets in two seconds; of what is older nothing is known.
FRESH_S = 0.5
# Both together are a full line: radios lose without waiting, busy machines wait without losing.
WAIT_S = 0.1
LOSS = 0.02
SPAN_S = 1.0
MIN_EXPECTED = 10
# A queue that empties by itself, such as of a key frame, is shorter.
FULL_FOR_S = 0.3
# What is left of the line empties it: half a second of queue in a second and a half. A voice
# that the sender does not count among its packets comes on top.
DRAIN_SHARE = 0.6
DRAINED_S = 0.05
# When the limit was too high, it shows after a round trip through the full queue.
AGAIN_S = 2.0
# A wait that no limit shortens is the way's, or others' traffic: as DRAIN_TIME of send_estimate.py.
MOST_S = 10.0
# A voice and the smallest picture with few frames.
MIN_BPS = 100_000.0


class Uplink:
    """Feed it packets, look at it several times a second. Times are monotonic seconds.

    `limit_bps` is what the sender should be told now, None for no limit.
    """

    def __init__(self) -> None:
        self.limit_bps: float | None = None
        self.wait_s = 0.0
        self.loss = 0.0
        self._streams: dict[int, _Stream] = {}
        self._bytes = 0
        self._looked_at: float | None = None
        self._looks: deque[tuple[float, int, int, int]] = deque()
        self._full_since: float | None = None
        self._limited_at = self._until = 0.0

    def count(self, size: int) -> None:
        """Any packet, repairs and padding too."""
        self._bytes += size

    def receive(self, ssrc: int, timestamp: int, clock_rate: int, came_at: float) -> None:
        """A packet of media that was not sent again: its timestamp says when it was made."""
        stream = self._stream(ssrc)
        made_at = stream.timestamps.unwrap(timestamp) / clock_rate
        stream.least_s = min(stream.least_s, came_at - made_at)

    def timing(self, ssrc: int) -> tuple[int | None, float]:
        """The newest timestamp of a stream, extended, and the least of arrival by our clock minus
        its own since the last look."""
        stream = self._stream(ssrc)
        return stream.timestamps.highest, stream.least_s

    def go_on(self, ssrc: int, made: int, least_s: float) -> None:
        """Packets have come, after which `timing` is this."""
        stream = self._stream(ssrc)
        stream.timestamps.highest, stream.least_s = made, least_s

    def _stream(self, ssrc: int) -> _Stream:
        found = self._streams.get(ssrc)
        if found is None:
            found = self._streams[ssrc] = _Stream()
        return found

    def look(self, expected: int, received: int, now: float) -> None:
        """Judge anew. `expected` and `received` count packets of media since the beginning."""
        if self._looked_at is not None and now - self._looked_at < LOOK_S:
            return
        self._looked_at = now
        looks = self._looks
        looks.append((now, expected, received, self._bytes))
        while now - looks[0][0] > SPAN_S:
            looks.popleft()
        since, expected_before, received_before, bytes_before = looks[0]
        came = received - received_before
        lost = expected - expected_before - came
        is_known = expected - expected_before >= MIN_EXPECTED and now > since
        self.loss = max(0.0, lost / (expected - expected_before)) if is_known else 0.0
        self.wait_s = self._shortest_wait(now)
        self._judge(8 * (self._bytes - bytes_before) / (now - since) if is_known else 0.0, now)

    def _shortest_wait(self, now: float) -> float:
        """One queue holds up all streams alike; what holds up one of them is the sender's."""
        for stream in self._streams.values():
            if stream.least_s < float("inf"):
                stream.queue.receive(stream.least_s, now)
                stream.least_s, stream.heard_at = float("inf"), now
        fresh = [one for one in self._streams.values() if now - one.heard_at < FRESH_S]
        if len(self._streams) > 2 * len(fresh) + 8:
            self._streams = {ssrc: one for ssrc, one in self._streams.items() if one in fresh}
        return min((one.queue.wait_s for one in fresh), default=0.0)

    def _judge(self, arriving_bps: float, now: float) -> None:
        is_full = self.wait_s > WAIT_S and self.loss > LOSS and arriving_bps > 0
        if not is_full:
            self._full_since = None
        elif self._full_since is None:
            self._full_since = now
        if self._full_since is not None and now - self._full_since >= FULL_FOR_S:
            self._limit(DRAIN_SHARE * arriving_bps, now)
        if self.limit_bps is not None and (self.wait_s < DRAINED_S or now > self._until):
            self.limit_bps = None

    def _limit(self, limit_bps: float, now: float) -> None:
        if self.limit_bps is None:
            self._until = now + MOST_S
        elif now - self._limited_at < AGAIN_S:
            return
        else:
            # What comes out of a full line says how fast the line is, not what was too much.
            limit_bps = min(limit_bps, DRAIN_SHARE * self.limit_bps)
        self._limited_at = now
        self.limit_bps = max(MIN_BPS, limit_bps)


class _Stream:
    __slots__ = ("heard_at", "least_s", "queue", "timestamps")

    def __init__(self) -> None:
        self.timestamps = Unwrapper(32)
        self.least_s = float("inf")  # since the last look; arrival by our clock minus its own
        self.queue = StandingQueue()
        self.heard_at = float("-inf")
