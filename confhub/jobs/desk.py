"""A hub's jobs and deliveries, from its start to its end."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from confhub.jobs.delivery import Deliver, Delivery
from confhub.jobs.intake import Intake
from confhub.jobs.job import Kind
from confhub.jobs.postman import Postman
from confhub.jobs.runner import Runner
from confhub.store import Store
from confhub.store.queue.backlog import Backlog
from confhub.supervision import Supervised, supervise

# A bus that answers takes what waits within milliseconds; what it does not take stays on record.
END_TIMEOUT_S = 2.0
# As often as Prometheus asks.
COUNT_EVERY_S = 15.0
_NOTHING = Backlog(0, None, 0)


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Of the whole house, as of the last count; outcomes by (name, outcome) of this hub."""

    jobs: Backlog = _NOTHING
    news: Backlog = _NOTHING
    job_outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    news_outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    mail: Backlog = _NOTHING  # where there is mail; since when the oldest waits, refused in a day
    mail_outcomes: Mapping[str, int] = field(default_factory=dict)  # by result
    reply_outcomes: Mapping[str, int] = field(default_factory=dict)  # by what became of them
    mailbox_read_at: dt.datetime | None = None  # to its end, by any hub; None: nothing is taken in


class JobDesk:
    """`start` once what the kinds need is open, `close` before the store is."""

    def __init__(
        self,
        store: Store,
        kinds: Collection[Kind],
        topics: Mapping[str, Deliver],
        now: Callable[[], dt.datetime],
        hub_name: str,
        postman: Postman | None = None,
        intake: Intake | None = None,
    ) -> None:
        self.runner = Runner(store, kinds, now, hub_name)
        self.delivery = Delivery(store, topics, now)
        self._store = store
        self._now = now
        self.postman = postman
        self.intake = intake
        self._mailbox_read_at = intake.started_at if intake is not None else None
        self._backlogs = _NOTHING, _NOTHING
        self._mail = _NOTHING
        self._tasks: list[Supervised] = []
        self._outbox: Supervised | None = None

    def start(self) -> None:
        self._store.on_told(self.delivery.wake)
        self._outbox = supervise(self.delivery.run, "outbox", ends=True)
        self._tasks = [
            supervise(self.runner.run, "jobs"),
            supervise(self._count, "job counts"),
        ]
        if self.postman is not None:
            self._tasks.append(supervise(self.postman.run, "mail"))
        if self.intake is not None:
            self._tasks.append(supervise(self.intake.run, "mailbox"))

    def wake(self) -> None:
        """Look at once for what was just made due."""
        self.runner.wake()
        self.delivery.wake()
        if self.postman is not None:
            self.postman.wake()

    async def close(self) -> None:
        """Once whoever tells anything is closed: what was told until now is delivered first."""
        while self._tasks:
            await self._tasks.pop().close()
        if self._outbox is not None:
            self.delivery.end()
            await self._outbox.wait(END_TIMEOUT_S)
            await self._outbox.close()

    def counts(self) -> JobCounts:
        return JobCounts(
            *self._backlogs,
            self.runner.outcomes.copy(),
            self.delivery.outcomes.copy(),
            self._mail,
            self.postman.outcomes.copy() if self.postman is not None else {},
            self.intake.outcomes.copy() if self.intake is not None else {},
            self._mailbox_read_at,
        )

    async def _count(self) -> None:
        while True:
            now = self._now()
            jobs, news = await self._store.jobs.backlog(now), await self._store.outbox.backlog(now)
            self._backlogs = jobs, news
            if self.postman is not None:
                sites = await self._store.mail.backlog(now)
                self._mail = sites + await self._store.notices.backlog(now)
            if self.intake is not None:
                read_at = await self._store.mailbox.read_at(self.intake.box_id)
                self._mailbox_read_at = read_at or self.intake.started_at
            await asyncio.sleep(COUNT_EVERY_S)
