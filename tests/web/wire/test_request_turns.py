"""Few requests begin in a turn of the loop, whoever asks how much."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Literal

import pytest

from confhub.bucket import Rate
from confhub.networks import within
from web.wire import request_turns
from web.wire.request_turns import (
    NETWORK,
    OWN,
    REQUESTS_A_TURN,
    TURN_S,
    Known,
    RequestTurns,
)


class House:
    """Clients that ask again as soon as they are answered, by a clock that moves with the work."""

    def __init__(self, cost_s: float = 0.0) -> None:
        self.now = 0.0
        self.turn = 0
        self.turns = RequestTurns(lambda: self.now)
        self.begun: list[tuple[int, str]] = []
        self._cost_s = cost_s
        self.left = set[str]()

    async def ask(self, network: str, times: int) -> None:
        for _ in range(times):
            assert await self.turns.wait((network,), None, lambda: network in self.left)
            self.begun.append((self.turn, network))
            self.now += self._cost_s

    async def count_turns(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turn += 1


async def run(house: House, *crowds: tuple[str, int, int]) -> None:
    """(network, clients, times each)."""
    counting = asyncio.create_task(house.count_turns())
    async with asyncio.TaskGroup() as group:
        for network, clients, times in crowds:
            for _ in range(clients):
                group.create_task(house.ask(network, times))
    counting.cancel()


@pytest.mark.parametrize(
    ("clients", "times"), [(500, 2), (1, 300)], ids=["many connections", "one that sends ahead"]
)
async def test_a_turn_begins_no_more_than_its_requests(clients: int, times: int) -> None:
    house = House()
    await run(house, ("flood", clients, times))
    assert len(house.begun) == clients * times
    # Whether our count begins a turn before or behind the other's is the loop's affair.
    assert max(Counter(turn for turn, _ in house.begun).values()) <= 2 * REQUESTS_A_TURN


async def test_a_turn_that_takes_long_begins_no_more() -> None:
    house = House(cost_s=TURN_S)
    await run(house, ("flood", 1, 100))
    assert max(Counter(turn for turn, _ in house.begun).values()) <= 2


async def test_a_crowd_delays_another_network_by_one_request() -> None:
    house = House()
    await run(house, ("crowd", 500, 3), ("honest", 1, 1))
    before = [network for _, network in house.begun].index("honest")
    assert before <= REQUESTS_A_TURN + 1


async def test_those_who_have_left_spend_no_turn() -> None:
    house = House()
    waiting = [
        asyncio.create_task(house.turns.wait((name,), None, lambda name=name: name in house.left))  # type: ignore[misc]
        for name in ["here"] * REQUESTS_A_TURN + ["gone"] * 500 + ["honest"]
    ]
    await asyncio.sleep(0)
    house.left.add("gone")
    turn = 0
    while not waiting[-1].done():
        await asyncio.sleep(0)
        turn += 1
    begun = await asyncio.gather(*waiting)
    assert begun.count(False) == 500
    assert turn <= 3


async def test_who_gives_up_waiting_takes_no_turn() -> None:
    house = House()
    waiting = [asyncio.create_task(house.ask("a", 1)) for _ in range(100)]
    await asyncio.sleep(0)
    for task in waiting[REQUESTS_A_TURN:-1]:
        task.cancel()
    await asyncio.wait_for(waiting[-1], 5)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert len(house.begun) == REQUESTS_A_TURN + 1


def asked(house: House, times: int, address: str, who: Known | None = None) -> int:
    """How many of so many requests keep the pace."""
    return sum(house.turns.keeps_pace(within(address), who) for _ in range(times))


@pytest.mark.parametrize("are_linked", [False, True])
def test_a_province_behind_one_address_may_open_the_room_at_once(are_linked: bool) -> None:
    house = House()
    for site in range(141):
        who: Known | None = ("link", str(site)) if are_linked else None
        assert asked(house, 100, "10.0.0.1", who) == 100


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (None, NETWORK),
        (("account", "one"), OWN),
        (("sign-in", "one"), OWN),
        (("link", "one"), OWN),
    ],
)
def test_who_asks_too_much_is_over_its_pace_and_others_are_not(
    who: Known | None, allowed: Rate
) -> None:
    house = House()
    assert asked(house, 30_000, "10.0.0.1", who) == allowed.burst
    house.now += 10
    assert asked(house, 30_000, "10.0.0.1", who) == 10 * allowed.per_s
    assert asked(house, 60, "10.0.0.1", ("account", "another")) == 60
    assert asked(house, 60, "10.0.0.1", ("link", "another")) == 60
    assert asked(house, 60, "10.0.0.2") == 60


def test_who_asks_for_what_costs_much_may_ask_less_often() -> None:
    house = House()
    who: Known = ("account", "one")
    asks = [house.turns.keeps_pace(within("10.0.0.1"), who, 40) for _ in range(OWN.burst)]
    assert sum(asks) == OWN.burst // 40
    assert asked(house, OWN.burst, "10.0.0.1", who) == OWN.burst % 40


@pytest.mark.parametrize("kind", ["link", "sign-in"])
def test_the_links_of_an_address_have_a_rate_together(kind: Literal["link", "sign-in"]) -> None:
    house = House()
    taken = sum(asked(house, 2_000, "10.0.0.1", (kind, str(one))) for one in range(141))
    assert taken == NETWORK.burst


def test_one_telephone_does_not_use_up_what_is_its_carriers() -> None:
    house = House()
    assert asked(house, 200_000, "2001:db8:1:100::1") == NETWORK.burst
    assert asked(house, 60, "2001:db8:1:200::1") == 60
    assert asked(house, 60, "2001:db8:1:101::1") == 60


def test_one_customer_gains_little_by_many_addresses() -> None:
    house = House()
    taken = sum(asked(house, 2_000, f"2001:db8:1:{n:x}::1") for n in range(0, 65_536, 256))
    assert taken == 4 * NETWORK.burst


def test_the_networks_of_one_organisation_push_out_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_turns, "MOST_ASKERS", 100)
    monkeypatch.setattr(request_turns, "NETWORK", Rate(1e-6, 500))
    house = House()
    known: tuple[Known, Known] = (("account", "one"), ("link", "one"))
    for who in (*known, None):
        asked(house, OWN.burst, "198.51.100.7", who)
    # Of a narrow network each, first allowed and then refused.
    assert sum(asked(house, 1, f"2001:db8:1:{n:x}::1") for n in range(4_000)) == 2_000
    assert sum(asked(house, 1, f"2001:db8:1:{n:x}::1", known[1]) for n in range(4_000)) == 2_000
    for who in (*known, None):
        assert asked(house, 1, "198.51.100.7", who) == 0


def test_a_link_that_many_have_is_not_held_up_from_elsewhere() -> None:
    house = House()
    who: Known = ("link", "one")
    for far in ("198.51.100.7", "2001:db8:1:100::1"):
        assert asked(house, 30_000, far, who) == OWN.burst
    assert asked(house, 200, "10.0.0.1", who) == 200


async def test_whom_we_know_waits_for_no_crowd_of_strangers_behind_the_same_address() -> None:
    house = House()
    crowd = [asyncio.create_task(house.turns.wait(("a",), None, lambda: False)) for _ in range(500)]
    one = asyncio.create_task(house.turns.wait(("a",), ("link", "one"), lambda: False))
    assert await one
    assert sum(not task.done() for task in crowd) > 400
    await asyncio.gather(*crowd)
