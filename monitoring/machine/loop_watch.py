"""How long the event loop lets others wait, and who held it.

Sound comes in packets of 20 ms and is forwarded by the loop that serves the pages too: a handler
that computes for 200 ms is a hole of 200 ms in every running meeting. A beat every few
milliseconds measures it, and a thread of its own looks at the loop's stack while a beat is late;
where one call into C kept that thread out too, what an interrupt found is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import sysconfig
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import monitoring
from confhub.supervision import supervise
from monitoring.machine import interrupts
from monitoring.machine.held import Holder, name_holder, read_stack

log = logging.getLogger(__name__)

# A hold is measured to within one beat; two hundred beats a second cost 0.2 % of a core.
BEAT_S = 0.005
# The thread's look at the beat: soon enough to catch a hold of one packet of sound.
LOOK_S = 0.01
# A loop that stood still for minutes (a stopped process) is one hold, not 10,000 late beats.
MOST_MISSED = 2_000
# Somebody who keeps a page reloading must not fill the disk.
TELL_EVERY_S = 1.0
# A thread that was kept from looking for so much of a hold saw nothing of it.
UNSEEN_FRACTION = 0.5
# Where our modules, the libraries', and Python's own are imported from.
_ROOTS = (
    str(Path(monitoring.__file__).parents[1]),
    sysconfig.get_path("purelib"),
    str(Path(os.__file__).parent),
)
# A hundred places of each of some twenty threads; what is beyond is not needed to name one.
_MOST_DUMPED_BYTES = 256 * 1024


class Hold(NamedTuple):
    """One late beat: when it was due (monotonic), how late it came, and how much of that the loop's
    thread was on a core; seconds."""

    due: float = 0.0
    held_s: float = 0.0
    worked_s: float = 0.0


class LoopWatch:
    """Watches the running loop while `running` is open.

    `observe` gets how long something that came at each beat's time had to wait, in seconds; so a
    hold of 50 ms counts ten times, for the ten moments within it. Holds of `tell_s` and more are
    logged with the handler's name, the longest of each second; 0: none. A hold with little time on
    a core was the machine's: other programs, or threads of ours, had it.
    """

    def __init__(self, observe: Callable[[float], None], tell_s: float) -> None:
        self._observe = observe
        self._tell_s = tell_s
        self._due = 0.0
        self._beat: asyncio.TimerHandle | None = None
        self._stopped = threading.Event()
        self._broken: asyncio.Future[None] | None = None
        self._worked_s = 0.0  # of the loop's thread on a core, up to the last beat
        self._last = Hold()  # that is worth telling
        self._worst = Hold()  # since the last line
        self._holder = Holder()  # who that was
        self._told_at = 0.0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        watch = supervise(self._watch, "loop watch")
        try:
            yield
        finally:
            await watch.close()

    async def _watch(self) -> None:
        """Raises what broke the beat, or the look at it."""
        loop = asyncio.get_running_loop()
        broken = self._broken = loop.create_future()
        self._stopped = threading.Event()
        self._due = time.monotonic() + BEAT_S
        self._next_beat()

        def look() -> None:
            try:
                self._look(loop_thread)
            except Exception as error:
                loop.call_soon_threadsafe(_break, broken, error)

        loop_thread = threading.get_ident()
        looking = threading.Thread(target=look, name="loop watch", daemon=True)
        if self._tell_s > 0:
            looking.start()
        try:
            await broken
        finally:
            self._stopped.set()
            if self._beat is not None:
                self._beat.cancel()
            interrupts.disarm()
            if looking.is_alive():
                # It looks every few milliseconds; the loop may wait for it that long.
                looking.join()

    def _next_beat(self) -> None:
        delay = max(self._due - time.monotonic(), 0.0)
        self._beat = asyncio.get_running_loop().call_later(delay, self._take_beat)

    def _take_beat(self) -> None:
        try:
            self._note_beat()
        except Exception as error:
            _break(self._broken, error)
        else:
            self._next_beat()

    def _note_beat(self) -> None:
        now, due, worked_s = time.monotonic(), self._due, time.thread_time()
        if now - due >= self._tell_s > 0:
            self._last = Hold(due, now - due, worked_s - self._worked_s)
        self._worked_s = worked_s
        for _ in range(MOST_MISSED):
            self._observe(max(now - due, 0.0))
            due += BEAT_S
            if due > now:
                break
        self._due = max(due, now)
        if self._tell_s > 0:
            interrupts.rearm()

    def _look(self, loop_thread: int) -> None:
        """In a thread of its own: who is at work while a beat is overdue, and for how long."""
        with open(os.memfd_create("stacks"), "w+b", buffering=0) as stacks:  # noqa: PTH123
            looked_at = time.monotonic()
            while not self._stopped.wait(LOOK_S):
                due = self._due
                if time.monotonic() - due >= min(LOOK_S, self._tell_s):
                    self._follow(loop_thread, due, looked_at, stacks)
                self._tell()
                looked_at = time.monotonic()
                interrupts.forget()

    def _follow(self, loop_thread: int, due: float, looked_at: float, stacks: BinaryIO) -> None:
        """Until the beat that was due has come: whom most looks found at work held the loop.

        `looked_at`: when there was a look before it was due, monotonic seconds.
        """
        seen: Counter[str] = Counter()
        places: dict[str, Holder] = {}
        kept_out_s = 0.0
        while self._due == due:
            now = time.monotonic()
            kept_out_s, looked_at = max(kept_out_s, now - looked_at), now
            holder = name_holder(read_stack(_dump(stacks), loop_thread, _ROOTS))
            seen[holder.handler] += 1
            places[holder.handler] = holder
            if self._stopped.wait(LOOK_S / 2):
                return
        kept_out_s = max(kept_out_s, time.monotonic() - looked_at)
        hold = self._last
        if hold.due != due or hold.held_s <= self._worst.held_s:
            return
        self._worst = hold
        self._holder = places[seen.most_common(1)[0][0]] if seen else Holder()
        if kept_out_s >= hold.held_s * UNSEEN_FRACTION:
            stack = read_stack(interrupts.last_stack(), loop_thread, _ROOTS)
            self._holder = name_holder(stack) if stack else self._holder

    def _tell(self) -> None:
        held_s, worked_s = self._worst.held_s, self._worst.worked_s
        now = time.monotonic()
        if not held_s or now - self._told_at < TELL_EVERY_S:
            return
        log.warning(
            "event loop held for %.0f ms (%.0f on a core) by %s, at %s",
            held_s * 1000,
            worked_s * 1000,
            self._holder.handler,
            self._holder.at,
        )
        self._worst, self._told_at = Hold(), now


def _dump(stacks: BinaryIO) -> str:
    """The stacks of all threads.

    sys._current_frames makes frames of threads that are at work, which a collection of garbage in
    a third thread can trip over: Python 3.11 was seen to hang and to crash so.
    """
    stacks.seek(0)
    stacks.truncate()
    faulthandler.dump_traceback(stacks)
    stacks.seek(0)
    return stacks.read(_MOST_DUMPED_BYTES).decode("utf-8", "replace")


def _break(watch: asyncio.Future[None] | None, error: Exception) -> None:
    if watch is not None and not watch.done():
        watch.set_exception(error)
