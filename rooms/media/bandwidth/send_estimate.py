"""How much one receiver's line carries, from transport-wide feedback: the sender's view. Pure."""

from __future__ import annotations

from rooms.media.bandwidth.arrivals import Span, Told
from rooms.media.bandwidth.delay_trend import LineState
from rooms.media.bandwidth.loss_estimate import LossBound
from rooms.media.bandwidth.probing import ProbeCluster, ProbePlan
from rooms.media.bandwidth.rate_control import MIN_BPS, RateControl
from rooms.media.bandwidth.standing_queue import StandingQueue

# Sound and a thumbnail from the first moment on nearly any line; probes find the rest within
# half a second.
START_BPS = 300_000.0
# 25 pictures of 300 kbit/s and one of 2.5 Mbit/s.
MAX_BPS = 12_000_000.0
# Feedback comes every 50 to 250 ms. After this without any, what is sent may not arrive.
SILENCE_S = 2.0
SILENT_STEP_S = 0.5
DEFAULT_RTT_S = 0.1

# A trend with a shorter wait than this comes from busy machines and radios, not from a queue;
# one longer than this is a queue beyond doubt.
DOUBTFUL_S, SURE_S = 0.03, 0.1
# What a key frame on a slow line makes wait for a moment is less.
FILLING_S = 0.15
FILLING_SHARE = 0.9

# A probe that lifted the estimate by less found the line's end, or loss bounds it.
MIN_HELP = 1.2

# After a cut, a queue longer than the first is emptied to the second at a part of the rate,
# which with the cut itself leaves 0.4 of the line to empty it. If that does not happen in the
# time it should take and half again, others' traffic keeps it standing: waiting is no use.
DRAIN_ABOVE_S, DRAINED_S = 0.15, 0.05
DRAIN_SHARE = 0.7
DRAIN_TIME = 1.5 / 0.4
MAX_DRAIN_S = 15.0


class SendEstimate:
    """Feed it feedback and time; read `rate_bps`. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self.wanted_bps = 0.0
        self.rtt_s = DEFAULT_RTT_S
        self._told = Told(0)  # last
        self._queue = StandingQueue()
        self._drain_until: float | None = None
        self._control = RateControl(START_BPS)
        self._loss = LossBound()
        self._plan = ProbePlan(now)
        self._cluster: ProbeCluster | None = None
        self._heard_at: float | None = None
        self._doubted_at = now
        self._told_until = 0.0

    @property
    def rate_bps(self) -> float:
        share = 1.0 if self._drain_until is None else DRAIN_SHARE
        rate_bps = min(share * self._control.rate_bps, self._loss.limit_bps)
        return max(MIN_BPS, min(MAX_BPS, rate_bps))

    @property
    def is_heard(self) -> bool:
        """Feedback has come."""
        return self._heard_at is not None

    @property
    def loss_fraction(self) -> float:
        return self._loss.loss_fraction

    @property
    def is_congested(self) -> bool:
        is_draining = self._drain_until is not None
        return self._told.trend != "normal" or is_draining or self._loss.is_high

    @property
    def probe_span(self) -> Span | None:
        """When the probe was sent whose result is awaited."""
        return None if self._cluster is None else self._cluster.span

    def receive(self, told: Told, now: float) -> None:
        """What one feedback message told, read with `probe_span`."""
        if not told.packets:
            return
        self._heard_at = now
        self._told = told
        self._told_until = max(self._told_until, told.sent_until)
        self._loss.count(told.fresh, told.lost)
        if told.delay_s < float("inf"):
            self._queue.receive(told.delay_s, now, min(told.sure_s, told.delay_s))
        self._judge("over" if told.is_over else told.trend, now)
        if self._cluster is not None:
            self._cluster.receive(told.probed)

    def _judge(self, state: LineState, now: float) -> None:
        control, told = self._control, self._told
        wait_s = self._queue.wait_s
        if self._is_filling():
            state = "over"
        elif state == "over" and wait_s < DOUBTFUL_S:
            state = "under"  # delays vary, but nothing waits: hold
        delivered_bps = told.short_bps if state == "over" else told.rate_bps
        before = control.cut_at
        if self._drain_until is not None:
            if wait_s < DRAINED_S or now > self._drain_until:
                self._drain_until = None
            elif state == "normal":
                state = "under"  # no time to grow
        control.update(state, delivered_bps, self.rtt_s, now, is_sure=wait_s > SURE_S)
        if control.cut_at != before and wait_s > DRAIN_ABOVE_S:
            time_s = min(MAX_DRAIN_S, DRAIN_TIME * wait_s)
            self._drain_until = max(self._drain_until or 0.0, now + time_s)
        self._loss.update(self.rate_bps, told.rate_bps, self.rtt_s, now)

    def _is_filling(self) -> bool:
        """A queue that grows fast while less comes out than goes in. The trend, which sees small
        queues, needs many packets, and a line that broke down brings few."""
        short_bps = self._told.short_bps
        if short_bps is None or short_bps > FILLING_SHARE * self._control.rate_bps:
            return False
        return min(self._queue.rise_s, self._queue.wait_s) > FILLING_S

    def update(self, now: float) -> None:
        """Time passes; a few times a second."""
        heard_at = self._heard_at
        if heard_at is None:
            return
        silent = now - max(heard_at, self._doubted_at)
        if now - heard_at > SILENCE_S and silent > SILENT_STEP_S:
            self._doubted_at = now
            self._control.doubt(now)

    def probe(self, now: float) -> ProbeCluster | None:
        """The burst to send from now on, if one is due."""
        if self._control.cut_at is not None:
            self._plan.wait_after_cut(self._control.cut_at)
        cluster = self._cluster
        if cluster is not None:
            if not cluster.is_over(now, self._told_until):
                return None
            self._finish(cluster, now)
        if self.is_congested:
            return None
        wanted_bps = min(self.wanted_bps, MAX_BPS)
        target_bps = self._plan.target_bps(self.rate_bps, wanted_bps, now)
        if target_bps is None:
            return None
        self._cluster = ProbeCluster(target_bps, now)
        return self._cluster

    def _finish(self, cluster: ProbeCluster, now: float) -> None:
        self._cluster = None
        before_bps, result_bps = self.rate_bps, cluster.result_bps()
        has_slept = cluster.has_waited(self._queue.base_s)
        if has_slept:
            result_bps = None
        if result_bps is not None and self._queue.wait_s < SURE_S and not self._loss.is_high:
            self._control.raise_to(result_bps)
            self._loss.raise_to(result_bps)
        has_helped = self.rate_bps > MIN_HELP * before_bps
        if cluster.is_spoilt and not has_helped:
            self._plan.repeat(now)
        elif not has_slept:
            self._plan.judge(cluster.target_bps, result_bps if has_helped else None, now)
