"""What only the Redis bus must do: live through a Redis that dies or falls silent."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import pytest
import redis

from confhub.bus.interface import GAP
from confhub.bus.local import LocalBus
from confhub.bus.opening import open_bus
from confhub.bus.redis import CALL_TIMEOUT_S, RedisBus
from confhub.config import Settings
from confhub.errors import BadInput, Unavailable
from tests.servers import RedisServer, SentinelServer
from tests.waiting import until

# A call gives up after CALL_TIMEOUT_S; without that a silent server would hold it for good.
WITHIN_S = 4 * CALL_TIMEOUT_S


async def test_a_subscription_resumes_after_redis_was_killed_and_restarted(
    own_redis_server: RedisServer,
) -> None:
    bus = RedisBus(own_redis_server.address)
    try:
        async with bus.subscribe("a") as news, bus.subscribe("b") as others:
            await bus.publish("a", b"before")
            assert await anext(news) == b"before"
            await asyncio.to_thread(own_redis_server.stop)
            with pytest.raises(Unavailable):
                await bus.publish("a", b"lost")
            await asyncio.to_thread(own_redis_server.start)

            async def both_stand_again() -> bool:
                return bus.reconnects == 2

            await until(both_stand_again, within_s=20)
            await bus.publish("a", b"after")
            await bus.publish("b", b"too")
            assert [await anext(news), await anext(news)] == [GAP, b"after"]
            assert [await anext(others), await anext(others)] == [GAP, b"too"]
            # Nothing else was kept either, and the scripts load themselves again.
            assert await bus.hit("counter", 60) == 1
    finally:
        await bus.close()


async def test_a_dead_redis_is_unavailable_for_every_call(own_redis_server: RedisServer) -> None:
    bus = RedisBus(own_redis_server.address)
    await bus.ping()
    await asyncio.to_thread(own_redis_server.stop)
    calls = [
        bus.ping(),
        bus.publish("a", b"1"),
        bus.put("t", "k", b"", 1),
        bus.drop("t", "k"),
        bus.entries("t"),
        bus.hit("c", 1),
        bus.forget("c"),
        bus.acquire("l", "h", 1),
        bus.release("l", "h"),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            await call
    with pytest.raises(Unavailable):
        async with bus.subscribe("a"):
            pytest.fail("a dead Redis confirmed a subscription")
    await bus.close()


async def test_a_silent_redis_is_unavailable_within_seconds(own_redis_server: RedisServer) -> None:
    bus = RedisBus(own_redis_server.address)
    await bus.ping()
    own_redis_server.signal(signal.SIGSTOP)
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(Unavailable):
            await bus.hit("counter", 60)
    own_redis_server.signal(signal.SIGCONT)
    await bus.ping()
    await bus.close()


async def test_leaving_the_last_subscription_frees_its_connection(redis_address: str) -> None:
    bus = RedisBus(redis_address)

    async def channels() -> bool:
        with redis.Redis.from_url(redis_address, socket_timeout=5) as client:
            return bool(client.pubsub_channels())

    async with bus.subscribe("a"):
        async with bus.subscribe("a"):
            pass
        assert await channels()

    async def nobody_listens() -> bool:
        return not await channels()

    await until(nobody_listens)
    await bus.close()


async def test_a_table_leaves_nothing_behind_in_redis(redis_address: str) -> None:
    bus = RedisBus(redis_address)
    await bus.put("brief", "a", b"1", ttl_s=0.05)
    await bus.put("brief", "b", b"1", ttl_s=0.1)

    async def redis_is_empty() -> bool:
        with redis.Redis.from_url(redis_address, socket_timeout=5) as client:
            return int(client.dbsize()) == 0

    await until(redis_is_empty)
    await bus.close()


async def test_ended_entries_are_swept_from_a_table_that_lives_on(redis_address: str) -> None:
    bus = RedisBus(redis_address)
    for number in range(10):
        await bus.put("presence", f"brief {number}", b"1", ttl_s=0.02)
    with redis.Redis.from_url(redis_address, socket_timeout=5) as client:

        async def only_the_new_one() -> bool:
            await bus.put("presence", "lasting", b"1", ttl_s=60)
            (values,) = client.keys("*:values")
            return int(client.hlen(values)) == 1

        await until(only_the_new_one)
    await bus.close()


async def test_settings_choose_the_bus(redis_address: str) -> None:
    local = await open_bus(Settings())
    assert isinstance(local, LocalBus)
    shared = await open_bus(Settings(redis=redis_address))
    assert isinstance(shared, RedisBus)
    await shared.close()


async def test_a_redis_that_is_not_there_fails_the_start(own_redis_server: RedisServer) -> None:
    own_redis_server.stop()
    with pytest.raises(Unavailable):
        await open_bus(Settings(redis=own_redis_server.address))


async def test_an_address_that_is_not_of_redis_is_refused() -> None:
    with pytest.raises(BadInput):
        await open_bus(Settings(redis="http://127.0.0.1/"))


async def test_a_cancelled_reader_leaves_the_bus_usable(redis_address: str) -> None:
    bus = RedisBus(redis_address)

    async def read() -> None:
        async with bus.subscribe("a") as news:
            async for _ in news:
                pass

    reader = asyncio.create_task(read())
    await until(lambda: _listens(redis_address))
    reader.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reader
    async with bus.subscribe("a") as news:
        await bus.publish("a", b"1")
        assert await anext(news) == b"1"
    await bus.close()


async def _listens(address: str) -> bool:
    with redis.Redis.from_url(address, socket_timeout=5) as client:
        return bool(client.pubsub_channels())


async def test_when_the_leading_redis_dies_its_copy_is_found_and_the_gap_is_told(
    own_led_servers: tuple[RedisServer, SentinelServer],
) -> None:
    leader, sentinel = own_led_servers
    bus = RedisBus(sentinel.address)
    try:
        async with bus.subscribe("a") as news:
            await bus.publish("a", b"before")
            assert await anext(news) == b"before"
            await asyncio.to_thread(leader.stop)

            async def is_led() -> bool:
                try:
                    return await bus.acquire("lease", "me", 60)
                except Unavailable:
                    return False

            await until(is_led, within_s=60)
            async with asyncio.timeout(60):
                assert await anext(news) == GAP
            await bus.publish("a", b"after")
            assert await anext(news) == b"after"
    finally:
        await bus.close()


@pytest.mark.parametrize("address", ["redis+sentinel:///house", "redis+sentinel://one", "http://x"])
def test_an_address_that_leads_nowhere_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        RedisBus(address)
