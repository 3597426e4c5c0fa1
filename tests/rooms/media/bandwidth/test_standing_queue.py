from __future__ import annotations

import pytest

from rooms.media.bandwidth.standing_queue import BASE_S, StandingQueue


def wait_after(delays_s: list[float], step_s: float = 0.1) -> float:
    queue = StandingQueue()
    for index, delay_s in enumerate(delays_s):
        queue.receive(delay_s, index * step_s)
    return queue.wait_s


@pytest.mark.parametrize("offset_s", [0.0, 7_000.0, -7_000.0])
def test_the_wait_is_counted_from_the_shortest_way(offset_s: float) -> None:
    assert wait_after([offset_s + d for d in (0.05, 0.02, 0.3)]) == pytest.approx(0.28)


def test_a_way_that_has_become_longer_is_believed_in_the_end() -> None:
    steps = int(2 * BASE_S / 0.1) + 10
    assert wait_after([0.02] * 20 + [0.3] * steps) == pytest.approx(0.0)
    assert wait_after([0.02] * 20 + [0.3] * (steps // 3)) == pytest.approx(0.28)


def test_a_clock_that_was_set_is_no_queue() -> None:
    assert wait_after([0.02, 3_600.02]) == 0.0


def test_a_rise_is_counted_as_long_as_it_lasts() -> None:
    queue = StandingQueue()
    rises = []
    for index, delay_s in enumerate((0.0, 0.1, 0.3, 0.3, 0.4)):
        queue.receive(delay_s, index / 10)
        rises.append(queue.rise_s)
    assert rises == pytest.approx([0.0, 0.1, 0.3, 0.0, 0.1])
