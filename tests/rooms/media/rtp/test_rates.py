from __future__ import annotations

import pytest

from rooms.media.rtp.rates import INTERVAL_S, RateMeter, TemporalShares


def run(meter: RateMeter, seconds: float, size: int, start: float) -> float:
    """Frames of `size` bytes at 25 per second, updated every 50 ms; returns the end."""
    steps = round(seconds / 0.04)
    for step in range(1, steps + 1):
        meter.count(size, 1)
        meter.update(start + step * 0.04)
    return start + steps * 0.04


def test_a_steady_stream_has_its_rate() -> None:
    meter = RateMeter()
    meter.update(0.0)
    run(meter, 4.0, 1_000, 0.0)
    assert meter.bitrate_bps == pytest.approx(200_000, rel=0.02)
    assert meter.fps == pytest.approx(25, rel=0.02)


def test_a_change_is_followed_within_seconds() -> None:
    meter = RateMeter()
    meter.update(0.0)
    end = run(meter, 4.0, 1_000, 0.0)
    run(meter, 3.0, 4_000, end)
    assert meter.bitrate_bps == pytest.approx(800_000, rel=0.05)


def test_silence_brings_the_rate_down() -> None:
    meter = RateMeter()
    meter.update(0.0)
    end = run(meter, 2.0, 1_000, 0.0)
    before = meter.bitrate_bps
    for step in range(1, 11):
        meter.update(end + step * INTERVAL_S)
    assert meter.bitrate_bps < before / 100


def test_within_an_interval_nothing_moves() -> None:
    meter = RateMeter()
    meter.update(0.0)
    meter.count(1_000)
    meter.update(INTERVAL_S / 2)
    assert meter.bitrate_bps == 0.0


def test_bytes_are_divided_between_temporal_layers() -> None:
    shares = TemporalShares()
    for _ in range(300):
        for temporal, size in ((0, 800), (2, 300), (1, 600), (2, 300)):
            shares.count(temporal, size)
    steps = shares.steps()
    assert [temporal for temporal, _ in steps] == [0, 1]
    assert [share for _, share in steps] == pytest.approx([0.4, 0.7], abs=0.02)


@pytest.mark.parametrize("temporal", [None, 0])
def test_a_stream_of_one_temporal_layer_has_nothing_to_leave_out(temporal: int | None) -> None:
    shares = TemporalShares()
    assert shares.steps() == []
    shares.count(temporal, 1_000)
    assert shares.steps() == []


def test_a_layer_that_saves_little_is_not_left_out() -> None:
    shares = TemporalShares()
    shares.count(0, 950)
    shares.count(1, 50)
    assert shares.steps() == []
