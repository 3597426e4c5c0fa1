from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.bandwidth.delay_trend import MAX_GAP_S, WINDOW, DelayTrend, LineState, SlopeWindow

STEP_S = 0.02


def states(delays_ms: Iterable[float], step_s: float = STEP_S) -> list[LineState]:
    trend = DelayTrend()
    return [
        trend.receive(index * step_s, 500 + index * step_s + delay / 1000)
        for index, delay in enumerate(delays_ms)
    ]


def test_a_constant_delay_is_normal_whatever_the_clock_shows() -> None:
    assert set(states([700.0] * 200)) == {"normal"}


def test_a_delay_that_grows_is_over_and_one_that_shrinks_is_under() -> None:
    steps = 3 * WINDOW
    assert states(range(0, 4 * steps, 4))[-1] == "over"
    assert states(range(4 * steps, 0, -4))[-1] == "under"


def test_a_standing_queue_is_normal_again() -> None:
    grown = [*range(0, 240, 4), *[240] * 100]
    assert states(grown)[-1] == "normal"


def test_one_late_packet_is_no_congestion() -> None:
    assert "over" not in states([*[0.0] * 60, 60.0, *[0.0] * 60])


def test_a_clock_that_drifts_is_no_congestion() -> None:
    assert set(states([index * STEP_S * 0.5 for index in range(2_000)])) == {"normal"}


def test_packets_of_one_frame_are_one_group() -> None:
    """Each next packet of a frame comes 8 ms later: that is its size, not a queue."""
    trend = DelayTrend()
    for frame in range(100):
        for part in range(4):
            state = trend.receive(frame / 30, frame / 30 + part * 0.008)
            assert state == "normal"


def test_packets_that_waited_together_are_one_group() -> None:
    """A radio that speaks every 60 ms delivers what was sent meanwhile at once."""
    trend = DelayTrend()
    for index in range(300):
        sent = index * STEP_S
        arrives = (sent // 0.06 + 1) * 0.06 + index % 3 * 0.001
        assert trend.receive(sent, arrives) != "over"


@pytest.mark.parametrize("gap_s", [MAX_GAP_S + 1, -MAX_GAP_S - 1])
def test_a_clock_that_was_set_begins_anew(gap_s: float) -> None:
    trend = DelayTrend()
    for index in range(60):
        trend.receive(index * STEP_S, index * STEP_S)
    for index in range(60, 120):
        assert trend.receive(index * STEP_S, index * STEP_S + gap_s) == "normal"


def test_a_packet_that_was_overtaken_says_nothing() -> None:
    trend = DelayTrend()
    trend.receive(1.0, 1.0)
    trend.receive(2.0, 2.0)
    assert trend.receive(0.5, 9.0) == "normal"


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=200))
def test_any_times_are_taken(times: list[tuple[float, float]]) -> None:
    trend = DelayTrend()
    for sent, arrived in times:
        assert trend.receive(sent, arrived) in ("normal", "over", "under")


@pytest.mark.parametrize("origin", [0.0, 1e9])
@pytest.mark.parametrize("slope", [0.0, 2.0, -0.01])
def test_the_slope_of_a_line_stays_exact_for_hours(origin: float, slope: float) -> None:
    window = SlopeWindow()
    for index in range(5_000):
        window.add(origin + index * 20, 7 + slope * index * 20)
    assert len(window) == WINDOW
    assert window.slope() == pytest.approx(slope, abs=1e-6)


def test_points_at_one_time_have_no_slope() -> None:
    window = SlopeWindow()
    for index in range(2 * WINDOW):
        window.add(5e8, index)
    assert window.slope() == 0.0


@given(st.lists(st.tuples(st.floats(1, 200), st.floats(-500, 500)), min_size=2, max_size=600))
def test_running_sums_are_those_of_the_last_points(steps: list[tuple[float, float]]) -> None:
    window = SlopeWindow()
    points: list[tuple[float, float]] = []
    x = 1e6
    for step, y in steps:
        x += step
        points.append((x, y))
        window.add(x, y)
    last = points[-WINDOW:]
    mean_x = fmean(x for x, _ in last)
    spread = sum((x - mean_x) ** 2 for x, _ in last)
    slope = sum((x - mean_x) * y for x, y in last) / spread
    assert window.slope() == pytest.approx(slope, rel=1e-3, abs=1e-3)
