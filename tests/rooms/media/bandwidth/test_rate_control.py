from __future__ import annotations

import pytest

from rooms.media.bandwidth.rate_control import CUT_SHARE, GROWTH_PER_S, MIN_BPS, RateControl


def grow(control: RateControl, delivered_bps: float, start: float, seconds: float) -> float:
    for step in range(1, round(seconds * 10) + 1):
        control.update("normal", delivered_bps, 0.1, start + step / 10)
    return start + seconds


def test_a_queue_that_grows_cuts_under_what_arrives() -> None:
    control = RateControl(1_000_000)
    control.update("over", 800_000, 0.1, 1.0)
    assert control.rate_bps == pytest.approx(CUT_SHARE * 800_000)
    assert control.cut_at == 1.0


def test_one_queue_is_cut_for_once_a_round_trip() -> None:
    control = RateControl(1_000_000)
    control.update("over", 800_000, 0.25, 1.0)
    control.update("over", 400_000, 0.25, 1.2)
    assert control.rate_bps == pytest.approx(CUT_SHARE * 800_000)
    control.update("over", 400_000, 0.25, 1.3)
    assert control.rate_bps == pytest.approx(CUT_SHARE * 400_000)


def test_a_cut_never_lifts_and_ends_at_one_voice() -> None:
    control = RateControl(100_000)
    control.update("over", 5_000_000, 0.1, 1.0)
    assert control.rate_bps == 100_000
    control.update("over", 1_000, 0.1, 2.0)
    assert control.rate_bps == MIN_BPS


def test_far_from_a_limit_it_grows_by_a_share() -> None:
    control = RateControl(300_000)
    control.update("normal", 300_000, 0.1, 0.0)
    grow(control, 1_000_000, 0.0, 5.0)
    assert control.rate_bps == pytest.approx(300_000 * GROWTH_PER_S**5, rel=0.01)


def test_near_a_limit_it_grows_by_half_a_packet_a_time() -> None:
    control = RateControl(1_000_000)
    control.update("over", 1_000_000, 0.1, 0.0)
    control.update("normal", 850_000, 0.1, 0.1)
    for step in range(2, 100):
        control.update("normal", 1_000_000, 0.1, step / 10)
    before = control.rate_bps
    assert before > 900_000
    control.update("normal", 1_000_000, 0.1, 10.9)
    assert control.rate_bps - before < 30_000


def test_nobody_knows_more_than_half_again_of_what_arrives() -> None:
    control = RateControl(300_000)
    control.update("normal", 300_000, 0.1, 0.0)
    grow(control, 250_000, 0.0, 60.0)
    assert control.rate_bps == pytest.approx(1.5 * 250_000 + 10_000)
    grow(control, 100_000, 60.0, 5.0)
    assert control.rate_bps == pytest.approx(1.5 * 250_000 + 10_000)


def test_it_holds_while_a_queue_empties_and_after_an_outage() -> None:
    control = RateControl(300_000)
    control.update("normal", 1e6, 0.1, 0.0)
    control.update("under", 1e6, 0.1, 1.0)
    control.update("normal", 1e6, 0.1, 2.0)
    assert control.rate_bps == 300_000
    control.update("normal", 1e6, 0.1, 500.0)
    assert control.rate_bps == pytest.approx(300_000 * GROWTH_PER_S)


def test_a_probe_lifts_and_never_lowers() -> None:
    control = RateControl(300_000)
    control.raise_to(200_000)
    assert control.rate_bps == 300_000
    control.raise_to(2_000_000)
    assert control.rate_bps == 2_000_000


def test_a_queue_that_is_not_sure_costs_one_step() -> None:
    """Little arrives where little is sent: that is no proof of a narrow line."""
    control = RateControl(1_000_000)
    control.update("over", 100_000, 0.1, 1.0, is_sure=False)
    assert control.rate_bps == pytest.approx(CUT_SHARE * 1_000_000)
    control.update("over", 950_000, 0.1, 2.0, is_sure=False)
    assert control.rate_bps == pytest.approx(CUT_SHARE * 950_000)
