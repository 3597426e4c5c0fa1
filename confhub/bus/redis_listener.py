"""One topic's subscription in Redis, made anew whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from confhub.errors import Unavailable
from confhub.supervision import supervise

log = logging.getLogger(__name__)

# An idle subscription is asked for a sign of life; two silent spans mean a dead peer.
PING_EVERY_S = 5.0


class RedisListener:
    """Owns a task that listens to a channel and hands each message to `deliver`.

    `on_reconnect` is called each time a lost subscription stands again.
    """

    def __init__(
        self,
        client: Redis,
        channel: str,
        deliver: Callable[[bytes], None],
        on_reconnect: Callable[[], None],
    ) -> None:
        self._client = client
        self._channel = channel
        self._deliver = deliver
        self._on_reconnect = on_reconnect
        self._subscribed = asyncio.Event()
        self._stood_before = False
        self._task = supervise(self._run, "bus listener", channel)

    async def ready(self) -> None:
        """Return once Redis has confirmed the subscription."""
        await self._subscribed.wait()

    async def close(self) -> None:
        await self._task.close()

    async def _run(self) -> None:
        try:
            await self._listen()
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(code="bus_unavailable") from error
        finally:
            self._subscribed.clear()

    async def _listen(self) -> None:
        pubsub = self._client.pubsub()
        try:
            await pubsub.subscribe(self._channel)
            await self._read(pubsub)
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _read(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=PING_EVERY_S)
            if message is None:
                if asked:
                    raise TimeoutError("no sign of life")
                await pubsub.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                self._stands()
            elif message["type"] == "message":
                self._deliver(message["data"])

    def _stands(self) -> None:
        if self._stood_before:
            log.info("subscription to %s stands again", self._channel)
            self._on_reconnect()
        self._stood_before = True
        self._subscribed.set()
