"""The bus of a single hub: everything in this process."""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Generic, TypeVar

from confhub.bus.interface import check_payload
from confhub.bus.subscriptions import Subscriptions

T = TypeVar("T")


class LocalBus:
    """See confhub.bus.interface.Bus. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._subscriptions = Subscriptions()
        self._tables: dict[str, _Expiring[bytes]] = {}
        self._counters = _Expiring[int]()
        self._leases = _Expiring[str]()
        self.reconnects = 0

    @property
    def dropped(self) -> int:
        return self._subscriptions.dropped

    async def publish(self, topic: str, payload: bytes) -> None:
        check_payload(payload)
        self._subscriptions.deliver(topic, payload)

    def lose_news(self, topic: str) -> None:
        """As if news had been lost, which here they never are: for tests."""
        self._subscriptions.miss(topic)

    @contextlib.asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[bytes]]:
        with self._subscriptions.inbox(topic) as inbox:
            yield inbox

    async def put(self, table: str, key: str, value: bytes, ttl_s: float) -> None:
        now = self._clock()
        self._tables.setdefault(table, _Expiring()).put(key, value, now + ttl_s, now)

    async def drop(self, table: str, key: str, value: bytes | None = None) -> None:
        entries = self._tables.get(table)
        if entries and value in (None, entries.get(key, self._clock())):
            entries.drop(key)

    async def entries(self, table: str) -> Mapping[str, bytes]:
        if table not in self._tables:
            return {}
        living = self._tables[table].living(self._clock())
        if not living:
            del self._tables[table]
        return living

    async def hit(self, counter: str, window_s: float) -> int:
        now = self._clock()
        count = self._counters.get(counter, now)
        if count is None:
            self._counters.put(counter, 1, now + window_s, now)
            return 1
        self._counters.replace(counter, count + 1)
        return count + 1

    async def unhit(self, counter: str) -> None:
        count = self._counters.get(counter, self._clock())
        if count:
            self._counters.replace(counter, count - 1)

    async def forget(self, counter: str) -> None:
        self._counters.drop(counter)

    async def acquire(self, lease: str, holder: str, ttl_s: float) -> bool:
        now = self._clock()
        if self._leases.get(lease, now) not in (None, holder):
            return False
        self._leases.put(lease, holder, now + ttl_s, now)
        return True

    async def release(self, lease: str, holder: str) -> None:
        if self._leases.get(lease, self._clock()) == holder:
            self._leases.drop(lease)

    async def ping(self) -> None:
        """Always answers."""

    async def close(self) -> None:
        self._subscriptions.close()


# Counters are named after addresses of strangers: without a sweep they would only grow. Each put
# looks at so many of those put longest ago, so that none waits for all: two go for one that comes.
_LOOKED_AT = 2


class _Expiring(Generic[T]):
    """Values that end at a time.

    They are swept a few at a time, whoever was looked at longest ago first; one that lasts goes to
    the end. So what has ended stays for as many puts as there are entries, at most.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[T, float]] = OrderedDict()

    def get(self, key: str, now: float) -> T | None:
        value, ends_at = self._entries.get(key, (None, 0.0))
        return value if now < ends_at else None

    def put(self, key: str, value: T, ends_at: float, now: float) -> None:
        self._entries[key] = (value, ends_at)
        for _ in range(_LOOKED_AT):
            first, (_, until) = next(iter(self._entries.items()))
            if now < until:
                self._entries.move_to_end(first)
            else:
                del self._entries[first]
            if not self._entries:
                return

    def replace(self, key: str, value: T) -> None:
        """A new value that ends when the old one would have."""
        self._entries[key] = (value, self._entries[key][1])

    def drop(self, key: str) -> None:
        self._entries.pop(key, None)

    def living(self, now: float) -> dict[str, T]:
        """All that last, swept whole: whoever asks for a table takes all of it."""
        for key in [key for key, (_, until) in self._entries.items() if until <= now]:
            del self._entries[key]
        return {key: value for key, (value, _) in self._entries.items()}
