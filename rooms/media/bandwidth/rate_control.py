"""From the state of the line to a rate: more while it is free, less at once when a queue grows.

Additive and multiplicative steps as in draft-ietf-rmcat-gcc-02 section 5.5. Pure.
"""

from __future__ import annotations

import math

from rooms.media.bandwidth.delay_trend import LineState

# One voice. What is below carries no meeting, and from nothing no rate can grow.
MIN_BPS = 60_000.0
# A cut goes under what the line carries, so that the queue empties (gcc-02: 0.85).
CUT_SHARE = 0.85
# One look at what arrives may be wrong (a radio that pauses); the next comes in 0.1 s.
MOST_CUT = 0.5
# Far from any known limit: 8 % a second (gcc-02), more is for probes to find.
GROWTH_PER_S = 1.08
# Nobody knows more than half again what goes out (gcc-02 section 5.5).
MOST_OVER_DELIVERED = 1.5
SPARE_BPS = 10_000.0
# Near the limit: half a packet for each response time (gcc-02 section 5.5).
PACKET_BITS = 1_200 * 8
RESPONSE_S = 0.1
MIN_STEP_BPS_PER_S = 4_000.0
# A limit found by cuts holds within three of its deviations.
LIMIT_WEIGHT = 0.05
DEVIATIONS = 3.0
# Of the error squared over the mean, in kbit/s: a limit of 1 Mbit/s is known to 20 .. 50 kbit/s.
MIN_VARIANCE, MAX_VARIANCE = 0.4, 2.5
# A second cut within a round trip would cut for the same queue twice.
MIN_CUT_INTERVAL_S, MAX_CUT_INTERVAL_S = 0.1, 0.3
# Time that nobody looked at, such as an outage, is no proof of a better line.
MAX_STEP_S = 1.0


class RateControl:
    """`rate_bps` is the estimate from delays; `cut_at` when it was lowered last."""

    def __init__(self, rate_bps: float) -> None:
        self.rate_bps = rate_bps
        self.cut_at: float | None = None
        self._limit = _Limit()
        self._state: LineState = "normal"
        self._updated_at: float | None = None

    def update(
        self,
        state: LineState,
        delivered_bps: float | None,
        rtt_s: float,
        now: float,
        *,
        is_sure: bool = True,
    ) -> None:
        """`delivered_bps`: what arrived lately, None while unknown. A queue that is not sure
        costs one step at most: where little is sent, little arrives, full line or not."""
        elapsed = 0.0 if self._updated_at is None else min(now - self._updated_at, MAX_STEP_S)
        self._updated_at = now
        if state == "over":
            self._cut(delivered_bps, rtt_s, now, is_sure)
        # The first good news after a cut only says that the queue is gone.
        elif state == self._state == "normal" and delivered_bps is not None:
            self._grow(delivered_bps, rtt_s, elapsed)
        self._state = state

    def raise_to(self, rate_bps: float) -> None:
        """A probe has shown that the line carries this much."""
        if rate_bps > self.rate_bps:
            self.rate_bps = rate_bps
            self._limit.check(rate_bps)

    def doubt(self, now: float) -> None:
        """Nothing is heard of what was sent."""
        self.rate_bps = max(MIN_BPS, CUT_SHARE * self.rate_bps)
        self.cut_at = now

    def _cut(self, delivered_bps: float | None, rtt_s: float, now: float, is_sure: bool) -> None:
        pause_s = max(MIN_CUT_INTERVAL_S, min(rtt_s, MAX_CUT_INTERVAL_S))
        if self.cut_at is not None and now - self.cut_at < pause_s:
            return
        if delivered_bps is None:
            rate_bps = CUT_SHARE * self.rate_bps
        else:
            rate_bps = CUT_SHARE * delivered_bps
            if is_sure:
                self._limit.learn(delivered_bps)
            rate_bps = max(rate_bps, (MOST_CUT if is_sure else CUT_SHARE) * self.rate_bps)
        self.rate_bps = max(MIN_BPS, min(self.rate_bps, rate_bps))
        self.cut_at = now

    def _grow(self, delivered_bps: float, rtt_s: float, elapsed_s: float) -> None:
        self._limit.check(delivered_bps)
        ceiling = MOST_OVER_DELIVERED * delivered_bps + SPARE_BPS
        if self.rate_bps >= ceiling:
            return
        if self._limit.is_near(self.rate_bps):
            step = max(MIN_STEP_BPS_PER_S, PACKET_BITS / 2 / (RESPONSE_S + rtt_s))
            grown = self.rate_bps + step * elapsed_s
        else:
            grown = self.rate_bps * GROWTH_PER_S**elapsed_s
        self.rate_bps = min(ceiling, grown)


class _Limit:
    """What the line carried when it was full: a mean and a deviation over the last cuts."""

    def __init__(self) -> None:
        self._mean_bps = 0.0  # 0: not known
        self._variance = MIN_VARIANCE

    def learn(self, delivered_bps: float) -> None:
        """What arrived while a queue stood."""
        mean = self._mean_bps
        if not mean or abs(delivered_bps - mean) > self._spread():
            self._mean_bps = delivered_bps
            return
        self._mean_bps = mean = mean + LIMIT_WEIGHT * (delivered_bps - mean)
        error = (mean - delivered_bps) ** 2 / 1000 / max(mean, 1.0)
        self._variance += LIMIT_WEIGHT * (error - self._variance)
        self._variance = max(MIN_VARIANCE, min(MAX_VARIANCE, self._variance))

    def is_near(self, rate_bps: float) -> bool:
        return self._mean_bps > 0 and rate_bps > self._mean_bps - self._spread()

    def check(self, delivered_bps: float) -> None:
        """Forget the limit when more than it arrives."""
        if delivered_bps > self._mean_bps + self._spread():
            self._mean_bps = 0.0

    def _spread(self) -> float:
        return DEVIATIONS * math.sqrt(self._variance * self._mean_bps * 1000)
