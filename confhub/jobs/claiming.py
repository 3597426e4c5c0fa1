"""Claims of a hub that stops: what it took and did not do is another's at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from confhub.errors import ConfhubError

T = TypeVar("T")

# Should the database take longer, the lease ends by itself.
GIVE_BACK_S = 2.0


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


async def _give_back(task: asyncio.Future[T], give_back: Callable[[T], Awaitable[None]]) -> None:
    await give_back(await task)
