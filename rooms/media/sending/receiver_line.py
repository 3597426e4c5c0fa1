"""The line to one receiver: what it tells of it, what it carries, and trying for more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from rooms.media.bandwidth.estimator import Estimator
from rooms.media.bandwidth.probing import ProbeCluster
from rooms.media.engine.interface import MAX_PADDING, Stream
from rooms.media.port.transport import Transport
from rooms.media.rtp.rates import RateMeter
from rooms.media.rtp.rtcp import Remb, TransportFeedback

# Packets of a probe go out in steps of this: at 2 Mbit/s five at a time.
PROBE_STEP_S = 0.005


class ReceiverLine:
    """Owned by a Subscriber, which passes on what comes in and ticks it."""

    def __init__(self, transport: Transport, padded: Callable[[], Iterable[Stream]]) -> None:
        """`padded`: the streams that may carry padding."""
        self.rtt_ms: float | None = None
        self._transport = transport
        self._padded = padded
        self._estimator = Estimator(transport.now())
        self._arrivals = transport.peer.arrivals()
        self._rate = RateMeter()
        self._sent_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def budget_bps(self) -> float:
        return self._estimator.budget_bps

    @property
    def remb_bps(self) -> float | None:
        return self._estimator.remb_bps

    @property
    def sent_bps(self) -> float:
        return self._rate.bitrate_bps

    @property
    def by_feedback(self) -> bool:
        """The budget comes from transport-wide feedback."""
        return self._estimator.by_feedback

    def agree(self, with_feedback: bool) -> None:
        """The receiver's answer says whether it tells of each packet."""
        self._estimator.expects_feedback = with_feedback

    def receive_feedback(self, feedback: TransportFeedback, now: float) -> None:
        """Raises ValueError when it is malformed."""
        told = self._arrivals.read(feedback.body, self._estimator.probe_span)
        self._estimator.receive_told(told, self.rtt_ms, now)

    def receive_remb(self, remb: Remb, now: float) -> None:
        self._estimator.receive_remb(remb.bitrate_bps, self.sent_bps, now)

    def receive_loss(self, loss_fraction: float, now: float) -> None:
        self._estimator.receive_loss(loss_fraction, self.rtt_ms, now)

    def count(self, now: float) -> None:
        """Keep the rate of what is sent; ten times a second."""
        sent_bytes = self._transport.peer.sent_bytes
        self._rate.count(sent_bytes - self._sent_bytes)
        self._sent_bytes = sent_bytes
        self._rate.update(now)

    def update(self, now: float, wanted_bps: float) -> None:
        """Time passes on a line that is up; a few times a second."""
        self._estimator.update(now, self.sent_bps, wanted_bps)
        cluster = self._estimator.probe(now)
        if cluster is not None and self._timer is None:
            self._send_probe(cluster)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send_probe(self, cluster: ProbeCluster) -> None:
        self._timer = None
        now = self._transport.now()
        stream = next(iter(self._padded()), None)
        if stream is None or not self._transport.is_connected:
            cluster.stop()
            return
        for _ in range(cluster.due(now)):
            stream.probe(MAX_PADDING, now)
        self._transport.engine.flush()
        if not cluster.is_sent:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(PROBE_STEP_S, self._send_probe, cluster)
