"""Turns at something scarce: a few at once, and one key after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar

from confhub.errors import Unavailable
from confhub.rounds import Lines, Place

# Whom the work at hand is for, as whatever stands in front of it names them. Empty for the hub
# itself, which has a line like everybody.
ASKER: ContextVar[Place] = ContextVar("asker", default=())


def asker() -> Place:
    """Who asks, wherever from: a link is one, of a stranger there is nothing but the address."""
    place = ASKER.get()
    return place if len(place) < 2 or place[0] == "address" else (place[0], place[-1])


@contextlib.contextmanager
def asking(*who: str) -> Iterator[None]:
    """What is done in the block is done for `who`, and so are tasks that begin in it."""
    before = ASKER.set(who)
    try:
        yield
    finally:
        ASKER.reset(before)


class Turns:
    """At most `width` are inside at once, and at most `most` wait, each at a place.

    Lines are served in rotation (confhub.rounds.Lines). When all places are taken the longest line
    gives one up, from the end of the longest line within it: Unavailable.
    """

    def __init__(self, width: int, most: int) -> None:
        self._free = self._width = width
        self._most = most
        # Where somebody is free to come in, nobody waits.
        self._lines: Lines[asyncio.Future[None]] = Lines()

    @property
    def waiting(self) -> int:
        return self._lines.size

    @property
    def is_idle(self) -> bool:
        """Nobody is inside, and nobody waits."""
        return self._free == self._width and not self.waiting

    @contextlib.asynccontextmanager
    async def turn(self, *place: str, timeout_s: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Unavailable where too many wait.

        TimeoutError where none comes within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            await self._wait(place)
        try:
            yield
        finally:
            self._free += 1
            self._call_next()

    async def _wait(self, place: Place) -> None:
        if self._free and not self.waiting:
            self._free -= 1
            return
        if self.waiting >= self._most:
            self._make_room(place)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.join(place, mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._free += 1  # called, and gone before it came
                self._call_next()
            else:
                self._lines.leave(place, mine)
            raise

    def _make_room(self, place: Place) -> None:
        gone = self._lines.make_room(place)
        if gone is None:
            raise Unavailable
        if not gone.done():
            gone.set_exception(Unavailable())

    def _call_next(self) -> None:
        while self._free and (called := self._lines.next()) is not None:
            if not called.done():
                self._free -= 1
                called.set_result(None)
