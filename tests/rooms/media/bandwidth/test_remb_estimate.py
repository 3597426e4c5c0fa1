from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.bandwidth.remb_estimate import (
    GROWTH_PER_S,
    HOLD_S,
    MAX_BPS,
    MIN_BPS,
    START_BPS,
    RembEstimate,
)


def grow(estimate: RembEstimate, start: float, seconds: float, sent_bps: float) -> float:
    for step in range(int(seconds * 4)):
        estimate.update(start + step / 4, sent_bps)
    return start + seconds


def test_it_starts_with_what_a_commune_can_carry() -> None:
    assert RembEstimate(0.0).rate_bps == START_BPS


def test_an_estimate_below_what_is_sent_is_taken_and_held() -> None:
    estimate = RembEstimate(0.0)
    estimate.receive_remb(400_000, 1_000_000, 1.0)
    assert estimate.rate_bps == 400_000
    estimate.update(1.0 + HOLD_S * 0.99, 400_000)
    assert estimate.rate_bps == 400_000
    grow(estimate, 1.0 + HOLD_S, 2.0, 400_000)
    assert estimate.rate_bps == pytest.approx(400_000 * GROWTH_PER_S**2, rel=0.1)


def test_a_low_estimate_of_a_stream_that_is_lower_still_means_nothing() -> None:
    estimate = RembEstimate(0.0)
    estimate.receive_remb(400_000, 200_000, 1.0)
    assert estimate.rate_bps == START_BPS
    assert estimate.remb_bps == 400_000


def test_a_high_estimate_lifts_the_budget_at_once() -> None:
    estimate = RembEstimate(0.0)
    estimate.receive_remb(5_000_000, 1_000_000, 1.0)
    assert estimate.rate_bps == 5_000_000


def test_growth_stops_at_twice_what_is_sent() -> None:
    estimate = RembEstimate(0.0)
    grow(estimate, 0.0, 60.0, 1_000_000)
    assert estimate.rate_bps == pytest.approx(2_000_000)


@pytest.mark.parametrize(
    ("loss", "budget_bps"),
    [(0.01, START_BPS), (0.05, START_BPS), (0.2, START_BPS * 0.9), (1.0, START_BPS * 0.5)],
)
def test_loss_over_a_tenth_cuts_by_half_of_it(loss: float, budget_bps: float) -> None:
    estimate = RembEstimate(0.0)
    estimate.receive_loss(loss, 50.0, 10.0)
    assert estimate.rate_bps == pytest.approx(budget_bps)


def test_one_congestion_is_one_cut_per_round_trip() -> None:
    estimate = RembEstimate(0.0)
    for now in (10.0, 10.5, 10.9):
        estimate.receive_loss(0.5, 1_000.0, now)
    assert estimate.rate_bps == pytest.approx(START_BPS * 0.75)
    estimate.receive_loss(0.5, 1_000.0, 11.1)
    assert estimate.rate_bps == pytest.approx(START_BPS * 0.75**2)


def test_an_outage_is_not_time_to_grow_in() -> None:
    estimate = RembEstimate(0.0)
    estimate.receive_remb(200_000, 1_000_000, 1.0)
    estimate.update(100.0, 200_000)
    assert estimate.rate_bps == pytest.approx(200_000 * GROWTH_PER_S)


def test_middling_loss_stops_growth_for_a_second() -> None:
    estimate = RembEstimate(0.0)
    estimate.receive_loss(0.05, 50.0, 10.0)
    estimate.update(10.9, MAX_BPS)
    assert estimate.rate_bps == START_BPS
    grow(estimate, 11.0, 2.0, MAX_BPS)
    assert estimate.rate_bps > START_BPS


STEP = st.tuples(
    st.sampled_from(["remb", "loss", "time"]), st.floats(0, 1e9), st.floats(0, 1), st.floats(0, 5)
)


@given(st.lists(STEP, max_size=60))
def test_the_budget_stays_within_its_limits(steps: list[tuple[str, float, float, float]]) -> None:
    estimate = RembEstimate(0.0)
    now = 0.0
    for kind, bitrate_bps, fraction, wait_s in steps:
        now += wait_s
        if kind == "remb":
            estimate.receive_remb(bitrate_bps, bitrate_bps * fraction * 2, now)
        elif kind == "loss":
            estimate.receive_loss(fraction, wait_s * 100, now)
        else:
            estimate.update(now, bitrate_bps)
        assert MIN_BPS <= estimate.rate_bps <= MAX_BPS
