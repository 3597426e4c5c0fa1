"""The present, in four small interfaces: news, leases, presence and counters between hubs.

SQL is the record; what is here may be lost at any time and is rebuilt from the rooms. Take the
interface that you need; `Bus` is all four, for who opens and closes them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from confhub.errors import TooLarge

# A slow reader loses its oldest news rather than stalling the sender.
SUBSCRIPTION_QUEUE_SIZE = 1024
# The largest news is a quality report, under 2 KiB; anything near this is a mistake.
MAX_PAYLOAD_BYTES = 64 * 1024
# In the place of news that were lost: whoever reads it asks the record what it is now.
GAP = b""


class News(Protocol):
    """What happened, told once."""

    @property
    def dropped(self) -> int:
        """News lost by slow readers of this hub since the start."""

    @property
    def reconnects(self) -> int:
        """Times a lost subscription stood again since the start."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send to every present subscriber of `topic`, at most once each.

        TooLarge over MAX_PAYLOAD_BYTES; ValueError for GAP.
        """

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """News of `topic` from now on; survives a reconnect of the backend.

        Inside the block every later `publish` is heard, or GAP stands where some may have been
        lost: the backend was away, or this reader was too slow. The iterator ends when the bus
        closes.
        """


class Presence(Protocol):
    """Small tables of what is here now, each entry for a while."""

    async def put(self, table: str, key: str, value: bytes, ttl_s: float) -> None:
        """Set one entry of a small table; it is gone after `ttl_s` unless put again."""

    async def drop(self, table: str, key: str, value: bytes | None = None) -> None:
        """Take one entry out, with `value` only while it says so; else nothing happens."""

    async def entries(self, table: str) -> Mapping[str, bytes]:
        """All living entries of a table."""


class Counters(Protocol):
    """How often something was tried lately."""

    async def hit(self, counter: str, window_s: float) -> int:
        """Count one event; returns the events in the current window, this one included.

        A window begins with its first event and ends `window_s` later, whatever comes after.
        """

    async def unhit(self, counter: str) -> None:
        """Take one event back; nothing happens to a counter at zero."""

    async def forget(self, counter: str) -> None:
        """Set a counter to zero."""


class Leases(Protocol):
    """Who may do what only one may, for a while. What must hold for good has a fence in SQL."""

    async def acquire(self, lease: str, holder: str, ttl_s: float) -> bool:
        """Take or renew a lease; False while somebody else holds it."""

    async def release(self, lease: str, holder: str) -> None:
        """Give a lease back; nothing happens if another holds it."""


class Bus(News, Presence, Counters, Leases, Protocol):
    """Every method raises Unavailable if the backend does not answer within its timeout."""

    async def ping(self) -> None:
        """Raise Unavailable if the backend does not answer within its timeout."""

    async def close(self) -> None:
        """End subscriptions and let go of the backend."""


def check_payload(payload: bytes) -> None:
    """Raise TooLarge if news does not fit, ValueError if it would read as a gap."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise TooLarge
    if payload == GAP:
        raise ValueError("news that say nothing")
