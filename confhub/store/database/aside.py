"""Work on thousands of rows, kept off the event loop that forwards sound.

The database answers in a thread of its own anyway; what takes long is making objects of its rows.
A second loop, in a thread, with connections of its own does both.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from confhub.errors import Unavailable
from confhub.rounds import Place
from confhub.store.database.engines import MOST_WAITING, POOL_TIMEOUT_S, THREADS_END_WITHIN_S
from confhub.turns import ASKER, Turns

T = TypeVar("T")

# So many read at once; more would only share one core, and leave the others nothing.
READERS = 2
# Of one asker so many may wait: a page has some ten questions, a browser opens six pages at once.
MOST_OF_ONE = 64


class Aside:
    """A loop in a thread, which begins with the first work and ends with `close`.

    A read waits for its turn, in the line of whoever asks, for `turn_timeout_s`, and is then a
    TimeoutError. Whoever asks much has one read at work at a time, so that there is another for
    others; the hub itself may have all. After `close` everything is Unavailable.
    """

    def __init__(self, turn_timeout_s: float = POOL_TIMEOUT_S) -> None:
        self._turn_timeout_s = turn_timeout_s
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._at_work: set[asyncio.Task[Any]] = set()
        self._turns = Turns(READERS, MOST_WAITING)  # taken there
        self._own: dict[Place, Turns] = {}  # of those who ask now; there too

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns or raises there. Whoever is cancelled here cancels it."""
        return await self._there(work)

    async def read(self, work: Callable[[], Awaitable[T]]) -> T:
        """As `run`, when it is its turn among READERS."""
        who = ASKER.get()
        return await self._there(lambda: self._in_turn(who, work))

    async def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Stop what is at work there, do `last`, end the thread. Nothing if it never began."""
        self._closed = True
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        try:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._end(last), loop))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            await asyncio.to_thread(thread.join)

    async def _there(self, work: Callable[[], Awaitable[T]]) -> T:
        loop = self._started()

        async def there() -> T:
            task = cast("asyncio.Task[T]", asyncio.current_task())
            self._at_work.add(task)
            try:
                return await work()
            finally:
                self._at_work.discard(task)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), loop))

    async def _end(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        for task in self._at_work:
            # Who is cancelled closes its connection when the statement is through. Cancelled once
            # more it would end the driver's thread, and the task that closes would wait for ever.
            if not task.cancelling():
                task.cancel()
        # Those give their connections back by tasks of the driver's, which are not to be cut short.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(THREADS_END_WITHIN_S):
                while others := asyncio.all_tasks() - {asyncio.current_task()}:
                    await asyncio.wait(others)
        await last()

    async def _in_turn(self, who: Place, work: Callable[[], Awaitable[T]]) -> T:
        async with contextlib.AsyncExitStack() as turns:
            async with asyncio.timeout(self._turn_timeout_s):
                if who:
                    await turns.enter_async_context(self._one_at_a_time(who))
                await turns.enter_async_context(self._turns.turn(*who))
            return await work()

    @contextlib.asynccontextmanager
    async def _one_at_a_time(self, who: Place) -> AsyncIterator[None]:
        own = self._own.setdefault(who, Turns(1, MOST_OF_ONE))
        try:
            async with own.turn():
                yield
        finally:
            if own.is_idle:
                self._own.pop(who, None)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise Unavailable(code="store_unavailable")
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_run, args=(self._loop,), name="store aside", daemon=True
            )
            self._thread.start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
