"""Claims of a hub that stops, or that loses its database for a while: what it took and did not do
is another's at once, what it did is put on record."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from confhub.errors import ConfhubError, Unavailable
from confhub.pauses import Pauses

T = TypeVar("T")
log = logging.getLogger(__name__)

# Should the database take longer, the lease ends by itself.
GIVE_BACK_S = 2.0
# A lock is gone within a second. Whoever stops has one more try within GIVE_BACK_S.
_PAUSES = Pauses(first_s=0.1, last_s=1.0)


async def claimed(claim: Coroutine[Any, Any, T], give_back: Callable[[T], Awaitable[None]]) -> T:
    """What `claim` brings. Whoever is cancelled meanwhile gives it back: it may be written already,
    and only after a crash its lease has to end."""
    task = asyncio.get_running_loop().create_task(claim, name="claim")
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await in_time(_give_back(task, give_back))
        raise


async def in_time(giving_back: Awaitable[None]) -> None:
    """Give back, as far as the database answers in time."""
    with contextlib.suppress(ConfhubError, TimeoutError, OSError):
        async with asyncio.timeout(GIVE_BACK_S):
            await giving_back


async def surely(write: Callable[[], Awaitable[object]]) -> None:
    """Put on record what happened outside, which nobody else knows: again until the database takes
    it. `write` may be done twice. Whoever is cancelled meanwhile goes on with it in time."""
    task = asyncio.get_running_loop().create_task(_until_written(write), name="on record")
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await in_time(task)
        raise


async def _until_written(write: Callable[[], Awaitable[object]]) -> None:
    failures = 0
    while True:
        try:
            await write()
            return
        except Unavailable as error:
            failures += 1
            if failures == 1:
                log.warning("what was done is not on record yet: %s", error)
        await asyncio.sleep(_PAUSES.after(failures, random.random()))  # noqa: S311


async def _give_back(task: asyncio.Future[T], give_back: Callable[[T], Awaitable[None]]) -> None:
    await give_back(await task)
