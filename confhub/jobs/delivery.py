"""Delivers what use cases told: to the bus, and whatever else takes a topic.

At least once, and in the order in which it was told, but for what has to be tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from confhub.bus.interface import News
from confhub.bus.news import (
    ACCOUNTS_TOPIC,
    AGREEMENTS_TOPIC,
    ANSWERS_TOPIC,
    MEETINGS_TOPIC,
)
from confhub.errors import ConfhubError
from confhub.jobs.claiming import claimed, in_time
from confhub.pauses import Pauses
from confhub.store import Store, Told

log = logging.getLogger(__name__)

Deliver = Callable[[Told], Awaitable[None]]

# News that another hub left when it died are found this soon.
LOOK_EVERY_S = 5.0
# One publish takes a millisecond; more at once would only be delivered twice by who is killed.
AT_ONCE = 50
TIMEOUT_S = 5.0  # of one delivery; the bus itself gives up after 3 s
LEASE_S = AT_ONCE * TIMEOUT_S + 30.0
# The bus is back within seconds, or with the morning; 120 tries are half a day.
PAUSES = Pauses(first_s=0.5, last_s=600.0)
MOST_TRIES = 120


class Delivery:
    """`run` is supervised, and returns after `end`. `outcomes` counts by (topic, outcome):
    delivered, failed, dead."""

    def __init__(
        self,
        store: Store,
        topics: Mapping[str, Deliver],
        now: Callable[[], dt.datetime],
        *,
        look_every_s: float = LOOK_EVERY_S,
        lease_s: float = LEASE_S,
        pauses: Pauses = PAUSES,
        most_tries: int = MOST_TRIES,
    ) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter(
            {(topic, one): 0 for topic in topics for one in ("delivered", "failed", "dead")}
        )
        self._store = store
        self._topics = topics
        self._now = now
        self._look_every_s = look_every_s
        self._lease = dt.timedelta(seconds=lease_s)
        self._pauses = pauses
        self._most_tries = most_tries
        self._wake = asyncio.Event()
        self._is_ending = False

    def wake(self) -> None:
        """Deliver at once what was just told."""
        self._wake.set()

    def end(self) -> None:
        """Deliver what was told until now, and let `run` return."""
        self._is_ending = True
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            # Read before: what is told while this looks is looked for once more.
            ending = self._is_ending
            while await self.deliver_waiting():
                pass
            if ending:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look_every_s):
                    await self._wake.wait()

    async def deliver_waiting(self) -> int:
        """Try what is due, at most AT_ONCE; how many."""
        now = self._now()
        claim = self._store.outbox.claim(self._topics.keys(), now, now + self._lease, AT_ONCE)
        found = await claimed(claim, self._give_back)
        done = 0
        try:
            for told in found:
                await self._deliver(told)
                done += 1
        except asyncio.CancelledError:  # this hub stops
            await in_time(self._give_back(found[done:]))
            raise
        return len(found)

    async def _give_back(self, found: Sequence[Told]) -> None:
        await self._store.outbox.give_back(found, self._now())

    async def _deliver(self, told: Told) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._topics[told.topic](told)
        except (ConfhubError, TimeoutError, OSError) as error:
            await self._note_failure(told, error)
        except Exception as error:
            log.exception("%s %s was not delivered", told.topic, told.id)
            await self._note_failure(told, error)
        else:
            await self._store.outbox.delivered(told, self._now())
            self.outcomes[told.topic, "delivered"] += 1

    async def _note_failure(self, told: Told, error: Exception) -> None:
        now, again_at = self._now(), None
        # Who asks for one more round after it was given up gets a whole one.
        tries = (told.tries - 1) % self._most_tries + 1
        if tries < self._most_tries:
            pause_s = self._pauses.after(tries, random.random())  # noqa: S311
            again_at = now + dt.timedelta(seconds=pause_s)
        outcome = "dead" if again_at is None else "failed"
        said = f"{type(error).__name__}: {error}"
        log.warning("%s %s is %s: %s", told.topic, told.id, outcome, said)
        if await self._store.outbox.failed(told, said, now, again_at):
            self.outcomes[told.topic, outcome] += 1


def news_on(bus: News) -> Mapping[str, Deliver]:
    """Every topic of the bus that use cases tell of; what was told is published as its news."""

    async def publish(told: Told) -> None:
        await bus.publish(told.topic, msgspec.json.encode(told.payload))

    topics = (MEETINGS_TOPIC, ACCOUNTS_TOPIC, AGREEMENTS_TOPIC, ANSWERS_TOPIC)
    return dict.fromkeys(topics, publish)
