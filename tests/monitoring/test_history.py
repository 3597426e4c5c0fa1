import pytest

from monitoring.history import SLOT_S, SLOTS, History
from monitoring.reading import Reading


def test_an_unwritten_history_is_empty() -> None:
    assert History().points(1000.0) == []


def test_points_come_back_oldest_first() -> None:
    history = History()
    history.write(1000.0, "good", Reading(mos=4.25, rtt_ms=20))
    history.write(1005.0, "poor", Reading(loss_up_fraction=0.5))
    first, second = history.points(1006.0)
    assert (first.at, first.state, first.mos, first.rtt_ms) == (1000.0, "good", 4.25, 20.0)
    assert (second.state, second.mos, second.loss_up_fraction) == ("poor", None, 0.5)


def test_the_last_write_in_a_slot_wins() -> None:
    history = History()
    history.write(1000.0, "good", Reading())
    history.write(1004.9, "fair", Reading())
    assert [point.state for point in history.points(1005.0)] == ["fair"]


def test_silence_is_a_gap() -> None:
    history = History()
    history.write(1000.0, "good", Reading())
    history.write(1030.0, "good", Reading())
    assert [point.at for point in history.points(1030.0)] == [1000.0, 1030.0]


def test_only_the_last_five_minutes_are_kept() -> None:
    history = History()
    for slot in range(3 * SLOTS):
        history.write(slot * SLOT_S, "good", Reading(rtt_ms=slot))
    points = history.points(3 * SLOTS * SLOT_S - 1)
    assert len(points) == SLOTS
    assert points[0].rtt_ms == pytest.approx(2 * SLOTS)


def test_old_points_are_gone_after_a_long_silence() -> None:
    history = History()
    history.write(0.0, "good", Reading())
    assert history.points(SLOTS * SLOT_S * 2) == []
    history.write(SLOTS * SLOT_S * 5, "lost", Reading())
    assert [point.state for point in history.points(SLOTS * SLOT_S * 5)] == ["lost"]


def test_a_clock_that_steps_back_does_no_harm() -> None:
    history = History()
    history.write(1000.0, "good", Reading())
    history.write(990.0, "fair", Reading())
    history.write(0.0, "lost", Reading())
    assert [point.state for point in history.points(1000.0)] == ["fair", "good"]
