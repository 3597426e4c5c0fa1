"""What waits to be written to one socket: bounded, and the newest state only."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass

# A welcome to a meeting of 3,500 sites is about 1 MiB, and something must fit behind it.
MAX_WAITING_BYTES = 2 * 1024 * 1024
# Messages that cannot stand for one another. A page in order has a handful waiting.
MAX_WAITING_UNIQUE = 64


@dataclass(frozen=True, slots=True)
class Text:
    data: str


@dataclass(frozen=True, slots=True)
class WsPing:
    """A WebSocket ping frame."""


@dataclass(frozen=True, slots=True)
class WsPong:
    """The answer to the client's ping frame."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """Write `text`, if any, then the close frame. Nothing is written after it."""

    code: int
    text: str | None


Frame = Text | WsPing | WsPong | Finish


class Outbox:
    """One writer takes; anybody puts, without waiting. `put` is False once it has overflowed."""

    def __init__(self) -> None:
        self._frames: dict[Hashable, Frame] = {}
        self._bytes = 0
        self._unique = 0
        self._serial = 0
        self._finished = False
        self._ready = asyncio.Event()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def finished(self) -> bool:
        """A Finish was put: whatever comes later is dropped."""
        return self._finished

    def put(self, text: str, key: Hashable | None = None) -> bool:
        """Queue one message; it takes the place of what waits under its key, at the end."""
        if self._finished:
            return True
        fits = self._bytes + len(text) <= MAX_WAITING_BYTES
        if not fits or (key is None and self._unique >= MAX_WAITING_UNIQUE):
            return False
        self._place(("text", key) if key is not None else None, Text(text))
        return True

    def put_control(self, frame: WsPing | WsPong) -> None:
        """Queue a control frame; one of each kind waits at most."""
        if not self._finished:
            self._place(type(frame).__name__, frame)

    def finish(self, code: int, text: str | None, *, drop_waiting: bool = False) -> None:
        """Say goodbye after what waits, or instead of it."""
        if self._finished:
            return
        if drop_waiting:
            self._frames.clear()
        self._place(None, Finish(code, text))
        self._finished = True

    async def take(self) -> Frame:
        """The next frame, waiting for one."""
        while not self._frames:
            self._ready.clear()
            await self._ready.wait()
        key = next(iter(self._frames))
        return self._remove(key)

    def _place(self, key: Hashable | None, frame: Frame) -> None:
        if key is None:
            self._serial += 1
            self._unique += 1
            key = self._serial
        elif key in self._frames:
            self._remove(key)
        self._frames[key] = frame
        if isinstance(frame, Text):
            self._bytes += len(frame.data)
        self._ready.set()

    def _remove(self, key: Hashable) -> Frame:
        frame = self._frames.pop(key)
        if isinstance(key, int):
            self._unique -= 1
        if isinstance(frame, Text):
            self._bytes -= len(frame.data)
        return frame
