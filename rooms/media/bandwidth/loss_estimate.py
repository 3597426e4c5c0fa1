"""What loss says of a line: an upper bound of the rate. Pure.

draft-ietf-rmcat-gcc-02 section 6, and one thing more: a line can lose whatever is sent on it
(radio, a bad cable). So a cut is a trial. If it does not help, it is taken back: the loss is the
line's own, and is left out of what counts as congestion from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

# gcc-02 section 6: under 2 % loss is noise, over 10 % is congestion.
LOW_LOSS = 0.02
HIGH_LOSS = 0.10
# One look: several round trips of a usual line. Fewer packets tell nothing.
WINDOW_S = 0.5
MIN_PACKETS = 20
# One look may be chance, or hold the beginning only: what the next says as well is true.
LOOKS = 2
GROWTH_PER_S = 1.15
MOST_RAISE = 1.5
# A queue is emptied before the effect of a cut can be seen.
EFFECT_S = 0.5
# A trial cuts by the loss, but not under what arrives, and not to nothing.
FLOOR_SHARE = 0.85
MOST_CUT = 0.5
# The line's own loss comes and goes; it follows the looks slowly.
OWN_WEIGHT = 0.1


class LossBound:
    """`limit_bps` bounds the estimate; infinite while loss says nothing."""

    def __init__(self) -> None:
        self.limit_bps = float("inf")
        self.loss_fraction = 0.0  # of the last look
        self.own_fraction = 0.0  # of the line itself, by the last looks
        self._own_most = 0.0  # by the last trial
        self._sent = self._lost = 0
        self._began_at: float | None = None
        self._high_looks = 0  # the last ones, without a pause
        self._trial: _Trial | None = None

    @property
    def is_high(self) -> bool:
        """Loss now says congestion, or it is being tried: no time to ask for more."""
        return self._trial is not None or self.loss_fraction - self.own_fraction > HIGH_LOSS

    def count(self, sent: int, lost: int) -> None:
        """Packets that were told of since the last call; `lost` is negative for late ones."""
        self._sent += sent
        self._lost += lost

    def raise_to(self, rate_bps: float) -> None:
        """A probe got through. It was short, and a policer lets short bursts pass: half again."""
        self.limit_bps = max(self.limit_bps, min(rate_bps, MOST_RAISE * self.limit_bps))

    def update(
        self, estimate_bps: float, delivered_bps: float | None, rtt_s: float, now: float
    ) -> None:
        """Judge the window when it is full. `estimate_bps` is the present result of all."""
        trial = self._trial
        if self._began_at is None:
            self._began_at = now
        if trial is not None and now < trial.began_at + EFFECT_S + rtt_s:
            self._sent = self._lost = 0
            self._began_at = now
            return
        elapsed = now - self._began_at
        looks = LOOKS if trial is not None else 1
        if elapsed < looks * WINDOW_S or self._sent < looks * MIN_PACKETS:
            return
        loss = self.loss_fraction = min(1.0, max(0, self._lost) / self._sent)
        self._sent = self._lost = 0
        self._began_at = now
        if trial is not None:
            self._trial = None
            if loss > (trial.loss + trial.hoped_loss) / 2:
                self._own_most = self.own_fraction = (loss + trial.loss) / 2
                self.limit_bps = trial.limit_before_bps
                return
            if loss - self.own_fraction > HIGH_LOSS:
                self._try_less(loss, estimate_bps, delivered_bps, now)
                return
        self._look(loss, estimate_bps, delivered_bps, min(elapsed, 1.0), now)

    def _look(
        self,
        loss: float,
        estimate_bps: float,
        delivered_bps: float | None,
        elapsed_s: float,
        now: float,
    ) -> None:
        congestion = loss - self.own_fraction
        if congestion > HIGH_LOSS:
            self._high_looks += 1
            if self._high_looks >= LOOKS:
                self._try_less(loss, estimate_bps, delivered_bps, now)
            return
        self._high_looks = 0
        self.own_fraction = min(self._own_most, self.own_fraction + OWN_WEIGHT * congestion)
        if congestion < LOW_LOSS and self.limit_bps < float("inf"):
            self._grow(estimate_bps, elapsed_s)

    def _try_less(
        self, loss: float, estimate_bps: float, delivered_bps: float | None, now: float
    ) -> None:
        self._high_looks = 0
        limit_bps = estimate_bps * max(MOST_CUT, 1 - (loss - self.own_fraction))
        if delivered_bps is not None:
            limit_bps = max(limit_bps, FLOOR_SHARE * delivered_bps)
        limit_bps = min(limit_bps, estimate_bps)
        # What passes of the old rate passes of the new one too, if this is congestion.
        hoped = max(self.own_fraction, 1 - (1 - loss) * estimate_bps / limit_bps)
        self._trial = _Trial(loss, hoped, self.limit_bps, now)
        self.limit_bps = limit_bps

    def _grow(self, estimate_bps: float, elapsed_s: float) -> None:
        self.limit_bps *= GROWTH_PER_S**elapsed_s
        if self.limit_bps > 2 * estimate_bps:
            # Something else bounds the rate: the memory of this loss is over.
            self.limit_bps = float("inf")


@dataclass(frozen=True, slots=True)
class _Trial:
    """A cut whose effect is awaited."""

    loss: float
    hoped_loss: float
    limit_before_bps: float
    began_at: float
