"""Which TCP connection of the media port is read next: all of a turn of the loop share a budget.

The kernel says of hundreds at once that there is something to read. Those for whom the turn has
nothing left wait, unread, and are served in rotation: whoever has proved to be a member first, each
in a line of its own, then strangers by their networks, at least one of them a turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from confhub.rounds import Lines, Place, Rounds, TurnBudget

# A turn carries more than a hundred Mbit/s so, and sound waits for a tenth of its packet's length.
TURN_BYTES = 32 * 1024
TURN_S = 0.002
# What a read, or the letting in of somebody, costs however little it brings.
LEAST_BYTES = 2 * 1024


class Readable(Protocol):
    """A connection, as those who wait see it. Its place stays the same while it waits."""

    @property
    def place(self) -> Place: ...
    @property
    def is_proved(self) -> bool: ...
    def read(self) -> int:
        """Read once; how many bytes came."""

    def watch(self, on: bool) -> None:
        """Whether the kernel tells when there is something to read."""


class Reading:
    """Whose turn it is. `now` is monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._budget = TurnBudget(TURN_BYTES, TURN_S, now)
        self._members: Lines[Readable] = Lines()
        self._strangers: Lines[Readable] = Lines()
        self._rounds = Rounds(
            self._budget,
            lambda: bool(self._members or self._strangers),
            self._serve_all,
            lambda call: asyncio.get_running_loop().call_soon(call),
        )

    def readable(self, connection: Readable) -> None:
        """There is something to read: now, or when it is its turn."""
        lines = self._lines(connection)
        if lines or not self.has_left:
            connection.watch(False)
            lines.join(connection.place, connection)
            self._rounds.come()
            return
        self._read(connection)

    @property
    def has_left(self) -> bool:
        """Whether this turn may bring more."""
        return self._rounds.has_left

    def spend(self) -> None:
        """Somebody was let in."""
        self._budget.spend(LEAST_BYTES)

    def forget(self, connection: Readable) -> None:
        """It is read no more."""
        self._lines(connection).leave(connection.place, connection)

    def stop(self) -> None:
        """Nobody waits any more: they are watched again when they are wanted."""
        self._members.clear()
        self._strangers.clear()
        self._rounds.stop()

    def _lines(self, connection: Readable) -> Lines[Readable]:
        return self._members if connection.is_proved else self._strangers

    def _serve_all(self) -> None:
        while self._budget.has_left and (member := self._members.next()):
            self._serve(member)
        stranger = self._strangers.next()
        while stranger is not None:
            self._serve(stranger)
            stranger = self._strangers.next() if self._budget.has_left else None

    def _serve(self, connection: Readable) -> None:
        connection.watch(True)  # before it is read, which may end it
        self._read(connection)

    def _read(self, connection: Readable) -> None:
        self._budget.spend(max(LEAST_BYTES, connection.read()))
