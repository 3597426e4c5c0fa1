"""Which of the open connections makes room for a newcomer: never one that is being answered."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import islice

from web.wire.shaping import Shaped

# Of those at the head of a line that are still being sent their answer, so many are passed over.
_LOOKED_AT = 16


class Guest:
    """One open connection: a stranger until its first whole head, then idle between requests."""

    def __init__(self, networks: tuple[str, ...], now: float) -> None:
        """`networks` are what it is counted by, the narrowest first."""
        self.networks = networks
        self.since = now  # when it came, or when it was last answered
        self.is_stranger = True
        self.here = True
        self.is_held = False  # by its task, which closes it
        self.shaped: Shaped | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def is_sent_to(self) -> bool:
        return self.shaped is not None and self.shaped.write_buffer_size > 0

    def end(self) -> None:
        """Whatever it is at, its handshake too."""
        if self.task is not None:
            self.task.cancel()


class Guests:
    """Those of one network, or of all."""

    def __init__(self) -> None:
        self.count = 0
        # By how long they wait for nothing.
        self._strangers: OrderedDict[Guest, None] = OrderedDict()
        self._idle: OrderedDict[Guest, None] = OrderedDict()

    def arrive(self, guest: Guest) -> None:
        self.count += 1
        self._strangers[guest] = None

    def occupy(self, guest: Guest) -> None:
        """A request of its is being answered."""
        self._strangers.pop(guest, None)
        self._idle.pop(guest, None)

    def rest(self, guest: Guest) -> None:
        self._idle[guest] = None

    def leave(self, guest: Guest) -> None:
        self.occupy(guest)
        self.count -= 1

    def longest_useless(self, since: float) -> Guest | None:
        """The oldest stranger, or else the longest idle one, if not later than `since`."""
        for line in (self._strangers, self._idle):
            for guest in islice(line, _LOOKED_AT):
                if guest.since > since:
                    break
                if not guest.is_sent_to:
                    return guest
        return None
