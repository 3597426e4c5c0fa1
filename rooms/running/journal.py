"""One room's writing into the store: in order, behind the room's back, kept until it worked."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from confhub.errors import ConfhubError, Unavailable

log = logging.getLogger(__name__)

SAVE_EVERY_S = 1.0  # a crash loses at most the last second of hands and switches
WRITE_TIMEOUT_S = 10.0
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 10.0
CLOSE_TIMEOUT_S = 5.0
# A meeting of 3,500 sites that all lose their line twice while the database restarts.
MAX_JOBS = 20_000

Job = Callable[[], Awaitable[object]]


class Journal:
    """`save` writes one snapshot of what it is called with; `snapshot` makes the newest."""

    def __init__(
        self, name: str, snapshot: Callable[[], bytes], save: Callable[[bytes], Awaitable[None]]
    ) -> None:
        self._name = name
        self._snapshot = snapshot
        self._save = save
        self._jobs: deque[tuple[str, Job]] = deque(maxlen=MAX_JOBS)
        self._is_dirty = False
        self._saved_at = float("-inf")
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"journal {name}")

    def write(self, what: str, job: Job) -> None:
        """Do `job` after all jobs before it; tried again while the store is away."""
        self._jobs.append((what, job))
        self._wake.set()

    def mark_changed(self) -> None:
        """Save a snapshot soon; many changes in a second make one."""
        self._is_dirty = True
        self._wake.set()

    async def close(self) -> None:
        """Write what waits, within CLOSE_TIMEOUT_S, and end."""
        self._closing.set()
        self._wake.set()
        _, late = await asyncio.wait([self._task], timeout=CLOSE_TIMEOUT_S)
        if late:
            log.error("room %s: %d records were not written", self._name, len(self._jobs))
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
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
        await self._keep_trying("snapshot", lambda: self._save(self._snapshot()))

    async def _write_jobs(self) -> None:
        while self._jobs:
            what, job = self._jobs[0]
            await self._keep_trying(what, job)
            # A full queue may have dropped it from the front meanwhile.
            if self._jobs and self._jobs[0][1] is job:
                self._jobs.popleft()

    async def _keep_trying(self, what: str, job: Job) -> None:
        """Until it worked; a failure that waiting cannot mend is logged and passed over."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await job()
                return
            except (Unavailable, TimeoutError) as error:
                log.warning("room %s: %s waits for the store: %s", self._name, what, error)
            except ConfhubError as error:
                log.warning("room %s: %s was refused: %s", self._name, what, error)
                return
            except Exception:
                log.exception("room %s: %s failed", self._name, what)
                return
            await asyncio.sleep(retry_s)
            retry_s = min(2 * retry_s, LAST_RETRY_S)
