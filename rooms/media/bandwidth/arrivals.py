"""What a receiver tells of what it was sent, in sum: arrivals, losses, delays. Pure.

The compiled core does the same where it was built: this runs for each packet that is told of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from rooms.media.bandwidth.delay_trend import DelayTrend, LineState
from rooms.media.bandwidth.delivery import SHORT_S, Delivery
from rooms.media.bandwidth.wide_feedback import (
    FeedbackMatcher,
    PacketResult,
    Sent,
    read_wide_feedback,
)

# What is read at once is stamped within milliseconds. A fast line brings packets as close, so no
# reading takes longer than what it makes good.
AT_ONCE_S = 0.005
# A clock was set, or nothing was sent for long.
FAR_S = 5.0

# From when until when a probe was sent, in monotonic seconds.
Span = tuple[float, float]


class Told(NamedTuple):
    """One feedback message. Times are monotonic seconds; those of arrivals the receiver's."""

    packets: int  # that it says something new of; the others below are of these
    fresh: int = 0  # never told of before
    lost: int = 0  # net: those called lost before that came after all count as -1
    delay_s: float = float("inf")  # arrival minus sending, the least; infinite when none came
    sure_s: float = float("inf")  # the least that can have been on the way (see Reading)
    sent_until: float = 0.0  # when the last one was sent
    is_over: bool = False  # the trend has been "over" meanwhile
    trend: LineState = "normal"  # and is now
    rate_bps: float | None = None  # what arrives (Delivery.rate_bps)
    short_bps: float | None = None  # over SHORT_S
    probed: Sequence[PacketResult] = ()  # packets sent within the probe's span


class Reading:
    """When a receiver looked into its sockets.

    A program on a busy machine reads what came meanwhile all at once, and says that it came then.
    It may have come at any time since the reading before.
    """

    def __init__(self) -> None:
        self._before: float | None = None  # the last arrival before those that are read at once
        self._began_at = self._latest = 0.0

    def receive(self, arrived_at: float) -> float:
        """The earliest that what is said to have arrived then can have come."""
        before, after_s = self._before, arrived_at - self._latest
        if before is None or abs(after_s) > FAR_S:
            before = self._began_at = self._latest = arrived_at
        elif after_s > AT_ONCE_S or arrived_at - self._began_at > self._began_at - before:
            before, self._began_at = self._latest, arrived_at
        self._before = before
        self._latest = max(self._latest, arrived_at)
        return min(before, arrived_at)


class ArrivalReader(Protocol):
    """Made by an engine's peer, whose packets the feedback is about."""

    def read(self, body: bytes, probe: Span | None = None) -> Told:
        """The body of a transport-wide feedback message, after the RTCP header.

        Packets sent within `probe` are told one by one, and are left out of the trend: the
        queue that a probe makes says nothing of what is usual. Raises ValueError when the body
        is malformed, and then changes nothing.
        """


class Arrivals:
    """The reader in Python."""

    def __init__(self, find_sent: Callable[[int], Sent | None]) -> None:
        """`find_sent` is Peer.sent."""
        self._matcher = FeedbackMatcher(find_sent)
        self._trend = DelayTrend()
        self._delivery = Delivery()
        self._reading = Reading()

    def read(self, body: bytes, probe: Span | None = None) -> Told:
        results = self._matcher.match(read_wide_feedback(body))
        return self.receive(results, self._matcher.skipped_bytes, probe)

    def receive(
        self, results: Sequence[PacketResult], skipped_bytes: int = 0, probe: Span | None = None
    ) -> Told:
        """`results` in the order of sending. `skipped_bytes` are of packets that were sent
        before these and of which nothing was told: it was lost."""
        trend, delivery, reading = self._trend, self._delivery, self._reading
        fresh, lost, is_over = 0, 0, False
        delay_s = sure_s = float("inf")
        probed: list[PacketResult] = []
        for one in results:
            sent_at, size, arrived_at, was_lost = one
            fresh += not was_lost
            is_probe = probe is not None and probe[0] <= sent_at <= probe[1]
            if is_probe:
                probed.append(one)
            if arrived_at is None:
                lost += 1
                continue
            lost -= was_lost
            if skipped_bytes:
                delivery.receive_between(arrived_at, skipped_bytes)
                skipped_bytes = 0
            delivery.receive(arrived_at, size)
            delay_s = min(delay_s, arrived_at - sent_at)
            sure_s = min(sure_s, reading.receive(arrived_at) - sent_at)
            if not is_probe:
                is_over |= trend.receive(sent_at, arrived_at) == "over"
        return Told(
            len(results),
            fresh,
            lost,
            delay_s,
            sure_s,
            results[-1].sent_at if results else 0.0,
            is_over,
            trend.state,
            delivery.rate_bps(),
            delivery.rate_bps(SHORT_S),
            probed,
        )
