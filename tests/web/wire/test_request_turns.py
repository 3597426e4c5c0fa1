"""Few requests begin in a turn of the loop, whoever asks how much."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from confhub.bucket import Rate
from web.wire.request_turns import (
    NETWORK,
    REQUESTS_A_TURN,
    SIGN_IN,
    TURN_S,
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
            assert await self.turns.wait((network,), lambda: network in self.left)
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
        asyncio.create_task(house.turns.wait((name,), lambda name=name: name in house.left))  # type: ignore[misc]
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


def test_a_province_behind_one_address_may_open_the_room_at_once() -> None:
    house = House()
    assert all(house.turns.keeps_pace("province", None) for _ in range(141 * 100))


@pytest.mark.parametrize(("sign_in", "allowed"), [(None, NETWORK), ("one", SIGN_IN)])
def test_who_asks_too_much_is_over_its_pace_and_others_are_not(
    sign_in: str | None, allowed: Rate
) -> None:
    house = House()
    taken = sum(house.turns.keeps_pace("flood", sign_in) for _ in range(30_000))
    assert taken == allowed.burst
    house.now += 10
    taken = sum(house.turns.keeps_pace("flood", sign_in) for _ in range(30_000))
    assert taken == 10 * allowed.per_s
    assert house.turns.keeps_pace("flood", "another")
    assert house.turns.keeps_pace("elsewhere", None)
