"""The present: presence, leases, counters and news between hubs. Interface.

SQL is the record; what is here may be lost at any time and is rebuilt from the rooms.
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


class Bus(Protocol):
    """Every method raises Unavailable if the backend does not answer within its timeout."""

    @property
    def dropped(self) -> int:
        """News lost by slow readers of this hub since the start."""

    @property
    def reconnects(self) -> int:
        """Times a lost subscription stood again since the start."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send to every present subscriber of `topic`, at most once each.

        TooLarge over MAX_PAYLOAD_BYTES.
        """

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """News of `topic` from now on; survives a reconnect of the backend (with a gap).

        Inside the block every later `publish` is heard. The iterator ends when the bus closes.
        """

    async def put(self, table: str, key: str, value: bytes, ttl_s: float) -> None:
        """Set one entry of a small table; it is gone after `ttl_s` unless put again."""

    async def drop(self, table: str, key: str, value: bytes | None = None) -> None:
        """Take one entry out, with `value` only while it says so; else nothing happens."""

    async def entries(self, table: str) -> Mapping[str, bytes]:
        """All living entries of a table."""

    async def hit(self, counter: str, window_s: float) -> int:
        """Count one event; returns the events in the current window, this one included.

        A window begins with its first event and ends `window_s` later, whatever comes after.
        """

    async def unhit(self, counter: str) -> None:
        """Take one event back; nothing happens to a counter at zero."""

    async def forget(self, counter: str) -> None:
        """Set a counter to zero."""

    async def acquire(self, lease: str, holder: str, ttl_s: float) -> bool:
        """Take or renew a lease; False while somebody else holds it."""

    async def release(self, lease: str, holder: str) -> None:
        """Give a lease back; nothing happens if another holds it."""

    async def ping(self) -> None:
        """Raise Unavailable if the backend does not answer within its timeout."""

    async def close(self) -> None:
        """End subscriptions and let go of the backend."""


def check_payload(payload: bytes) -> None:
    """Raise TooLarge if news does not fit."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise TooLarge
