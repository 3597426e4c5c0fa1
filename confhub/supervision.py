"""Tasks that live as long as what owns them, and never die silently.

Whatever goes on beside requests (a room's loop, a listener, a clock) is made by `supervise`: it has
a name, its failures are logged and counted, and it is started again after a growing pause. Tasks
of one request, socket or handshake are their owner's own, and end with it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from confhub.errors import ConfhubError
from confhub.pauses import Pauses

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]

# News that start again after 5 s are missed for no longer than a page shows old ones anyway.
PAUSES = Pauses(first_s=0.1, last_s=5.0)
# Six times the longest pause: who lasted so long did not start only to fail.
STEADY_S = 30.0
# What fails for hours says so once a minute: every failure at first, then each twelfth.
LOUD_FAILURES, THEN_EACH = 8, 12


class Supervised:
    """One supervised task; made by `supervise`. `close` it, or let it end by itself."""

    def __init__(
        self,
        work: Work,
        name: str,
        of: str,
        *,
        ends: bool,
        most_failures: int | None,
        at_end: Work | None,
        pauses: Pauses,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.name = name
        self.of = of
        self._work = work
        self._ends = ends
        self._most_failures = most_failures
        self._at_end = at_end
        self._pauses = pauses
        self._failures = 0  # in a row
        self._now = loop.time
        self._began = self._now()
        self._is_pausing = False
        self._ledger = ledger()
        self.task = loop.create_task(self._run(), name=str(self))
        self._ledger.add(self)
        # Cancelled before its first step a task does nothing at all, not even its `finally`.
        self.task.add_done_callback(lambda _: self._ledger.tasks.discard(self))

    def __str__(self) -> str:
        return f"{self.name} {self.of}".rstrip()

    @property
    def is_failing(self) -> bool:
        """It failed, and has not been at work for STEADY_S since."""
        return self._failures > 0 and (self._is_pausing or not self._is_steady())

    def done(self) -> bool:
        return self.task.done()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Until it has ended, or the time is over; whether it has ended."""
        done, _ = await asyncio.wait([self.task], timeout=timeout_s)
        return bool(done)

    async def close(self) -> None:
        """End it; returns when it has ended."""
        self.task.cancel()
        await asyncio.wait([self.task])

    async def _run(self) -> None:
        try:
            while await self._has_failed():
                self._is_pausing = True
                pause_s = self._pauses.after(self._failures, random.random())  # noqa: S311
                await asyncio.sleep(pause_s)
                self._is_pausing = False
        finally:
            await self._end()

    async def _has_failed(self) -> bool:
        """Work; True when it failed and is to be started again."""
        self._began = self._now()
        try:
            await self._work()
            if self._ends:
                return False
            raise RuntimeError("ended by itself")
        except Exception as error:
            self._failures = 1 if self._is_steady() else self._failures + 1
            self._ledger.failures[self.name] += 1
            goes_on = self._most_failures is None or self._failures < self._most_failures
            self._log(error, goes_on)
            return goes_on

    def _is_steady(self) -> bool:
        return self._now() - self._began >= STEADY_S

    def _log(self, error: Exception, goes_on: bool) -> None:
        then = "is started again" if goes_on else "is given up"
        if goes_on and self._failures > LOUD_FAILURES and self._failures % THEN_EACH:
            return
        if isinstance(error, ConfhubError | OSError):  # a part that is away: no defect of ours
            log.warning("%s failed and %s (%d in a row): %r", self, then, self._failures, error)
        else:
            log.error("%s failed and %s (%d in a row)", self, then, self._failures, exc_info=error)

    async def _end(self) -> None:
        if self._at_end is None:
            return
        try:
            await self._at_end()
        except Exception:
            log.exception("%s did not end well", self)


class Ledger:
    """The supervised tasks of one event loop, and how often those of each name failed."""

    def __init__(self) -> None:
        self.tasks: set[Supervised] = set()
        self.failures: Counter[str] = Counter()

    def add(self, task: Supervised) -> None:
        self.tasks.add(task)
        self.failures[task.name] += 0  # a series that begins at 0 shows its first failure

    def running(self) -> Counter[str]:
        """How many there are of each name; 0 of those that have ended."""
        found = Counter(dict.fromkeys(self.failures, 0))
        found.update(task.name for task in self.tasks)
        return found

    def failing(self) -> Counter[str]:
        """How many of each name fail now; 0 of the others."""
        found = Counter(dict.fromkeys(self.failures, 0))
        found.update(task.name for task in self.tasks if task.is_failing)
        return found


_ledgers: WeakKeyDictionary[asyncio.AbstractEventLoop, Ledger] = WeakKeyDictionary()


def ledger() -> Ledger:
    """The running loop's; as asyncio knows all tasks of a loop, this knows the supervised ones."""
    loop = asyncio.get_running_loop()
    found = _ledgers.get(loop)
    if found is None:
        found = _ledgers[loop] = Ledger()
    return found


def supervise(
    work: Work,
    name: str,
    of: str = "",
    *,
    ends: bool = False,
    most_failures: int | None = None,
    at_end: Work | None = None,
    pauses: Pauses = PAUSES,
) -> Supervised:
    """Do `work` until it is closed, again whenever it fails.

    `name` says which kind, a word of a few; `of` which one, such as a meeting's id. Work that
    `ends` may return; otherwise its return is a failure. `work` is called anew each time, so what
    must outlive a failure is kept outside of it. After `most_failures` in a row it is given up.
    `at_end` is done once, when nothing is started any more: ended, given up or closed.
    """
    return Supervised(
        work, name, of, ends=ends, most_failures=most_failures, at_end=at_end, pauses=pauses
    )
