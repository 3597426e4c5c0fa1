"""The threads that wait for the disk of papers, and for nothing else.

It may be a share of the network, and one that hangs takes every thread that asks it: the rest of
the program waits for names, mail servers and its own files in others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

# A disk does little more at once; 64 uploads and their readers stand in line for it.
THREADS = 4
_DISK = ThreadPoolExecutor(THREADS, thread_name_prefix="papers")

P = ParamSpec("P")
T = TypeVar("T")


async def at_disk(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises. Cancelled before its turn, it is not begun; in its turn, it
    is not stopped."""
    return await asyncio.get_running_loop().run_in_executor(_DISK, lambda: work(*args, **kwargs))
