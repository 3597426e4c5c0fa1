"""Turns at something scarce: a few at once, and one key after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar

from confhub.errors import Unavailable

# Whom the work at hand is for, as whatever stands in front of it names them: "account …",
# "link …", "address …". Empty for the hub itself, which has a line like everybody.
ASKER: ContextVar[str] = ContextVar("asker", default="")


@contextlib.contextmanager
def asking(who: str) -> Iterator[None]:
    """What is done in the block is done for `who`, and so are tasks that begin in it."""
    before = ASKER.set(who)
    try:
        yield
    finally:
        ASKER.reset(before)


class Turns:
    """At most `width` are inside at once, and at most `most` wait, each in the line of its key.

    Lines are served in rotation, so whoever crowds one line waits in it and delays the others by
    one turn. When all places are taken the longest line gives one up, from its end: Unavailable.
    Where no line is longer than the newcomer's would be, the newcomer is the one.
    """

    def __init__(self, width: int, most: int) -> None:
        self._free = width
        self._most = most
        # None of them empty; and where a place is free, there are none.
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self.waiting = 0

    @contextlib.asynccontextmanager
    async def turn(self, key: str, timeout_s: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Unavailable where too many wait.

        TimeoutError where none comes within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            await self._wait(key)
        try:
            yield
        finally:
            self._free += 1
            self._call_next()

    async def _wait(self, key: str) -> None:
        if self._free and not self._lines:
            self._free -= 1
            return
        if self.waiting >= self._most:
            self._make_room(key)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(key, deque()).append(mine)
        self.waiting += 1
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._free += 1  # called, and gone before it came
                self._call_next()
            else:
                self._leave(key, mine)
            raise

    def _make_room(self, key: str) -> None:
        longest = max(self._lines.values(), key=len, default=deque())
        # Who gives one up keeps one at least: a line is never empty.
        if len(longest) <= len(self._lines.get(key, ())) + 1:
            raise Unavailable
        last = longest.pop()
        self.waiting -= 1
        if not last.done():
            last.set_exception(Unavailable())

    def _leave(self, key: str, mine: asyncio.Future[None]) -> None:
        line = self._lines.get(key)
        if line is not None:
            with contextlib.suppress(ValueError):
                line.remove(mine)
                self.waiting -= 1
            if not line:
                del self._lines[key]

    def _call_next(self) -> None:
        while self._free and self._lines:
            key, line = next(iter(self._lines.items()))
            called = line.popleft()
            self.waiting -= 1
            if line:
                self._lines.move_to_end(key)
            else:
                del self._lines[key]
            if not called.done():
                self._free -= 1
                called.set_result(None)
