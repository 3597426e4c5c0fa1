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

# From when until when a probe was sent, in monotonic seconds.
Span = tuple[float, float]


class Told(NamedTuple):
    """One feedback message. Times are monotonic seconds; those of arrivals the receiver's."""

    packets: int  # that it says something new of; the others below are of these
    fresh: int = 0  # never told of before
    lost: int = 0  # net: those called lost before that came after all count as -1
    delay_s: float = float("inf")  # arrival minus sending, the least; infinite when none came
    sent_until: float = 0.0  # when the last one was sent
    is_over: bool = False  # the trend has been "over" meanwhile
    trend: LineState = "normal"  # and is now
    rate_bps: float | None = None  # what arrives (Delivery.rate_bps)
    short_bps: float | None = None  # over SHORT_S
    probed: Sequence[PacketResult] = ()  # packets sent within the probe's span


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

    def read(self, body: bytes, probe: Span | None = None) -> Told:
        results = self._matcher.match(read_wide_feedback(body))
        return self.receive(results, self._matcher.skipped_bytes, probe)

    def receive(
        self, results: Sequence[PacketResult], skipped_bytes: int = 0, probe: Span | None = None
    ) -> Told:
        """`results` in the order of sending. `skipped_bytes` are of packets that were sent
        before these and of which nothing was told: it was lost."""
        trend, delivery = self._trend, self._delivery
        fresh, lost, delay_s, is_over = 0, 0, float("inf"), False
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
            if not is_probe:
                is_over |= trend.receive(sent_at, arrived_at) == "over"
        return Told(
            len(results),
            fresh,
            lost,
            delay_s,
            results[-1].sent_at if results else 0.0,
            is_over,
            trend.state,
            delivery.rate_bps(),
            delivery.rate_bps(SHORT_S),
            probed,
        )
