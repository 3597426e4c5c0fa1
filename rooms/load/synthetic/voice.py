"""A sound like a voice without a microphone: pulses through two resonances, in syllables. Pure."""

from __future__ import annotations

import math
from array import array

SAMPLE_RATE = 48_000
# Four syllables a second, as people speak, each with its own vowel (first two formants, Hz).
SYLLABLE_S = 0.25
VOWELS = ((730, 1090), (270, 2290), (570, 840), (440, 1020), (300, 870))
PITCH_HZ = 120.0


class _Resonance:
    """A two-pole filter of 90 Hz bandwidth."""

    def __init__(self) -> None:
        self._one = self._two = 0.0
        self._a = self._b = 0.0
        self._gain = 1.0

    def tune(self, frequency_hz: float) -> None:
        radius = math.exp(-math.pi * 90 / SAMPLE_RATE)
        self._a = 2 * radius * math.cos(2 * math.pi * frequency_hz / SAMPLE_RATE)
        self._b = -radius * radius
        self._gain = 1 - radius

    def pass_on(self, value: float) -> float:
        out = self._gain * value + self._a * self._one + self._b * self._two
        self._two, self._one = self._one, out
        return out


def speak(seconds: float) -> array[int]:
    """16-bit mono samples at 48 kHz, peaking near -10 dBov."""
    first, second = _Resonance(), _Resonance()
    raw = array("d")
    phase = 0.0
    syllable = int(SYLLABLE_S * SAMPLE_RATE)
    for index in range(int(seconds * SAMPLE_RATE)):
        if index % syllable == 0:
            low, high = VOWELS[index // syllable % len(VOWELS)]
            first.tune(low)
            second.tune(high)
        phase += PITCH_HZ * (1 + 0.08 * math.sin(index / SAMPLE_RATE * 3)) / SAMPLE_RATE
        pulse = 0.0
        if phase >= 1:
            phase -= 1
            pulse = 1.0
        loud = math.sin(math.pi * (index % syllable) / syllable)
        raw.append((first.pass_on(pulse) + 0.6 * second.pass_on(pulse)) * loud)
    peak = max(max(raw), -min(raw))
    return array("h", (int(value / peak * 10_000) for value in raw))


def level_dbov(samples: array[int]) -> int:
    """The RFC 6464 level of a packet's samples: 0 is the loudest, 127 silence."""
    power = sum(value * value for value in samples) / max(1, len(samples))
    if power < 1:
        return 127
    return max(0, min(127, round(-10 * math.log10(power / 32768**2))))
