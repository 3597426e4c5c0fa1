from __future__ import annotations

import pytest

from rooms.media.bandwidth import remb_estimate, send_estimate
from rooms.media.bandwidth.arrivals import Arrivals
from rooms.media.bandwidth.estimator import PATIENCE_S, Estimator
from rooms.media.bandwidth.wide_feedback import PacketResult

TOLD = Arrivals(lambda _number: None).receive(
    [PacketResult(index / 50, 1_000, 9.0 + index / 50) for index in range(20)]
)


def test_without_feedback_the_receivers_estimate_decides() -> None:
    estimator = Estimator(0.0)
    assert estimator.budget_bps == remb_estimate.START_BPS
    estimator.receive_remb(400_000, 1_000_000, 1.0)
    estimator.receive_loss(0.5, 50.0, 2.0)
    assert estimator.budget_bps == pytest.approx(300_000)
    assert estimator.remb_bps == 400_000
    assert estimator.probe(2.0) is None


def test_with_feedback_it_starts_small_and_tries_for_more() -> None:
    estimator = Estimator(0.0)
    estimator.expects_feedback = True
    assert estimator.budget_bps == send_estimate.START_BPS
    estimator.update(0.1, 0.0, 2_000_000)
    assert estimator.probe(0.1) is not None


def test_feedback_decides_where_it_comes_whatever_else_is_told() -> None:
    estimator = Estimator(0.0)
    estimator.receive_remb(5_000_000, 1_000_000, 1.0)
    assert estimator.budget_bps == 5_000_000
    estimator.receive_told(TOLD, 40.0, 1.0)
    assert estimator.by_feedback
    assert estimator.budget_bps <= 1.1 * send_estimate.START_BPS


@pytest.mark.parametrize("is_silent", [True, False])
def test_who_agreed_to_feedback_and_sends_none_is_taken_as_without(is_silent: bool) -> None:
    estimator = Estimator(0.0)
    estimator.expects_feedback = True
    for second in range(10):
        estimator.update(float(second), 200_000, 1_000_000)
        if not is_silent:
            estimator.receive_told(TOLD, 40.0, float(second))
    assert estimator.by_feedback is not is_silent
    assert PATIENCE_S < 10


def test_remb_from_one_who_agreed_to_feedback_is_believed_until_that_comes() -> None:
    estimator = Estimator(0.0)
    estimator.expects_feedback = True
    estimator.receive_remb(400_000, 0, 1.0)
    assert not estimator.by_feedback
    estimator.receive_told(TOLD, None, 1.5)
    assert estimator.by_feedback
