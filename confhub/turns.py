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


class _Line:
    """Those who wait by one key: rows within it, in rotation too. No row is empty."""

    def __init__(self) -> None:
        self.rows: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self.size = 0

    def join(self, row: str, one: asyncio.Future[None]) -> None:
        self.rows.setdefault(row, deque()).append(one)
        self.size += 1

    def call(self) -> asyncio.Future[None]:
        row, those = next(iter(self.rows.items()))
        called = those.popleft()
        self.rows.move_to_end(row)
        self._left(row)
        return called

    def give_up(self) -> asyncio.Future[None]:
        """The last of the longest row."""
        row = max(self.rows, key=lambda row: len(self.rows[row]))
        last = self.rows[row].pop()
        self._left(row)
        return last

    def leave(self, row: str, one: asyncio.Future[None]) -> bool:
        """Whether it was here."""
        if one not in self.rows.get(row, ()):
            return False
        self.rows[row].remove(one)
        self._left(row)
        return True

    def _left(self, row: str) -> None:
        self.size -= 1
        if not self.rows[row]:
            del self.rows[row]


class Turns:
    """At most `width` are inside at once, and at most `most` wait, each in the line of its key.

    Lines are served in rotation, so whoever crowds one line waits in it and delays the others by
    one turn; and so are the rows within a line. When all places are taken the longest line gives
    one up, from the end of its longest row: Unavailable. Where no line is longer than the
    newcomer's would be, the newcomer is the one.
    """

    def __init__(self, width: int, most: int) -> None:
        self._free = width
        self._most = most
        # None of them empty; and where a place is free, there are none.
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self.waiting = 0

    @contextlib.asynccontextmanager
    async def turn(
        self, key: str, row: str = "", timeout_s: float | None = None
    ) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Unavailable where too many wait.

        TimeoutError where none comes within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            await self._wait(key, row)
        try:
            yield
        finally:
            self._free += 1
            self._call_next()

    async def _wait(self, key: str, row: str) -> None:
        if self._free and not self._lines:
            self._free -= 1
            return
        if self.waiting >= self._most:
            self._make_room(key, row)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(key, _Line()).join(row, mine)
        self.waiting += 1
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._free += 1  # called, and gone before it came
                self._call_next()
            else:
                self._leave(key, row, mine)
            raise

    def _make_room(self, key: str, row: str) -> None:
        own = self._lines.get(key) or _Line()
        longest = max(self._lines.values(), key=lambda line: line.size, default=own)
        # Who gives one up keeps one at least: neither a line nor a row is ever empty.
        if longest.size <= own.size + 1:
            longest = own
            if max(map(len, own.rows.values()), default=0) <= len(own.rows.get(row, ())) + 1:
                raise Unavailable
        last = longest.give_up()
        self.waiting -= 1
        if not last.done():
            last.set_exception(Unavailable())

    def _leave(self, key: str, row: str, mine: asyncio.Future[None]) -> None:
        line = self._lines.get(key)
        if line is not None and line.leave(row, mine):
            self.waiting -= 1
            if not line.size:
                del self._lines[key]

    def _call_next(self) -> None:
        while self._free and self._lines:
            key, line = next(iter(self._lines.items()))
            called = line.call()
            self.waiting -= 1
            if line.size:
                self._lines.move_to_end(key)
            else:
                del self._lines[key]
            if not called.done():
                self._free -= 1
                called.set_result(None)
