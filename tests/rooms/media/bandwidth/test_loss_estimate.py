from __future__ import annotations

from collections.abc import Callable

import pytest

from rooms.media.bandwidth.loss_estimate import HIGH_LOSS, WINDOW_S, LossBound

STEP_S = 0.1
PACKETS = 10


def run(
    bound: LossBound,
    loss: Callable[[float], float],
    seconds: float,
    *,
    most_bps: float = 1_000_000.0,
    start: float = 0.0,
) -> float:
    """`loss` of the rate in use; the rate is what the bound allows. Returns the time."""
    owed, steps = 0.0, round(seconds / STEP_S)
    for step in range(1, steps + 1):
        rate = min(most_bps, bound.limit_bps)
        owed += PACKETS * loss(rate)
        lost = int(owed)
        owed -= lost
        bound.count(PACKETS, lost)
        bound.update(rate, rate * (1 - loss(rate)), 0.1, start + step * STEP_S)
    return start + seconds


def test_there_is_no_bound_without_loss() -> None:
    bound = LossBound()
    run(bound, lambda _: 0.0, 10)
    assert bound.limit_bps == float("inf")


@pytest.mark.parametrize("loss", [0.01, 0.05, 0.09])
def test_loss_under_a_tenth_is_no_congestion(loss: float) -> None:
    bound = LossBound()
    run(bound, lambda _: loss, 20)
    assert bound.limit_bps == float("inf")
    assert not bound.is_high


def test_a_line_that_overflows_is_kept_under() -> None:
    """700 kbit/s pass, the rest is lost at once."""
    bound = LossBound()
    run(bound, lambda rate: max(0.0, 1 - 700_000 / rate), 10)
    assert 500_000 < bound.limit_bps < 790_000
    assert bound.own_fraction == 0.0


@pytest.mark.parametrize("loss", [0.15, 0.25, 0.4])
def test_loss_that_a_cut_does_not_mend_is_the_line_s_own(loss: float) -> None:
    bound = LossBound()
    run(bound, lambda _: loss, 60)
    assert bound.own_fraction == pytest.approx(loss, abs=0.05)
    assert bound.limit_bps > 500_000
    assert not bound.is_high


def test_congestion_on_top_of_the_line_s_own_loss_is_seen() -> None:
    bound = LossBound()
    now = run(bound, lambda _: 0.15, 20)
    run(bound, lambda rate: 0.15 + max(0.0, 1 - 400_000 / rate) * 0.85, 4, start=now)
    assert bound.limit_bps < 600_000


def test_the_bound_is_lifted_when_the_loss_has_gone() -> None:
    bound = LossBound()
    now = run(bound, lambda rate: max(0.0, 1 - 500_000 / rate), 5)
    assert bound.limit_bps < 700_000
    run(bound, lambda _: 0.0, 30, start=now)
    assert bound.limit_bps == float("inf")


def test_a_packet_that_came_late_is_taken_off_the_lost() -> None:
    bound = LossBound()
    bound.count(40, 8)
    bound.count(0, -8)
    bound.update(1e6, 1e6, 0.1, 0.0)
    bound.update(1e6, 1e6, 0.1, WINDOW_S)
    assert bound.loss_fraction == 0.0


def test_few_packets_say_nothing() -> None:
    bound = LossBound()
    for second in range(10):
        bound.count(1, 1)
        bound.update(1e6, None, 0.1, float(second))
    assert bound.loss_fraction <= HIGH_LOSS
