"""What both buses promise (confhub.bus.interface.Bus)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from confhub.bus.interface import GAP, MAX_PAYLOAD_BYTES, SUBSCRIPTION_QUEUE_SIZE, Bus
from confhub.bus.local import LocalBus
from confhub.bus.redis import RedisBus
from confhub.errors import TooLarge
from tests.waiting import until


def address_of(request: pytest.FixtureRequest) -> str:
    if request.param == "redis":
        return str(request.getfixturevalue("redis_address"))
    leader, sentinel = request.getfixturevalue("led_servers")
    leader.forget_everything()
    return str(sentinel.address)


@pytest.fixture(params=["local", "redis", "sentinel"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    """Each of the buses, empty."""
    chosen: Bus
    chosen = LocalBus() if request.param == "local" else RedisBus(address_of(request))
    yield chosen
    await chosen.close()


async def test_news_reaches_every_subscriber_of_its_topic_once(bus: Bus) -> None:
    async with bus.subscribe("a") as first, bus.subscribe("a") as second:
        await bus.publish("a", b"1")
        await bus.publish("b", b"not for them")
        await bus.publish("a", b"2")
        assert [await anext(first), await anext(first)] == [b"1", b"2"]
        assert [await anext(second), await anext(second)] == [b"1", b"2"]


async def test_news_from_before_the_subscription_is_not_heard(bus: Bus) -> None:
    await bus.publish("a", b"early")
    async with bus.subscribe("a") as news:
        await bus.publish("a", b"now")
        assert await anext(news) == b"now"


async def test_a_subscription_may_be_left_and_made_again(bus: Bus) -> None:
    for payload in (b"1", b"2", b"3"):
        async with bus.subscribe("a") as news:
            await bus.publish("a", payload)
            assert await anext(news) == payload


async def test_payloads_are_bytes_of_any_value_up_to_the_limit(bus: Bus) -> None:
    payload = bytes(range(256)) * (MAX_PAYLOAD_BYTES // 256)
    async with bus.subscribe("a") as news:
        await bus.publish("a", payload)
        assert await anext(news) == payload
        with pytest.raises(TooLarge):
            await bus.publish("a", payload + b"!")
        with pytest.raises(ValueError, match="say nothing"):
            await bus.publish("a", GAP)


async def test_a_slow_reader_loses_its_oldest_news_and_that_is_counted(bus: Bus) -> None:
    extra = 10
    async with bus.subscribe("slow") as news, bus.subscribe("slow") as other:
        for number in range(SUBSCRIPTION_QUEUE_SIZE + extra):
            await bus.publish("slow", str(number).encode())
            await anext(other)  # a reader that keeps up loses nothing
        assert await anext(news) == GAP
        assert await anext(news) == str(extra).encode()
    assert bus.dropped == extra


async def test_reading_ends_when_the_bus_closes(bus: Bus) -> None:
    async with bus.subscribe("a") as news:
        reading = asyncio.create_task(_all(news))
        await bus.publish("a", b"1")
        await bus.close()
        async with asyncio.timeout(5):
            assert await reading in ([b"1"], [])


async def test_table_entries_are_replaced_dropped_and_listed(bus: Bus) -> None:
    assert await bus.entries("presence") == {}
    await bus.put("presence", "s-1", b"one", ttl_s=60)
    await bus.put("presence", "s-2", b"\x00\xff", ttl_s=60)
    await bus.put("presence", "s-1", b"uno", ttl_s=60)
    await bus.put("another", "s-1", b"elsewhere", ttl_s=60)
    assert await bus.entries("presence") == {"s-1": b"uno", "s-2": b"\x00\xff"}
    await bus.drop("presence", "s-1")
    await bus.drop("presence", "never there")
    await bus.drop("no such table", "s-1")
    assert await bus.entries("presence") == {"s-2": b"\x00\xff"}
    assert await bus.entries("another") == {"s-1": b"elsewhere"}


async def test_a_table_lists_thousands_of_entries(bus: Bus) -> None:
    keys = [f"site-{number}" for number in range(2_500)]
    for first in range(0, len(keys), 25):
        some = keys[first : first + 25]
        await asyncio.gather(*(bus.put("many", key, key.encode(), ttl_s=60) for key in some))
    assert await bus.entries("many") == {key: key.encode() for key in keys}


async def test_a_table_entry_ends_after_its_time_and_others_stay(bus: Bus) -> None:
    await bus.put("presence", "brief", b"1", ttl_s=0.1)
    await bus.put("presence", "long", b"2", ttl_s=60)
    assert set(await bus.entries("presence")) == {"brief", "long"}

    async def only_the_long_one() -> bool:
        return set(await bus.entries("presence")) == {"long"}

    await until(only_the_long_one)


async def test_putting_again_prolongs_an_entry(bus: Bus) -> None:
    await bus.put("presence", "a", b"1", ttl_s=0.1)
    await bus.put("presence", "a", b"1", ttl_s=60)
    await bus.put("presence", "mark", b"", ttl_s=0.15)

    async def mark_is_gone() -> bool:
        return "mark" not in await bus.entries("presence")

    await until(mark_is_gone)
    assert "a" in await bus.entries("presence")


async def test_a_counter_counts_within_its_window_and_starts_anew_after(bus: Bus) -> None:
    assert [await bus.hit("login:x", 60) for _ in range(3)] == [1, 2, 3]
    assert await bus.hit("login:y", 0.1) == 1

    async def window_is_over() -> bool:
        return await bus.hit("login:y", 0.1) == 1

    await until(window_is_over)
    await bus.forget("login:x")
    assert await bus.hit("login:x", 60) == 1


async def test_a_hit_is_taken_back_once_and_never_below_zero(bus: Bus) -> None:
    await bus.unhit("nobody")
    assert [await bus.hit("login:z", 60) for _ in range(2)] == [1, 2]
    await bus.unhit("login:z")
    assert await bus.hit("login:z", 60) == 2
    for _ in range(5):
        await bus.unhit("login:z")
    assert await bus.hit("login:z", 60) == 1


async def test_a_counter_at_zero_still_ends_with_its_window(bus: Bus) -> None:
    await bus.hit("short", 0.1)
    await bus.unhit("short")

    async def window_is_over() -> bool:
        await bus.unhit("short")
        return await bus.hit("short", 0.1) == 1

    await until(window_is_over)


async def test_hits_at_once_are_all_counted(bus: Bus) -> None:
    counts = await asyncio.gather(*(bus.hit("at once", 60) for _ in range(20)))
    assert sorted(counts) == list(range(1, 21))


async def test_a_lease_has_one_holder_who_may_renew_it(bus: Bus) -> None:
    taken = await asyncio.gather(*(bus.acquire("room", f"hub-{n}", 60) for n in range(8)))
    assert sum(taken) == 1
    holder, other = f"hub-{taken.index(True)}", f"hub-{taken.index(False)}"
    assert await bus.acquire("room", holder, 60)
    await bus.release("room", other)
    assert not await bus.acquire("room", other, 60)
    await bus.release("room", holder)
    assert await bus.acquire("room", other, 60)


async def test_a_lease_that_is_not_renewed_can_be_taken(bus: Bus) -> None:
    assert await bus.acquire("room", "hub-1", 0.1)
    assert not await bus.acquire("room", "hub-2", 60)

    async def second_takes_it() -> bool:
        return await bus.acquire("room", "hub-2", 60)

    await until(second_takes_it)
    assert not await bus.acquire("room", "hub-1", 60)


async def test_it_answers_a_ping(bus: Bus) -> None:
    await bus.ping()


async def _all(news: object) -> list[bytes]:
    return [payload async for payload in news]  # type: ignore[attr-defined]
