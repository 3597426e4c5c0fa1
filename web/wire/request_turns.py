"""Whose request is answered next: so many begin in a turn of the loop, networks in rotation.

A request of 25 bytes costs the hub as much as any, some tenths of a millisecond, and one piece of
a connection may hold three hundred of them. Sound waits for every turn: so those for whom it has
nothing left wait for the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from confhub.bucket import Buckets, Rate
from confhub.rounds import Lines, Place, Rounds, TurnBudget

# Each takes 0.2 to 0.4 ms until it first waits for something.
REQUESTS_A_TURN = 8
TURN_S = 0.003
# Of a network (an address; a /48 of IPv6): 141 sites behind one address may open the room, 100
# requests each, all at once and with nothing cached. After that a fifteenth of a core.
NETWORK = Rate(200, 20_000)
# Of a sign-in, beside what its network asks: a person's browser loads a page a second.
SIGN_IN = Rate(50, 2_000)
# Beyond them the least used is forgotten, and begins afresh.
MOST_ASKERS = 10_000


class RequestTurns:
    """`now` is monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._budget = TurnBudget(REQUESTS_A_TURN, TURN_S, now)
        self._paces = Buckets(MOST_ASKERS)
        self._waiting: Lines[_Waiting] = Lines()
        self._rounds = Rounds(
            self._budget,
            lambda: bool(self._waiting),
            self._serve,
            lambda call: asyncio.get_running_loop().call_soon(call),
        )

    def keeps_pace(self, network: str, sign_in: str | None) -> bool:
        """Whether so much may be asked; `sign_in` is one that we made, or None.

        Whoever is signed in is not held up by who asks too much from the same address.
        """
        if sign_in is not None:
            return self._paces.take(f"sign-in {sign_in}", SIGN_IN, self._now())
        return self._paces.take(network, NETWORK, self._now())

    async def wait(self, place: Place, has_left: Callable[[], bool]) -> bool:
        """Until it is the turn of one more request from there; at once while few ask.

        False: whoever asked has left meanwhile, and no turn was spent.
        """
        if self._rounds.has_left and not self._waiting:
            self._budget.spend(1)
            return True
        one = _Waiting(has_left)
        self._waiting.join(place, one)
        try:
            return await one.turn
        finally:
            self._waiting.leave(place, one)

    def _serve(self) -> None:
        while self._budget.has_left and (one := self._waiting.next()) is not None:
            if one.turn.done():
                continue
            begins = not one.has_left()
            if begins:
                self._budget.spend(1)
            one.turn.set_result(begins)


class _Waiting:
    def __init__(self, has_left: Callable[[], bool]) -> None:
        self.has_left = has_left
        # Whether the request begins to be answered.
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
