"""Whose handshake begins next: all in turns, nobody shut out."""

from __future__ import annotations

import pytest

from confhub.bucket import Rate
from web.wire import handshakes
from web.wire.handshakes import EACH, TOGETHER, HandshakeLine


def turns(line: HandshakeLine[str], since: float, until: float) -> list[tuple[float, str]]:
    """Who is let in when, by a clock that asks whenever the line says."""
    found, now = [], since
    while now <= until:
        waiter = line.next(now)
        if waiter is not None:
            found.append((now, waiter))
            continue
        wait_s = line.wait_s(now)
        if wait_s is None:
            break
        now += max(wait_s, 0.001)
    return found


def test_who_comes_alone_waits_for_nobody() -> None:
    line: HandshakeLine[str] = HandshakeLine()
    assert line.next(0.0) is None
    assert line.wait_s(0.0) is None
    line.join("a", "one", 1.0)
    assert line.next(1.0) == "one"
    assert line.next(1.0) is None
    assert line.wait_s(1.0) is None


def test_a_province_behind_one_address_is_in_within_ten_seconds() -> None:
    line: HandshakeLine[str] = HandshakeLine()
    everybody = [f"{site}.{number}" for site in range(141) for number in range(7)]
    for waiter in everybody:
        line.join("province", waiter, 0.0)
    found = turns(line, 0.0, 10.0)
    assert [waiter for _, waiter in found] == everybody
    assert found[-1][0] < 3.0


def test_one_network_that_floods_gets_its_rate_and_no_more() -> None:
    line: HandshakeLine[str] = HandshakeLine()
    for number in range(20_000):
        line.join("flood", str(number), 0.0)
    seconds = 60
    assert len(turns(line, 0.0, seconds)) <= EACH.burst + EACH.per_s * seconds + 1


def test_many_networks_that_flood_get_a_rate_together_and_few_at_once() -> None:
    line: HandshakeLine[str] = HandshakeLine()
    for number in range(20_000):
        line.join(f"flood{number % 2_000}", str(number), 0.0)
    found = turns(line, 0.0, 10.0)
    assert len(found) <= TOGETHER.burst + TOGETHER.per_s * 10 + 1
    for at in range(1_000):
        begin = at / 100
        assert sum(begin <= when < begin + 0.01 for when, _ in found) <= TOGETHER.burst + 5


def test_a_flood_delays_another_network_by_one_turn() -> None:
    line: HandshakeLine[str] = HandshakeLine()
    for number in range(5_000):
        line.join("flood", str(number), 0.0)
    turns(line, 0.0, 1.0)
    line.join("honest", "honest", 1.0)
    when = next(at for at, waiter in turns(line, 1.0, 5.0) if waiter == "honest")
    assert when <= 1.0 + 3 / TOGETHER.per_s


def test_who_leaves_costs_no_turn_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "EACH", Rate(1, 1))
    line: HandshakeLine[str] = HandshakeLine()
    for number in range(100):
        line.join("a", str(number), 0.0)
    for number in range(99):
        line.leave("a", str(number))
    line.leave("a", "never came")
    line.leave("b", "never came")
    assert line.next(0.0) == "99"
    line.join("a", "left", 0.0)
    line.leave("a", "left")
    assert turns(line, 0.0, 10.0) == []
    assert line.wait_s(10.0) is None
    assert not line._lines
