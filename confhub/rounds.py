"""What one turn of the event loop may cost, and whose work comes next in it. Pure.

Sound waits for every turn, and bytes say little of what they cost: 16 KB may be one packet or a
thousand. So a turn has a budget of work and of time, whichever is spent first, and those who wait
for the next one stand in lines within lines, each served in rotation: of networks the widest first,
for one customer may have thousands of addresses, and thousands of telephones one network.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeAlias, TypeVar

# Where somebody stands: in which line, in which row of it, and so on, the widest first, such as
# ("address", the network of an organisation, that of a house).
Place: TypeAlias = tuple[str, ...]
_END = ""  # of each place: those who wait there have it to themselves

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


class Lines(Generic[Waiter]):
    """Who waits, in lines within lines that take turns, and within one those who came first.

    Whoever crowds one line delays the others by a turn, and whoever crowds a line within it those
    beside that one.
    """

    def __init__(self) -> None:
        self.size = 0
        # None of them is empty. At the end of a place there are those who wait there, and when
        # they came.
        self._lines: OrderedDict[str, Lines[Waiter]] = OrderedDict()
        self._those: OrderedDict[Waiter, float] = OrderedDict()

    def __bool__(self) -> bool:
        return self.size > 0

    def join(self, place: Place, waiter: Waiter, at: float = 0.0) -> None:
        """Once at a time; who waits there already keeps its turn. `at` is for `next`."""
        self._join((*place, _END), waiter, at)

    def leave(self, place: Place, waiter: Waiter) -> None:
        """It waits no longer, if it did."""
        self._leave((*place, _END), waiter)

    def next(self, before: float = float("-inf")) -> Waiter | None:
        """Whose turn it is, who then waits no longer; None: nobody waits.

        Where the first came `before` then, it has waited for too long and the last goes: a crowd
        that is too large for its line is late itself, and who comes new is not.
        """
        if not self._lines:
            if not self._those:
                return None
            self.size -= 1
            is_late = next(iter(self._those.values())) < before
            return self._those.popitem(last=is_late)[0]
        self.size -= 1
        key, line = next(iter(self._lines.items()))
        waiter = line.next(before)
        self._lines.move_to_end(key)
        self._end_if_empty(key)
        return waiter

    def make_room(self, place: Place) -> Waiter | None:
        """Who goes for a newcomer at `place`: the last, where most wait; None: the newcomer itself.

        Where no line is longer than the newcomer's would be, the same is asked within that one.
        """
        return self._make_room((*place, _END))

    def clear(self) -> None:
        self.size = 0
        self._lines.clear()
        self._those.clear()

    def _join(self, place: Place, waiter: Waiter, at: float) -> bool:
        """Whether it was not there."""
        if place:
            line = self._lines.get(place[0])
            if line is None:
                line = self._lines[place[0]] = Lines()
            is_new = line._join(place[1:], waiter, at)
        else:
            is_new = waiter not in self._those
            if is_new:
                self._those[waiter] = at
        self.size += is_new
        return is_new

    def _leave(self, place: Place, waiter: Waiter) -> bool:
        """Whether it was there."""
        if place:
            line = self._lines.get(place[0])
            was_there = line is not None and line._leave(place[1:], waiter)
            if was_there:
                self._end_if_empty(place[0])
        else:
            was_there = self._those.pop(waiter, None) is not None
        self.size -= was_there
        return was_there

    def _make_room(self, place: Place) -> Waiter | None:
        own = self._lines.get(place[0]) if place else None
        size = own.size if own else 0
        longest = max(self._lines.values(), key=lambda line: line.size, default=None)
        gone = None
        if longest is not None and longest.size > size + 1:
            gone = longest._give_up()
        elif own is not None:
            gone = own._make_room(place[1:])
        self.size -= gone is not None
        return gone

    def _give_up(self) -> Waiter:
        """The last, of the longest line."""
        self.size -= 1
        if not self._lines:
            return self._those.popitem()[0]
        key = max(self._lines, key=lambda key: self._lines[key].size)
        gone = self._lines[key]._give_up()
        self._end_if_empty(key)
        return gone

    def _end_if_empty(self, key: str) -> None:
        if not self._lines[key]:
            del self._lines[key]
