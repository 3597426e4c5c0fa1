from __future__ import annotations

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
    assert len(bus._counters._entries) < 1_100
