"""Levels of encoded voices whose sender does not write them."""

from __future__ import annotations

import pytest

from rooms.media.receiving.loudness import SILENCE, Loudness
from tests.rooms.media.tone import encode


@pytest.mark.parametrize(("peak", "level"), [(1.0, 3), (0.5, 9), (0.1, 23), (0.01, 43)])
def test_a_tone_has_the_level_of_its_mean_power(peak: float, level: int) -> None:
    loudness = Loudness()
    heard = [loudness.measure(packet) for packet in encode(peak)]
    assert heard[-1] == pytest.approx(level, abs=1)  # a sine's mean power is half its peak's


def test_nothing_said_is_silence() -> None:
    assert Loudness().measure(encode(0.0)[-1]) == SILENCE


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\xff" * 40, bytes(1400), b"opus"])
def test_what_is_no_opus_disturbs_nothing(payload: bytes) -> None:
    loudness = Loudness()
    assert 0 <= loudness.measure(payload) <= SILENCE
    packets = encode(0.5)
    assert [loudness.measure(packet) for packet in packets][-1] == pytest.approx(9, abs=1)
