"""Whose handshake begins next: all in turns, nobody shut out."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confhub.bucket import Rate
from confhub.networks import within
from confhub.rounds import Place
from web.wire import handshakes
from web.wire.handshakes import EACH, TOGETHER, HandshakeLine

PATIENCE_S = 10.0  # as long as whoever waits is kept


class House:
    """Comers by a name and an address, and a clock."""

    def __init__(self) -> None:
        self.line: HandshakeLine[str] = HandshakeLine()
        self.places: dict[str, Place] = {}
        self.gone: set[str] = set()

    def come(self, name: str, address: str, now: float = 0.0) -> None:
        self.places[name] = within(address)
        self.line.join(self.places[name], name, now)

    def leave(self, name: str) -> None:
        self.line.leave(self.places[name], name)

    def let_in(self, now: float) -> str | None:
        """Who begins now, those who are gone passed over."""
        while (name := self.line.next(now)) is not None:
            if name not in self.gone:
                self.line.begin(self.places[name], now)
                return name
        return None

    def turns(self, since: float, until: float) -> list[tuple[float, str]]:
        """Who is let in when, by a clock that asks whenever the line says."""
        found, now = [], since
        while now <= until:
            name = self.let_in(now)
            if name is not None:
                found.append((now, name))
                continue
            wait_s = self.line.wait_s(now)
            if wait_s is None:
                break
            now += max(wait_s, 0.001)
        return found


def test_who_comes_alone_waits_for_nobody() -> None:
    house = House()
    assert house.let_in(0.0) is None
    assert house.line.wait_s(0.0) is None
    house.come("one", "10.0.0.1", 1.0)
    assert house.let_in(1.0) == "one"
    assert house.let_in(1.0) is None
    assert house.line.wait_s(1.0) is None


def test_a_province_behind_one_address_is_in_within_ten_seconds() -> None:
    house = House()
    everybody = [f"{site}.{number}" for site in range(141) for number in range(7)]
    for name in everybody:
        house.come(name, "10.0.0.1")
    found = house.turns(0.0, 10.0)
    assert sorted(name for _, name in found) == sorted(everybody)
    assert found[-1][0] < 3.0


def test_one_network_that_floods_gets_its_rate_and_no_more() -> None:
    house = House()
    for number in range(5_000):
        house.come(str(number), f"2001:db8:1:{number:x}::1")
    seconds = 20
    assert len(house.turns(0.0, seconds)) <= EACH.burst + EACH.per_s * seconds + 1


def test_many_networks_that_flood_get_a_rate_together_and_few_at_once() -> None:
    house = House()
    for number in range(20_000):
        house.come(str(number), f"10.0.{number % 2_000 // 250}.{number % 250}")
    found = house.turns(0.0, 10.0)
    assert len(found) <= TOGETHER.burst + TOGETHER.per_s * 10 + 1
    for at in range(1_000):
        begin = at / 100
        assert sum(begin <= when < begin + 0.01 for when, _ in found) <= TOGETHER.burst + 5


def test_a_flood_delays_another_network_by_one_turn() -> None:
    house = House()
    for number in range(5_000):
        house.come(str(number), "10.0.0.1")
    house.turns(0.0, 1.0)
    house.come("honest", "10.0.0.2", 1.0)
    when = next(at for at, name in house.turns(1.0, 5.0) if name == "honest")
    assert when <= 1.0 + 3 / TOGETHER.per_s


@pytest.mark.parametrize(
    "honest", ["2001:db8:1:200::1", "2001:db8:1:101::1"], ids=["another house", "the same house"]
)
def test_one_telephone_that_floods_delays_the_others_of_its_carrier_by_a_turn(honest: str) -> None:
    """Thousands of them share a /48, and its rate."""
    house = House()
    for number in range(5_000):
        house.come(str(number), "2001:db8:1:100::1")
    house.turns(0.0, 10.0)  # and the burst is spent
    house.come("honest", honest, 10.0)
    when = next(at for at, name in house.turns(10.0, 15.0) if name == "honest")
    assert when <= 10.0 + 3 / EACH.per_s


def newcomers(rate: int, *, stay: bool) -> list[float]:
    """How long each honest newcomer waits behind an address where `rate` others come a second, and
    stay or not; inf: it gave up. After the burst is spent, by a clock of 5 ms."""
    house, chance = House(), random.Random(1)
    waits, patience, came = [], deque[tuple[float, str]](), dict[str, float]()
    for tick in range(int(60 / 0.005)):
        now = tick * 0.005
        names = [f"flood {tick} {n}" for n in range(2) if chance.random() < rate * 0.005 / 2]
        if now >= 40 and tick % 100 == 50:
            names.insert(chance.randint(0, len(names)), f"honest {tick}")
        for name in names:
            house.come(name, "10.0.0.1", now)
            if stay or name.startswith("honest"):
                came[name] = now
                patience.append((now + PATIENCE_S, name))
            else:
                house.gone.add(name)
        while patience and patience[0][0] < now:
            _, late = patience.popleft()
            if came.pop(late, None) is not None:
                house.leave(late)
                waits += [float("inf")] * late.startswith("honest")
        while (let_in := house.let_in(now)) is not None:
            waited = now - came.pop(let_in)
            waits += [waited] * let_in.startswith("honest")
    return waits


@pytest.mark.parametrize("rate", [80, 150, 350])
def test_whoever_comes_and_leaves_at_once_delays_nobody_behind_the_same_address(rate: int) -> None:
    waits = newcomers(rate, stay=False)
    assert len(waits) >= 35
    assert max(waits) <= 0.1


@pytest.mark.parametrize(("rate", "share"), [(60, 0.5), (150, 0.1)])
def test_in_a_line_that_is_too_long_newcomers_are_served_at_once_or_try_again(
    rate: int, share: float
) -> None:
    """First come first served, none of them would be."""
    waits = newcomers(rate, stay=True)
    at_once = [waited for waited in waits if waited <= 0.1]
    assert len(at_once) >= share * len(waits) > 0


def test_who_leaves_costs_no_turn_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "EACH", Rate(1, 1))
    house = House()
    for number in range(100):
        house.come(str(number), "10.0.0.1")
    for number in range(99):
        house.leave(str(number))
    house.line.leave(("10.0.0.1",), "never came")
    house.line.leave(("10.0.0.2",), "never came")
    assert house.let_in(0.0) == "99"
    house.come("left", "10.0.0.1")
    house.leave("left")
    assert house.turns(0.0, 10.0) == []
    assert house.line.wait_s(10.0) is None
    assert not house.line._lines


ADDRESSES = ["10.0.0.1", "10.0.0.2", "2001:db8:1:100::1", "2001:db8:1:101::1", "2001:db8:1:200::1"]


@settings(max_examples=50)
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["come", "leave", "gone"]),
            st.integers(0, len(ADDRESSES) - 1),
            st.floats(0.0, 0.5),  # until the next
        ),
        max_size=60,
    )
)
def test_everybody_who_stays_is_let_in_once(acts: list[tuple[str, int, float]]) -> None:
    house, now = House(), 0.0
    waiting, found = set[str](), list[str]()
    for number, (act, which, after_s) in enumerate(acts):
        if act == "come":
            house.come(str(number), ADDRESSES[which], now)
            waiting.add(str(number))
        elif waiting:
            name = sorted(waiting)[which % len(waiting)]
            waiting.discard(name)
            if act == "leave":
                house.leave(name)
            else:
                house.gone.add(name)
        now += after_s
        let_in = house.let_in(now)
        if let_in is not None:
            found.append(let_in)
            waiting.discard(let_in)
    found += [name for _, name in house.turns(now, now + 60)]
    assert len(found) == len(set(found))
    assert waiting <= set(found)
    assert not house.line._lines
