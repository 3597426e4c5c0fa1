"""What one turn of the event loop may cost, and whose work comes next in it. Pure.

Sound waits for every turn, and bytes say little of what they cost: 16 KB may be one packet or a
thousand. So a turn has a budget of work and of time, whichever is spent first, and those who wait
for the next one stand in lines that are served in rotation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

Waiter = TypeVar("Waiter")


class TurnBudget:
    """`work` is in what its owner likes, `time_s` in seconds of `now`, any steady clock.

    Ask `has_left` before each piece of work; the last one may be larger than what is left.
    """

    def __init__(self, work: int, time_s: float, now: Callable[[], float]) -> None:
        self._work, self._time_s, self._now = work, time_s, now
        self._left = work
        self._until = now() + time_s

    def begin(self) -> None:
        """A new turn."""
        self._left = self._work
        self._until = self._now() + self._time_s

    @property
    def left(self) -> int:
        """Of the work; not above zero when the time is over."""
        return self._left if self._now() < self._until else min(self._left, 0)

    @property
    def has_left(self) -> bool:
        return self._left > 0 and self._now() < self._until

    def spend(self, work: int) -> None:
        self._left -= work


class Handle(Protocol):
    """What `soon` gives, as asyncio's."""

    def cancel(self) -> None: ...


class Rounds:
    """One turn after the other, each with a fresh `budget`: the first of a turn to ask begins it.

    `soon` calls what it is given when the next one begins, before anything new comes: then those
    who `wait` are served, within its budget.
    """

    def __init__(
        self,
        budget: TurnBudget,
        waits: Callable[[], bool],
        serve: Callable[[], None],
        soon: Callable[[Callable[[], None]], Handle],
    ) -> None:
        self._budget, self._waits, self._serve, self._soon = budget, waits, serve, soon
        self._next_turn: Handle | None = None

    def come(self) -> None:
        """Somebody asks for something, or begins to wait."""
        if self._next_turn is None:
            self._budget.begin()
            self._next_turn = self._soon(self._next)

    @property
    def has_left(self) -> bool:
        """Whether this turn may bring more."""
        self.come()
        return self._budget.has_left

    def stop(self) -> None:
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None

    def _next(self) -> None:
        self._next_turn = None
        if self._waits():
            self.come()
            self._serve()


class Rotation(Generic[Waiter]):
    """Who waits, in lines: the lines take turns, and within one those who came first."""

    def __init__(self) -> None:
        self._lines: OrderedDict[Hashable, OrderedDict[Waiter, None]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def join(self, line: Hashable, waiter: Waiter) -> None:
        """Once at a time; who waits already keeps the place."""
        self._lines.setdefault(line, OrderedDict()).setdefault(waiter)

    def leave(self, line: Hashable, waiter: Waiter) -> None:
        """It waits no longer, if it did."""
        waiting = self._lines.get(line)
        if waiting is None:
            return
        waiting.pop(waiter, None)
        if not waiting:
            del self._lines[line]

    def next(self) -> Waiter | None:
        """Whose turn it is, who then waits no longer; None: nobody waits."""
        if not self._lines:
            return None
        line, waiting = next(iter(self._lines.items()))
        waiter, _ = waiting.popitem(last=False)
        if waiting:
            self._lines.move_to_end(line)
        else:
            del self._lines[line]
        return waiter

    def clear(self) -> None:
        self._lines.clear()
