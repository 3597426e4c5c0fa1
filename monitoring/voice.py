"""How good speech sounds over a link: ITU-T E-model reduced to what a link can change. Pure.

The transmission rating R runs from 0 to 93.2; ITU-T G.109 reads it so: 90 best, 80 high,
70 medium, 60 low, 50 poor. MOS is the mean opinion score, 1 (bad) to 4.4 here.
"""

from __future__ import annotations

# G.107 (06/2015) with every default value: clause 7.7.
BEST_RATING = 93.2
# G.107's Id for echo-free paths, as the straight lines of Cole and Rosenbluth ("Voice over IP
# performance monitoring", 2001): a gentle slope, steeper past 177.3 ms.
DELAY_SLOPE_PER_MS = 0.024
LONG_DELAY_SLOPE_PER_MS = 0.11
LONG_DELAY_MS = 177.3
# G.107 clause 7.5: loss can take away at most 95 - Ie; Ie of Opus at 24 kbit/s and more is
# taken as 0 (transparent on the narrow-band scale).
MAX_LOSS_IMPAIRMENT = 95.0
# Robustness Bpl, in per cent of loss that halves what is left. G.113 appendix I gives 4.3 for
# G.711 bare and 25.1 with concealment. No value for Opus is standardised. What has been
# concealed is already past Opus's in-band FEC: 10. Loss on the network is still before it: 20.
CONCEALED_ROBUSTNESS = 10.0
NETWORK_LOSS_ROBUSTNESS = 20.0


def rate(delay_ms: float, loss_fraction: float, robustness: float) -> float:
    """Transmission rating R, 0..93.2, of one direction.

    `delay_ms` is mouth to ear; `loss_fraction` 0..1 of audio that is missing, with the
    matching `robustness` above.
    """
    delay_loss = DELAY_SLOPE_PER_MS * delay_ms
    if delay_ms > LONG_DELAY_MS:
        delay_loss += LONG_DELAY_SLOPE_PER_MS * (delay_ms - LONG_DELAY_MS)
    percent = 100.0 * min(max(loss_fraction, 0.0), 1.0)
    packet_loss = MAX_LOSS_IMPAIRMENT * percent / (percent + robustness)
    return min(max(BEST_RATING - delay_loss - packet_loss, 0.0), BEST_RATING)


def opinion(rating: float) -> float:
    """MOS of a rating, 1.0 .. 4.4. Source: ITU-T G.107 annex B."""
    if rating <= 0.0:
        return 1.0
    return 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
