"""Reads of thousands of rows, kept off the event loop that forwards sound.

The database answers in a thread of its own anyway; what takes long is making objects of its rows.
A second loop, in a thread, with connections of its own does both.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# So many read at once; more would only share one core, and leave the others nothing.
READERS = 2


class Aside:
    """A loop in a thread, which begins with the first work and ends with `close`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._turns: asyncio.Semaphore | None = None

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns or raises there. Whoever is cancelled here cancels it."""
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._in_turn(work), self._started())
        )

    async def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Stop what is at work there, do `last`, end the thread. Nothing if it never began."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        try:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_end(last), loop))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            await asyncio.to_thread(thread.join)

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        if self._turns is None:
            self._turns = asyncio.Semaphore(READERS)
        async with self._turns:
            return await work()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._turns = None
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_run, args=(self._loop,), name="store aside", daemon=True
            )
            self._thread.start()
        return self._loop


async def _end(last: Callable[[], Coroutine[Any, Any, None]]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
