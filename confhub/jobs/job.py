"""A kind of job, and one of them at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from confhub.pauses import Pauses
from confhub.people.actor import Actor
from confhub.store import Claim, Store, Work
from confhub.store.queue.backlog import Payload

# Quick where a part restarts; ten minutes apart where it is away for long.
PAUSES = Pauses(first_s=2.0, last_s=600.0)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a job of this name does, and how patient one is with it.

    `work` changes the record in `job.piece()` only, so that a hub that is killed at any moment has
    done the whole piece or none of it. It is tried `most_tries` times in
    a row, for `timeout_s` each (some two hours with the pauses between), then given up and shown to
    people. `every`: a job of this kind is made for each such span of time.
    """

    name: str
    work: Callable[[Job], Awaitable[None]]
    timeout_s: float = 60.0
    most_tries: int = 20
    every: dt.timedelta | None = None
    pauses: Pauses = PAUSES


class Job:
    """A claimed job. What `work` leaves unsettled is done when it returns."""

    def __init__(self, claim: Claim, store: Store, now: Callable[[], dt.datetime]) -> None:
        self.id = claim.id
        self.payload = claim.payload
        self.store = store
        self.now = now
        self.is_settled = False
        self._claim = claim
        self._next: tuple[Payload, dt.datetime] | None = None

    @asynccontextmanager
    async def piece(self) -> AsyncIterator[Work]:
        """One transaction, with which the job is done, or this piece of it (`go_on`).

        Once a claim, as the last thing. LostLease, and nothing stored, if somebody else has the job
        meanwhile. What reads at length reads before.
        """
        # The house's own act. Under a key of this claim its lines are found should the answer to
        # its commit be lost.
        key = f"{self._claim.id} {self._claim.epoch}"
        async with self.store.work(Actor(self.now()), key) as work:
            yield work
            if self._next is None:
                await work.jobs.finish(self._claim, work.actor.now)
            else:
                await work.jobs.go_on(self._claim, *self._next)
        self.is_settled = True

    def go_on(self, payload: Payload, at: dt.datetime) -> None:
        """This piece is not the last: the next one has this payload, and comes at `at`."""
        self._next = payload, at
