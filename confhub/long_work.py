"""Work of seconds that waits for nothing: one piece at a time, in a thread of its own.

A file of faults or of a whole country takes a core for a second or two. The event loop forwards
sound meanwhile; a second such file waits for its turn, since two would only share that core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from confhub.errors import N_, Unavailable

_WORKER = ThreadPoolExecutor(1, thread_name_prefix="long work")
# Eight files of two seconds are what a person waits for; each also holds its bytes in memory.
MOST_WAITING = 8
_waiting = 0

T = TypeVar("T")


async def in_turn(work: Callable[..., T], *arguments: object) -> T:
    """What `work` returns or raises; Unavailable when too many wait already."""
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Unavailable(N_("Nhiều tệp lớn đang được xử lý. Xin thử lại sau ít phút."))
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_WORKER, work, *arguments)
    finally:
        _waiting -= 1
