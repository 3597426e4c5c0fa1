"""What one receiver's line carries: from transport-wide feedback where it gives that, else from
REMB and receiver reports. Pure."""

from __future__ import annotations

from rooms.media.bandwidth.arrivals import Span, Told
from rooms.media.bandwidth.probing import ProbeCluster
from rooms.media.bandwidth.remb_estimate import RembEstimate
from rooms.media.bandwidth.send_estimate import SendEstimate

# Feedback comes several times a second. Who agreed to it and sends none for this long has none.
PATIENCE_S = 5.0


class Estimator:
    """Feed it what the receiver tells; read `budget_bps`. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self.expects_feedback = False  # the receiver has agreed to send it
        self._send = SendEstimate(now)
        self._remb = RembEstimate(now)
        self._sending_since: float | None = None

    @property
    def by_feedback(self) -> bool:
        """Until something came, what was agreed decides."""
        return self._send.is_heard or (self.expects_feedback and self.remb_bps is None)

    @property
    def budget_bps(self) -> float:
        return self._send.rate_bps if self.by_feedback else self._remb.rate_bps

    @property
    def remb_bps(self) -> float | None:
        return self._remb.remb_bps

    @property
    def probe_span(self) -> Span | None:
        """See SendEstimate.probe_span."""
        return self._send.probe_span

    def receive_told(self, told: Told, rtt_ms: float | None, now: float) -> None:
        """See SendEstimate.receive."""
        if rtt_ms is not None:
            self._send.rtt_s = rtt_ms / 1000
        self._send.receive(told, now)

    def receive_remb(self, bitrate_bps: float, sent_bps: float, now: float) -> None:
        """The receiver's estimate, and what was being sent to it meanwhile."""
        self._remb.receive_remb(bitrate_bps, sent_bps, now)

    def receive_loss(self, loss_fraction: float, rtt_ms: float | None, now: float) -> None:
        """Loss since the last receiver report."""
        self._remb.receive_loss(loss_fraction, rtt_ms, now)

    def update(self, now: float, sent_bps: float, wanted_bps: float) -> None:
        """Time passes; a few times a second. `wanted_bps` is what could be of use."""
        if self._sending_since is None and sent_bps > 0:
            self._sending_since = now
        if self._sending_since is not None and now - self._sending_since > PATIENCE_S:
            self.expects_feedback = False
        self._send.wanted_bps = wanted_bps
        self._send.update(now)
        self._remb.update(now, sent_bps)

    def probe(self, now: float) -> ProbeCluster | None:
        """The burst to send from now on, if one is due."""
        return self._send.probe(now) if self.by_feedback else None
