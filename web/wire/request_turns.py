"""Whose request is answered next: so many begin in a turn of the loop, networks in rotation.

A request of 25 bytes costs the hub as much as any, some tenths of a millisecond, and one piece of
a connection may hold three hundred of them. Sound waits for every turn: so those for whom it has
nothing left wait for the next.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from confhub.bucket import Buckets, Rate
from confhub.rounds import Lines, Place, Rounds, TurnBudget

# Each takes 0.2 to 0.4 ms until it first waits for something.
REQUESTS_A_TURN = 8
TURN_S = 0.003
# Both rates are in files: what a page costs counts for as many as its row says (web/requests/
# route.py), so that whoever asks for pages alone has no more of the loop than who asks for files.
# Of an address, or a /64 of IPv6: 141 sites behind one address may open the room, a page and 100
# files each, all at once and with nothing cached. After that a tenth of a core. The networks around
# it may ask for twice as much each, so that one telephone does not use up what is its carrier's.
NETWORK = Rate(200, 20_000)
# Of an account, in however many browsers, or in a network of a link or of a sign-in that may have
# ended: a person's browser loads a page a second, with its files. Some 6 % of a core.
OWN = Rate(100, 4_000)
# Of a kind; beyond them the least used is forgotten, and begins afresh.
MOST_ASKERS = 10_000


# Whom we know by what we made ourselves: of which kind, and which one.
Known: TypeAlias = tuple[Literal["account", "sign-in", "link", "token"], str]


class RequestTurns:
    """`now` is monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._budget = TurnBudget(REQUESTS_A_TURN, TURN_S, now)
        # By kind and prefix: the 65,536 networks of a /48 push out none but their like.
        self._paces: defaultdict[tuple[str, str], Buckets] = defaultdict(
            lambda: Buckets(MOST_ASKERS)
        )
        self._waiting: Lines[_Waiting] = Lines()
        self._rounds = Rounds(
            self._budget,
            lambda: bool(self._waiting),
            self._serve,
            lambda call: asyncio.get_running_loop().call_soon(call),
        )

    def keeps_pace(self, place: Place, who: Known | None, weight: int = 1) -> bool:
        """Whether so much may be asked: `place` is the networks, the widest first; `who`, whom we
        know; `weight`, what it costs, in files.

        Whoever is known is not held up by who asks too much from the same address. Links may be
        many, and in one hand, and so may sign-ins that have ended: those of a network have its
        rate together. Nor is a link in many hands held up in one network by those who ask too
        much in others. What is refused spends nothing, so that who is over his own rate uses up
        none that he shares.
        """
        now = self._now()
        rates = list(self._rates(place, who))
        if any(paces.wait_s(key, rate, now, weight) > 0 for paces, key, rate in rates):
            return False
        for paces, key, rate in rates:
            paces.take(key, rate, now, weight)
        return True

    def _rates(self, place: Place, who: Known | None) -> Iterator[tuple[Buckets, str, Rate]]:
        """The widest first: where it refuses, nothing is remembered of the others."""
        if who is None or who[0] != "account":
            what = "strangers" if who is None else f"{who[0]}s"
            for nth, network in enumerate(place):
                rate = _widened(NETWORK, len(place) - 1 - nth)
                yield self._paces[what, _prefix(network)], network, rate
        if who is not None:
            kind, name = who
            yield self._paces[kind, ""], name if kind == "account" else f"{name} {place[0]}", OWN

    async def wait(self, place: Place, who: Known | None, has_left: Callable[[], bool]) -> bool:
        """Until it is the turn of one more request from there; at once while few ask. Whom we know
        has a line of its own behind an address.

        False: whoever asked has left meanwhile, and no turn was spent.
        """
        if self._rounds.has_left and not self._waiting:
            self._budget.spend(1)
            return True
        one, place = _Waiting(has_left), (*place, *(who or ()))
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


def _prefix(network: str) -> str:
    """The length of an IPv6 prefix; "" of an IPv4 address."""
    return network.partition("/")[2]


def _widened(rate: Rate, doubled: int) -> Rate:
    return Rate(rate.per_s * 2**doubled, rate.burst * 2**doubled)


class _Waiting:
    def __init__(self, has_left: Callable[[], bool]) -> None:
        self.has_left = has_left
        # Whether the request begins to be answered.
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
