"""The bus of several hubs, over Redis (7.0 or newer)."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import TypeVar

from redis.exceptions import RedisError, ResponseError

from confhub.bus import redis_scripts as scripts
from confhub.bus.interface import check_payload
from confhub.bus.redis_client import close_client, redis_client
from confhub.bus.redis_listener import RedisListener
from confhub.bus.subscriptions import Subscriptions
from confhub.errors import Unavailable

CALL_TIMEOUT_S = 3.0  # the whole call: a free connection, connecting, the answer
MAX_CONNECTIONS = 32
MAX_TOPICS = 256  # each topic that is listened to keeps one connection

T = TypeVar("T")

_PREFIX = "confhub:"


class RedisBus:
    """See confhub.bus.interface.Bus. Connects when first used."""

    def __init__(self, address: str) -> None:
        self._client = redis_client(address, MAX_CONNECTIONS)
        self._listening = redis_client(address, MAX_TOPICS)
        self._put = self._client.register_script(scripts.PUT)
        self._drop = self._client.register_script(scripts.DROP)
        self._entries = self._client.register_script(scripts.ENTRIES)
        self._hit = self._client.register_script(scripts.HIT)
        self._unhit = self._client.register_script(scripts.UNHIT)
        self._acquire = self._client.register_script(scripts.ACQUIRE)
        self._release = self._client.register_script(scripts.RELEASE)
        self._subscriptions = Subscriptions()
        self._listeners: dict[str, RedisListener] = {}
        self.reconnects = 0

    @property
    def dropped(self) -> int:
        return self._subscriptions.dropped

    async def publish(self, topic: str, payload: bytes) -> None:
        check_payload(payload)
        await _answer(self._client.publish(_channel(topic), payload))

    @contextlib.asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            with self._subscriptions.inbox(topic) as inbox:
                await _answer(self._listener(topic).ready())
                yield inbox
        finally:
            if topic in self._listeners and topic not in self._subscriptions.topics():
                await self._listeners.pop(topic).close()

    async def put(self, table: str, key: str, value: bytes, ttl_s: float) -> None:
        await _answer(self._put(keys=_table(table), args=[key, value, _ms(ttl_s)]))

    async def drop(self, table: str, key: str, value: bytes | None = None) -> None:
        only = [] if value is None else [value]
        await _answer(self._drop(keys=_table(table), args=[key, *only]))

    async def entries(self, table: str) -> Mapping[str, bytes]:
        found = await _answer(self._entries(keys=_table(table)))
        return {key.decode(): value for key, value in zip(found[::2], found[1::2], strict=True)}

    async def hit(self, counter: str, window_s: float) -> int:
        return int(await _answer(self._hit(keys=[_counter(counter)], args=[_ms(window_s)])))

    async def unhit(self, counter: str) -> None:
        await _answer(self._unhit(keys=[_counter(counter)], args=[]))

    async def forget(self, counter: str) -> None:
        await _answer(self._client.delete(_counter(counter)))

    async def acquire(self, lease: str, holder: str, ttl_s: float) -> bool:
        taken = await _answer(self._acquire(keys=[_lease(lease)], args=[holder, _ms(ttl_s)]))
        return bool(taken)

    async def release(self, lease: str, holder: str) -> None:
        await _answer(self._release(keys=[_lease(lease)], args=[holder]))

    async def ping(self) -> None:
        await _answer(self._client.ping())

    async def close(self) -> None:
        self._subscriptions.close()
        while self._listeners:
            _, listener = self._listeners.popitem()
            await listener.close()
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(CALL_TIMEOUT_S):
                await close_client(self._client)
                await close_client(self._listening)

    def _listener(self, topic: str) -> RedisListener:
        if topic not in self._listeners:
            deliver = functools.partial(self._subscriptions.deliver, topic)
            stands_again = functools.partial(self._stands_again, topic)
            self._listeners[topic] = RedisListener(
                self._listening, _channel(topic), deliver, stands_again
            )
        return self._listeners[topic]

    def _stands_again(self, topic: str) -> None:
        self.reconnects += 1
        self._subscriptions.miss(topic)


async def _answer(call: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            return await call
    except (RedisError, OSError, TimeoutError) as error:
        # A refused command is a defect of ours, but for a server that cannot write to its disk.
        if type(error) is ResponseError and not str(error).startswith("MISCONF"):
            raise
        raise Unavailable(code="bus_unavailable") from error


def _channel(topic: str) -> str:
    return f"{_PREFIX}news:{topic}"


def _table(table: str) -> list[str]:
    # The braces keep both keys on one node of a cluster.
    return [f"{_PREFIX}table:{{{table}}}:values", f"{_PREFIX}table:{{{table}}}:ends"]


def _counter(counter: str) -> str:
    return f"{_PREFIX}counter:{counter}"


def _lease(lease: str) -> str:
    return f"{_PREFIX}lease:{lease}"


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
