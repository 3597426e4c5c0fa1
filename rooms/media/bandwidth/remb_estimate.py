"""How much one receiver's line carries, from REMB and loss: for receivers without transport-wide
feedback. Pure.

REMB, the receiver's own estimate, never exceeds about one and a half times what is being sent
(draft-ietf-rmcat-gcc-02, section 5.5), so a low one means congestion only when
it is below what goes out; otherwise the hub tries a little more each second.
"""

from __future__ import annotations

# A commune's line carries at least this much down; better lines are found within seconds.
START_BPS = 1_500_000.0
MIN_BPS = 100_000.0
# 25 pictures of 300 kbit/s and one of 2.5 Mbit/s.
MAX_BPS = 12_000_000.0

# REMB under this share of what is sent says that a queue is growing.
CONGESTED_SHARE = 0.95
# Growth per second while nothing speaks against it.
GROWTH_PER_S = 1.15
# draft-ietf-rmcat-gcc-02 section 6: under 2 % loss is noise, over 10 % is congestion.
LOW_LOSS = 0.02
HIGH_LOSS = 0.10
# Time that nobody looked at, such as an outage, is no proof of a better line.
MAX_GROWTH_STEP_S = 1.0
# After a congestion signal, this long without growth.
HOLD_S = 3.0


class RembEstimate:
    """Feed it reports; read `rate_bps`. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self.rate_bps = START_BPS
        self.remb_bps: float | None = None
        self._grown_at = now
        self._held_until = now
        self._cut_at = now - HOLD_S

    def receive_remb(self, bitrate_bps: float, sent_bps: float, now: float) -> None:
        """The receiver's estimate, and what was being sent to it meanwhile."""
        self.remb_bps = bitrate_bps
        if sent_bps > 0 and bitrate_bps < CONGESTED_SHARE * sent_bps:
            self._set(min(self.rate_bps, bitrate_bps))
            self._held_until = now + HOLD_S
        elif bitrate_bps > self.rate_bps:
            self._set(bitrate_bps)

    def receive_loss(self, loss_fraction: float, rtt_ms: float | None, now: float) -> None:
        """Loss since the last report (gcc-02 section 6), at most one cut per round trip."""
        if loss_fraction > LOW_LOSS:
            self._held_until = max(self._held_until, now + 1.0)
        if loss_fraction > HIGH_LOSS and now - self._cut_at > max((rtt_ms or 0.0) / 1000, 0.3):
            self._cut_at = now
            self._held_until = now + HOLD_S
            self._set(self.rate_bps * (1 - 0.5 * loss_fraction))

    def update(self, now: float, sent_bps: float) -> None:
        """Let the budget grow; call a few times a second.

        It grows to at most twice what is sent (and not under the start), so that it is a
        statement about the line and not about the time that passed.
        """
        elapsed, self._grown_at = min(now - self._grown_at, MAX_GROWTH_STEP_S), now
        if now < self._held_until:
            return
        ceiling = max(START_BPS, 2 * sent_bps)
        if self.rate_bps < ceiling:
            self._set(min(ceiling, self.rate_bps * GROWTH_PER_S**elapsed))

    def _set(self, bitrate_bps: float) -> None:
        self.rate_bps = max(MIN_BPS, min(MAX_BPS, bitrate_bps))
