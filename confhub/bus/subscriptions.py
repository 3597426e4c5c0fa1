"""Who on this hub listens to which topic, each with a bounded queue."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from confhub.bus.interface import GAP, SUBSCRIPTION_QUEUE_SIZE


class Inbox:
    """One subscriber's news: a bounded queue that loses its oldest entry when full, and says so."""

    def __init__(self, size: int = SUBSCRIPTION_QUEUE_SIZE) -> None:
        self._waiting: deque[bytes] = deque(maxlen=size)
        self._filled = asyncio.Event()
        self._closed = False
        self._has_lost = False  # before the oldest that waits

    def push(self, payload: bytes) -> bool:
        """Add news; False if the oldest had to go for it."""
        full = len(self._waiting) == self._waiting.maxlen
        self._has_lost = self._has_lost or full
        self._waiting.append(payload)
        self._filled.set()
        return not full

    def miss(self) -> None:
        """News may have been lost after what waits."""
        if not self._waiting or self._waiting[-1] != GAP:
            self.push(GAP)

    def close(self) -> None:
        """Let the reader end once it has read what waits."""
        self._closed = True
        self._filled.set()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        if self._has_lost:
            self._has_lost = False
            return GAP
        return self._waiting.popleft()


class Subscriptions:
    """The inboxes of each topic."""

    def __init__(self) -> None:
        self._inboxes: dict[str, set[Inbox]] = {}
        self.dropped = 0  # over all readers since the start

    @contextmanager
    def inbox(self, topic: str) -> Iterator[Inbox]:
        """An inbox that gets the topic's news while the block runs."""
        inbox = Inbox()
        self._inboxes.setdefault(topic, set()).add(inbox)
        try:
            yield inbox
        finally:
            inbox.close()
            with contextlib.suppress(KeyError):
                self._inboxes[topic].discard(inbox)
                if not self._inboxes[topic]:
                    del self._inboxes[topic]

    def topics(self) -> frozenset[str]:
        """Topics that somebody listens to."""
        return frozenset(self._inboxes)

    def deliver(self, topic: str, payload: bytes) -> None:
        """Hand news to every inbox of a topic."""
        for inbox in self._inboxes.get(topic, ()):
            self.dropped += not inbox.push(payload)

    def miss(self, topic: str) -> None:
        """Tell every reader of a topic that news may have been lost."""
        for inbox in self._inboxes.get(topic, ()):
            inbox.miss()

    def close(self) -> None:
        """End every reader once it has read what waits."""
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.close()
