"""Does jobs, one after another: whichever hub is free takes the next that is due."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from confhub.errors import ConfhubError
from confhub.identity import part_id
from confhub.jobs.claiming import claimed, in_time
from confhub.jobs.job import Job, Kind
from confhub.store import Claim, Store
from confhub.store.queue.jobs import LostLease

log = logging.getLogger(__name__)

# How soon a job is found that another hub made, or left when it died. Nobody waits for one.
LOOK_EVERY_S = 5.0
# A hub that cannot say in time how its try went has lost the job; its clock may differ by this.
GRACE_S = 30.0


class Runner:
    """`run` is supervised. `outcomes` counts by (kind, outcome): done, failed, dead."""

    def __init__(
        self,
        store: Store,
        kinds: Collection[Kind],
        now: Callable[[], dt.datetime],
        holder: str,
        *,
        look_every_s: float = LOOK_EVERY_S,
        grace_s: float = GRACE_S,
    ) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter(
            {(kind.name, outcome): 0 for kind in kinds for outcome in ("done", "failed", "dead")}
        )
        self._store = store
        self._kinds: Mapping[str, Kind] = {kind.name: kind for kind in kinds}
        self._now = now
        self._holder = holder
        self._look_every_s = look_every_s
        self._grace_s = grace_s
        self._planned: set[str] = set()  # ids of the present spans' jobs
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look at once whether something is due."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            await self._plan()
            while await self.do_next():
                pass
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look_every_s):
                    await self._wake.wait()

    async def do_next(self) -> bool:
        """Do the job that is due first; False: there is none."""
        now = self._now()
        longest_s = max(kind.timeout_s for kind in self._kinds.values())
        until = now + dt.timedelta(seconds=longest_s + self._grace_s)
        claim = await claimed(
            self._store.jobs.claim(self._kinds.keys(), now, until, self._holder), self._give_back
        )
        if claim is None:
            return False
        kind = self._kinds[claim.kind]
        if claim.tries > kind.most_tries:  # whoever tried last did not live to say so
            await self._note_failure(kind, claim, "no try came to an end")
            return True
        job = Job(claim, self._store, self._now)
        try:
            async with asyncio.timeout(kind.timeout_s):
                await kind.work(job)
                if not job.is_settled:
                    await self._store.jobs.finish(claim, self._now())
            self.outcomes[kind.name, "done"] += 1
        except asyncio.CancelledError:  # this hub stops
            await in_time(self._give_back(claim))
            raise
        except LostLease:
            log.warning("job %s %s was taken by another hub", kind.name, claim.id)
        except (ConfhubError, TimeoutError, OSError) as error:
            await self._note_failure(kind, claim, f"{type(error).__name__}: {error}")
        except Exception as error:
            log.exception("job %s %s failed", kind.name, claim.id)
            await self._note_failure(kind, claim, f"{type(error).__name__}: {error}")
        return True

    async def _give_back(self, claim: Claim | None) -> None:
        """Whoever is free takes the job at once."""
        if claim is not None:
            await self._store.jobs.give_back(claim, self._now())

    async def _plan(self) -> None:
        """Make the jobs of the present spans; hubs that do so at once make the same."""
        now, due = self._now(), set()
        for kind in self._kinds.values():
            if kind.every is None:
                continue
            span = int(now.timestamp() // kind.every.total_seconds())
            job_id = part_id(kind.name, str(span))
            due.add(job_id)
            if job_id not in self._planned:
                await self._store.jobs.add(job_id, kind.name, {}, now, None)
        self._planned = due

    async def _note_failure(self, kind: Kind, claim: Claim, error: str) -> None:
        now, again_at = self._now(), None
        if claim.tries < kind.most_tries:
            pause_s = kind.pauses.after(claim.tries, random.random())  # noqa: S311
            again_at = now + dt.timedelta(seconds=pause_s)
        outcome = "dead" if again_at is None else "failed"
        log.warning("job %s %s is %s: %s", kind.name, claim.id, outcome, error)
        with contextlib.suppress(LostLease):  # done after all, or another hub's by now
            await self._store.jobs.fail(claim, error, now, again_at)
            self.outcomes[kind.name, outcome] += 1
