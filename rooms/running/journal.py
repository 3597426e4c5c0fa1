"""One room's writing into the store: in order, behind the room's back, kept until it worked."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable

from confhub.errors import ConfhubError, Unavailable
from confhub.meetings.ownership import RoomTaken
from confhub.pauses import Pauses
from confhub.supervision import supervise

log = logging.getLogger(__name__)

SAVE_EVERY_S = 1.0  # a crash loses at most the last second of hands and switches
WRITE_TIMEOUT_S = 10.0
PAUSES = Pauses(first_s=0.5, last_s=10.0)
CLOSE_TIMEOUT_S = 5.0
# A meeting of 3,500 sites that all lose their line twice while the database restarts.
MAX_JOBS = 20_000

Job = Callable[[], Awaitable[object]]


class Journal:
    """`save` writes one snapshot of what it is called with; `snapshot` makes the newest.

    `on_taken` is called once when a write is refused with RoomTaken; nothing is written then.
    """

    def __init__(
        self,
        name: str,
        snapshot: Callable[[], bytes],
        save: Callable[[bytes], Awaitable[None]],
        on_taken: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._on_taken = on_taken
        self._is_abandoned = False
        self._snapshot = snapshot
        self._save = save
        self._jobs: deque[tuple[str, Job]] = deque(maxlen=MAX_JOBS)
        self._is_dirty = False
        self._saved_at = float("-inf")
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._task = supervise(self._run, "journal", name, ends=True)

    def write(self, what: str, job: Job) -> None:
        """Do `job` after all jobs before it; tried again while the store is away."""
        if not self._is_abandoned:
            self._jobs.append((what, job))
            self._wake.set()

    def mark_changed(self) -> None:
        """Save a snapshot soon; many changes in a second make one."""
        self._is_dirty = not self._is_abandoned
        self._wake.set()

    def abandon(self) -> None:
        """Write nothing any more: the room is another hub's."""
        self._is_abandoned = True
        self._is_dirty = False
        self._jobs.clear()

    async def close(self) -> None:
        """Write what waits, within CLOSE_TIMEOUT_S, and end."""
        self._closing.set()
        self._wake.set()
        if not await self._task.wait(CLOSE_TIMEOUT_S):
            log.error("room %s: %d records were not written", self._name, len(self._jobs))
            await self._task.close()

    async def _run(self) -> None:
        self._wake.set()  # after a failure, for what it left undone
        while not self._closing.is_set() or self._jobs or self._is_dirty:
            await self._wake.wait()
            self._wake.clear()
            await self._write_jobs()
            if self._is_dirty and await self._may_save():
                await self._save_newest()

    async def _may_save(self) -> bool:
        """Wait until the next snapshot is due; False if jobs came meanwhile, which go first."""
        wait_s = self._saved_at + SAVE_EVERY_S - asyncio.get_running_loop().time()
        if wait_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._closing.wait()
        self._wake.set()
        return not self._jobs

    async def _save_newest(self) -> None:
        self._is_dirty = False
        self._saved_at = asyncio.get_running_loop().time()
        try:
            await self._keep_trying("snapshot", lambda: self._save(self._snapshot()))
        except Exception:
            self._is_dirty = True
            raise

    async def _write_jobs(self) -> None:
        while self._jobs:
            what, job = self._jobs[0]
            await self._keep_trying(what, job)
            # A full queue may have dropped it from the front meanwhile.
            if self._jobs and self._jobs[0][1] is job:
                self._jobs.popleft()

    async def _keep_trying(self, what: str, job: Job) -> None:
        """Until it worked; a failure that waiting cannot mend is logged and passed over."""
        for failures in itertools.count(1):
            if self._is_abandoned:
                return
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await job()
                return
            except (Unavailable, TimeoutError) as error:
                log.warning("room %s: %s waits for the store: %s", self._name, what, error)
            except RoomTaken:
                log.error("room %s was taken by another hub: %s not written", self._name, what)
                self.abandon()
                self._on_taken()
                return
            except ConfhubError as error:
                log.warning("room %s: %s was refused: %s", self._name, what, error)
                return
            except Exception:
                log.exception("room %s: %s failed", self._name, what)
                return
            await asyncio.sleep(PAUSES.after(failures, random.random()))  # noqa: S311
