"""What a turn of the loop reads of all TCP connections, counted in reads and bytes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from rooms.media.port.reading import LEAST_BYTES, TURN_BYTES, TURN_S, Reading

FEW_TURNS = 4


class Clock:
    """Moves only when somebody reads."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class House:
    """The loop's turns, and connections that always have something to read."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.reading = Reading(self.clock)
        self.turn = 0
        self.reads: list[tuple[int, Flooding]] = []
        self.floods: list[Flooding] = []

    def open(
        self, line: str, size: int = 0, *, member: bool = False, cost_s: float = 0
    ) -> Flooding:
        self.floods.append(Flooding(self, line, size, is_proved=member, cost_s=cost_s))
        return self.floods[-1]

    async def turns(self, number: int) -> None:
        """As the kernel does: says of each that is watched, once a turn, that it can be read."""
        for _ in range(number):
            for flood in self.floods:
                if flood.is_watched:
                    self.reading.readable(flood)
            await asyncio.sleep(0)
            self.turn += 1


class Flooding:
    def __init__(
        self, house: House, line: str, size: int, *, is_proved: bool, cost_s: float
    ) -> None:
        self.place, self.is_proved = tuple(line.split(" ")), is_proved
        self.is_watched = True
        self._house, self._size, self._cost_s = house, size, cost_s

    def read(self) -> int:
        self._house.reads.append((self._house.turn, self))
        self._house.clock.now += self._cost_s
        return self._size

    def watch(self, on: bool) -> None:
        self.is_watched = on


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    made.reading.stop()


@pytest.mark.parametrize(
    ("size", "cost_s", "most"),
    [
        (0, 0.0, TURN_BYTES // LEAST_BYTES),
        (1, 0.0, TURN_BYTES // LEAST_BYTES),
        (4096, 0.0, TURN_BYTES // 4096),
        (1, TURN_S / 2, 2),
        (1, 10 * TURN_S, 1),
    ],
)
async def test_a_turn_reads_no_more_than_its_bytes_and_its_time(
    house: House, size: int, cost_s: float, most: int
) -> None:
    for number in range(500):
        house.open(str(number), size, cost_s=cost_s)
    await house.turns(20)
    # Those that waited are served where one turn of the loop meets the next.
    assert max(Counter(turn for turn, _ in house.reads).values()) <= 2 * most
    assert len(house.reads) <= 21 * most
    assert len(house.reads) >= 19 * most


async def test_who_comes_alone_is_read_at_once(house: House) -> None:
    one = house.open("one", 4096)
    await house.turns(FEW_TURNS)
    assert house.reads == [(turn, one) for turn in range(FEW_TURNS)]


async def test_a_crowd_of_one_network_delays_another_by_one_turn(house: House) -> None:
    for _ in range(500):
        house.open("crowd", 1024)
    await house.turns(3)
    late = house.open("late", 100)
    came = house.turn
    await house.turns(FEW_TURNS)
    assert min(turn for turn, flood in house.reads if flood is late) <= came + 2


async def test_a_stranger_with_a_network_of_addresses_delays_another_by_one_turn(
    house: House,
) -> None:
    for number in range(500):
        house.open(f"2001:db8:1::/48 2001:db8:1:{number:x}::/64", 1024)
    await house.turns(3)
    late = house.open("late", 100)
    came = house.turn
    await house.turns(FEW_TURNS)
    assert min(turn for turn, flood in house.reads if flood is late) <= came + 2


async def test_members_go_before_strangers_of_whom_one_is_read_each_turn(house: House) -> None:
    for number in range(100):
        house.open(f"member{number}", 4096, member=True)
        house.open(f"stranger{number}", 1024)
    await house.turns(3)
    house.reads.clear()
    await house.turns(50)
    members = Counter(flood.place for _, flood in house.reads if flood.is_proved)
    strangers = sum(not flood.is_proved for _, flood in house.reads)
    assert sum(members.values()) >= 50 * (TURN_BYTES // 4096 - 1)
    assert max(members.values()) - min(members.values()) <= 1
    assert 49 <= strangers <= 51


async def test_who_has_left_is_read_no_more(house: House) -> None:
    crowd = [house.open("crowd", 4096) for _ in range(50)]
    await house.turns(1)
    for flood in crowd:
        flood.is_watched = False
        house.reading.forget(flood)
    house.reads.clear()
    await house.turns(3)
    assert house.reads == []
