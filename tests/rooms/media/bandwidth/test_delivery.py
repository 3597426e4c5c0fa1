from __future__ import annotations

import pytest

from rooms.media.bandwidth.delivery import SHORT_S, Delivery


def feed(delivery: Delivery, start: float, seconds: float, rate_bps: float) -> float:
    steps = round(seconds * 100)
    for step in range(steps):
        delivery.receive(start + step / 100, int(rate_bps / 800))
    return start + seconds


def test_what_arrived_over_half_a_second() -> None:
    delivery = Delivery()
    feed(delivery, -50.0, 2.0, 800_000)
    assert delivery.rate_bps() == pytest.approx(800_000, rel=0.05)


def test_a_short_look_does_not_see_what_was_before() -> None:
    delivery = Delivery()
    now = feed(delivery, 5.0, 1.0, 800_000)
    feed(delivery, now, 0.25, 80_000)
    assert delivery.rate_bps(SHORT_S) == pytest.approx(80_000, rel=0.1)
    assert (delivery.rate_bps() or 0) > 300_000


def test_nothing_is_said_of_too_little() -> None:
    delivery = Delivery()
    assert delivery.rate_bps() is None
    delivery.receive(1.0, 5_000)
    assert delivery.rate_bps() is None


def test_a_clock_that_was_set_begins_anew() -> None:
    delivery = Delivery()
    feed(delivery, 1_000.0, 1.0, 800_000)
    feed(delivery, 5.0, 1.0, 400_000)
    assert delivery.rate_bps() == pytest.approx(400_000, rel=0.05)


def test_what_nobody_told_of_is_spread_over_the_gap() -> None:
    delivery = Delivery()
    now = feed(delivery, 1.0, 1.0, 800_000)
    delivery.receive_between(now + 0.3, 30_000)
    feed(delivery, now + 0.3, 0.1, 800_000)
    assert delivery.rate_bps() == pytest.approx(800_000, rel=0.15)
    assert delivery.rate_bps(SHORT_S) == pytest.approx(800_000, rel=0.15)
