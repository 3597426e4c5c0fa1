"""One topic's subscription in Redis, made anew whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# An idle subscription is asked for a sign of life; two silent spans mean a dead peer.
PING_EVERY_S = 5.0
# The first retry is quick, for a restart; the last gentle, for an outage of hours.
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0


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
        self._task = asyncio.create_task(self._run(), name=f"redis-listener {channel}")

    async def ready(self) -> None:
        """Return once Redis has confirmed the subscription."""
        await self._subscribed.wait()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                if self._subscribed.is_set():
                    retry_s = FIRST_RETRY_S
                    log.warning("subscription to %s lost: %s", self._channel, error)
            self._subscribed.clear()
            # Spread over half the span: hubs must not all come back in the same instant.
            await asyncio.sleep(retry_s * random.uniform(0.5, 1.0))  # noqa: S311
            retry_s = min(retry_s * 2, LAST_RETRY_S)

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
