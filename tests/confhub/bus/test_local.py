from __future__ import annotations

from collections import OrderedDict
from typing import Any

from confhub.bus.local import LocalBus


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_times_are_those_of_the_given_clock() -> None:
    clock = Clock()
    bus = LocalBus(clock)
    await bus.put("table", "key", b"value", ttl_s=10)
    assert await bus.acquire("lease", "a", 10)
    assert await bus.hit("counter", 10) == 1
    clock.now += 9.999
    assert await bus.entries("table") == {"key": b"value"}
    assert not await bus.acquire("lease", "b", 10)
    assert await bus.hit("counter", 10) == 2
    clock.now += 0.001
    assert await bus.entries("table") == {}
    assert await bus.acquire("lease", "b", 10)
    assert await bus.hit("counter", 10) == 1


async def test_counters_of_strangers_do_not_pile_up() -> None:
    clock = Clock()
    bus = LocalBus(clock)
    for number in range(5_000):
        clock.now += 1
        await bus.hit(f"address {number}", 60)
    assert len(bus._counters._entries) < 130


class Counted(OrderedDict[str, tuple[int, float]]):
    """Counts the entries that are looked at."""

    looked = 0

    def items(self) -> Any:
        for item in super().items():
            self.looked += 1
            yield item


async def test_one_more_counter_never_waits_for_all_to_be_swept() -> None:
    clock = Clock()
    bus = LocalBus(clock)
    counted = bus._counters._entries = Counted()
    for number in range(5_000):
        await bus.hit(f"login {number}", 3600)
        assert counted.looked <= 2
        counted.looked = 0
    clock.now += 3600
    for number in range(5_000):
        await bus.hit(f"other {number}", 1)
        clock.now += 2
        assert counted.looked <= 2
        counted.looked = 0
    assert len(counted) < 10
