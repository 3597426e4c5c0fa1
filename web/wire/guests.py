"""Which of the open connections makes room for a newcomer: never one that is being answered.

First who came longest ago and has not sent a whole head, then whose body comes most slowly, then
who is idle longest, then who takes an answer most slowly. Whoever brings or takes as much as a
narrow line carries stays.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import islice

from confhub.rounds import Place
from web.wire.leaving import SLOWEST_BYTES_S
from web.wire.shaping import Shaped, Stage

# Of the head of a line so many are looked at for each newcomer.
_LOOKED_AT = 16
_INSTANT_S = 0.001  # there is no pace within less


class Guest:
    """One open connection: a stranger until its first whole head, then idle between requests."""

    def __init__(self, networks: tuple[str, ...], now: float) -> None:
        """`networks` are what it is counted by, the narrowest first."""
        self.networks = networks
        self.since = now  # when it came, or when what it is at began
        self.moved = 0, 0  # bytes from it and to it by then
        self.is_stranger = True
        self.here = True
        self.is_held = False  # by its task, which closes it
        self.shaped: Shaped | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def place(self) -> Place:
        """Where it waits for its turns."""
        return self.networks[::-1]

    @property
    def is_sent_to(self) -> bool:
        return self.shaped is not None and self.shaped.unsent_bytes > 0

    @property
    def is_behind(self) -> bool:
        """Whether it waits for us to take in what it sent."""
        return self.shaped is not None and self.shaped.is_behind

    @property
    def moved_now(self) -> tuple[int, int]:
        """Bytes that came from it, and that it took, ever."""
        return (0, 0) if self.shaped is None else (self.shaped.heard_bytes, self.shaped.taken_bytes)

    def begin(self, now: float) -> None:
        """Something else than what it was at."""
        self.is_stranger = False
        self.since, self.moved = now, self.moved_now

    def end(self) -> None:
        """Whatever it is at, its handshake too; what it did not take goes with it."""
        if self.shaped is not None:
            self.shaped.forget_unsent()
        if self.task is not None:
            self.task.cancel()


class Guests:
    """Those of one network, or of all. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.count = 0
        # By how long they wait for nothing.
        self._strangers: OrderedDict[Guest, None] = OrderedDict()
        self._idle: OrderedDict[Guest, None] = OrderedDict()
        # By when they were last looked at.
        self._bodies = _Movers(0)
        self._takers = _Movers(1)

    @property
    def answered(self) -> int:
        """Those who wait for us."""
        waiting = (self._strangers, self._bodies, self._idle, self._takers)
        return self.count - sum(len(line) for line in waiting)

    def arrive(self, guest: Guest) -> None:
        self.count += 1
        self._strangers[guest] = None

    def note(self, guest: Guest, stage: Stage) -> None:
        """What it is at from `guest.since` on."""
        self._pass_over(guest)
        if stage == "idle":
            self._idle[guest] = None
        elif stage == "body":
            self._bodies.add(guest)

    def leave(self, guest: Guest) -> None:
        self._pass_over(guest)
        self.count -= 1

    def one_to_go(self, now: float, young_s: float) -> Guest | None:
        """Who makes room; None where each is being answered, is quick enough or has been at it
        for less than `young_s`."""
        for guest in islice(self._strangers, 1):
            if guest.since <= now - young_s:
                return guest
        return (
            self._bodies.slowest(now, young_s)
            or self._longest_idle(now, young_s)
            or self._takers.slowest(now, young_s)
        )

    def _longest_idle(self, now: float, young_s: float) -> Guest | None:
        for guest in [*islice(self._idle, _LOOKED_AT)]:
            if guest.since > now - young_s:
                return None
            if not guest.is_sent_to:
                return guest
            del self._idle[guest]
            self._takers.add(guest)
        return None

    def _pass_over(self, guest: Guest) -> None:
        self._strangers.pop(guest, None)
        self._idle.pop(guest, None)
        self._bodies.drop(guest)
        self._takers.drop(guest)


class _Movers:
    """Those who should bring something, or take it: when each was last looked at, and what it had
    moved by then."""

    def __init__(self, way: int) -> None:
        self._way = way
        self._marks: OrderedDict[Guest, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, guest: Guest) -> None:
        self._marks[guest] = (guest.since, guest.moved[self._way])

    def drop(self, guest: Guest) -> None:
        self._marks.pop(guest, None)

    def slowest(self, now: float, young_s: float) -> Guest | None:
        """Of those who were longest not looked at; who is quick is looked at later again."""
        slowest, least = None, float(SLOWEST_BYTES_S)
        for guest, (at, moved) in [*islice(self._marks.items(), _LOOKED_AT)]:
            if at > now - young_s:
                break
            by_now = guest.moved_now[self._way]
            pace = (by_now - moved) / max(now - at, _INSTANT_S)
            if guest.is_behind or pace >= SLOWEST_BYTES_S:
                del self._marks[guest]
                self._marks[guest] = (now, by_now)
            elif pace < least:
                slowest, least = guest, pace
        return slowest
