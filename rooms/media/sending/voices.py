"""Which voices one receiver's line carries. Pure.

Sound comes before pictures, so voices are given up last: when for seconds they alone are more than
the line holds, the least important first. Whose word it is, is heard in any case, unless that
takes far more than good sound does.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

# A voice that takes more than this is carried only where the line holds it: Opus takes 64 kbit/s
# for good speech, devices with music 160.
GREATEST_VOICE_BPS = 200_000
# Estimates dip for moments, and a packet of a voice is worth more than a word about the line.
OVER_FOR_S = 3.0
# Looked at again after a while: a sound that comes and goes is worse than none.
HELD_BACK_S = 5.0


class Voice(NamedTuple):
    """`bitrate_bps`: what it takes, or would if it were carried; 0.0 while unknown."""

    key: Hashable
    bitrate_bps: float


class VoiceChooser:
    """Remembers who is held back. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._held_until: dict[Hashable, float] = {}
        self._over_since: float | None = None

    def choose(self, voices: Sequence[Voice], budget_bps: float, now: float) -> list[bool]:
        """Whether each is carried; most important first."""
        is_full = self._is_full(voices, budget_bps, now)
        held, self._held_until = self._held_until, {}
        carried_bps = 0.0
        picks: list[bool] = []
        for index, (key, bitrate_bps) in enumerate(voices):
            is_fair = bitrate_bps <= GREATEST_VOICE_BPS
            until = held.get(key, now)
            if carried_bps + bitrate_bps > budget_bps and (is_full or not is_fair):
                until = now + HELD_BACK_S
            is_carried = until <= now or (index == 0 and is_fair)
            if is_carried:
                carried_bps += bitrate_bps
            else:
                self._held_until[key] = until
            picks.append(is_carried)
        return picks

    def _is_full(self, voices: Sequence[Voice], budget_bps: float, now: float) -> bool:
        """All of them, those held back too, have been more than the line holds for a while."""
        if sum(voice.bitrate_bps for voice in voices) <= budget_bps:
            self._over_since = None
            return False
        if self._over_since is None:
            self._over_since = now
        return now - self._over_since >= OVER_FOR_S
