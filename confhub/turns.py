"""Turns at something scarce: a few at once, and one key after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import TypeAlias

from confhub.errors import Unavailable

# Where somebody stands: in which line, in which row of it, and so on, the widest first, such as
# ("address", the network of an organisation, that of a house).
Place: TypeAlias = tuple[str, ...]

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


_END = ""  # of each place: those who wait there have it to themselves


class _Line:
    """Those who wait under one key: either in lines within it, none of them empty, or, at the end
    of a place, one after the other."""

    def __init__(self) -> None:
        self.lines: OrderedDict[str, _Line] = OrderedDict()
        self.those: deque[asyncio.Future[None]] = deque()
        self.size = 0

    def join(self, place: Place, one: asyncio.Future[None]) -> None:
        self.size += 1
        if place:
            self.lines.setdefault(place[0], _Line()).join(place[1:], one)
        else:
            self.those.append(one)

    def call(self) -> asyncio.Future[None]:
        """The next, whose line is the last now."""
        self.size -= 1
        if not self.lines:
            return self.those.popleft()
        key, line = next(iter(self.lines.items()))
        called = line.call()
        self.lines.move_to_end(key)
        self._end_if_empty(key)
        return called

    def make_room(self, place: Place) -> asyncio.Future[None] | None:
        """Who goes for a newcomer at `place`, from where most wait; None: the newcomer itself."""
        own = self.lines.get(place[0]) if place else None
        size = own.size if own else 0
        longest = max(self.lines.values(), key=lambda line: line.size, default=None)
        gone = None
        if longest is not None and longest.size > size + 1:
            gone = longest.give_up()
        elif own is not None:
            gone = own.make_room(place[1:])
        self.size -= gone is not None
        return gone

    def give_up(self) -> asyncio.Future[None]:
        """The last, of the longest line."""
        self.size -= 1
        if not self.lines:
            return self.those.pop()
        key = max(self.lines, key=lambda key: self.lines[key].size)
        gone = self.lines[key].give_up()
        self._end_if_empty(key)
        return gone

    def leave(self, place: Place, one: asyncio.Future[None]) -> bool:
        """Whether it was here."""
        if place:
            line = self.lines.get(place[0])
            was_here = line is not None and line.leave(place[1:], one)
            if was_here:
                self._end_if_empty(place[0])
        else:
            was_here = one in self.those
            if was_here:
                self.those.remove(one)
        self.size -= was_here
        return was_here

    def _end_if_empty(self, key: str) -> None:
        if not self.lines[key].size:
            del self.lines[key]


class Turns:
    """At most `width` are inside at once, and at most `most` wait, each at a place.

    Lines are served in rotation, so whoever crowds one line waits in it and delays the others by
    one turn; and so are the lines within a line. When all places are taken the longest line gives
    one up, from the end of the longest line within it: Unavailable. Where no line is longer than
    the newcomer's would be, the same is asked within that one; and in the end the newcomer goes.
    """

    def __init__(self, width: int, most: int) -> None:
        self._free = width
        self._most = most
        self._line = _Line()  # where somebody is free to come in, nobody waits

    @property
    def waiting(self) -> int:
        return self._line.size

    @contextlib.asynccontextmanager
    async def turn(self, *place: str, timeout_s: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Unavailable where too many wait.

        TimeoutError where none comes within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            await self._wait((*place, _END))
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
        self._line.join(place, mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._free += 1  # called, and gone before it came
                self._call_next()
            else:
                self._line.leave(place, mine)
            raise

    def _make_room(self, place: Place) -> None:
        gone = self._line.make_room(place)
        if gone is None:
            raise Unavailable
        if not gone.done():
            gone.set_exception(Unavailable())

    def _call_next(self) -> None:
        while self._free and self.waiting:
            called = self._line.call()
            if not called.done():
                self._free -= 1
                called.set_result(None)
