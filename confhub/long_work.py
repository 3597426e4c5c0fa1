"""Work that waits for nothing but takes long, beside the event loop.

`in_turn`: a file of faults or of a whole country takes a core for a second or two, in a thread of
its own. The event loop forwards sound meanwhile; a second such file waits for its turn, since two
would only share that core.

`beside`: what a page needs takes some tens of milliseconds. Two pieces at once, each in the line of
whoever asks (confhub.turns): a crowd of one account delays its own, and never takes the threads in
which the rest of the program waits for names, files and mail servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from confhub.errors import N_, Unavailable
from confhub.rounds import Place
from confhub.turns import ASKER, Turns, asker

_WORKER = ThreadPoolExecutor(1, thread_name_prefix="long work")
# Eight files of two seconds are what a person waits for; each also holds its bytes in memory.
MOST_WAITING = 8
# Of them so many of one account, which leaves others a place.
MOST_OF_ONE = 3
# Given back by the thread when it has passed a piece, also one that nobody waits for any more.
_PLACES = threading.BoundedSemaphore(MOST_WAITING)
_BY_ASKER: Counter[Place] = Counter()

# More threads would share the same interpreter: each only makes the loop wait longer for it.
_BESIDE = ThreadPoolExecutor(2, thread_name_prefix="beside")
# As many may wait as there may be connections.
_TURNS = Turns(2, 65_536)

P = ParamSpec("P")
T = TypeVar("T")


async def beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises, in its turn. Cancelled, it is not stopped."""
    piece = partial(contextvars.copy_context().run, partial(work, *args, **kwargs))
    async with _TURNS.turn(*ASKER.get()):
        return await asyncio.get_running_loop().run_in_executor(_BESIDE, piece)


async def in_turn(work: Callable[..., T], *arguments: object) -> T:
    """What `work` returns or raises; Unavailable when too many wait already, or too many of the
    same asker (confhub.turns).

    Cancelled before its turn, `work` is not begun; in its turn, it is not stopped.
    """
    who = asker()
    if (who and _BY_ASKER[who] >= MOST_OF_ONE) or not _PLACES.acquire(blocking=False):
        raise Unavailable(N_("Nhiều tệp lớn đang được xử lý. Xin thử lại sau ít phút."))
    left = threading.Event()

    def piece() -> T:
        if left.is_set():
            raise CancelledError
        return work(*arguments)

    try:
        doing = _WORKER.submit(piece)
    except RuntimeError:  # the program ends
        _PLACES.release()
        raise
    doing.add_done_callback(lambda _doing: _PLACES.release())
    _BY_ASKER[who] += 1
    told = asyncio.wrap_future(doing)
    told.add_done_callback(partial(_take_note, who))
    try:
        # Not to be cancelled in the queue, which would keep its bytes and count it no more.
        return await asyncio.shield(told)
    except asyncio.CancelledError:
        left.set()
        raise


def let_go(held: list[object]) -> None:
    """Empty the list in a thread: what nothing else holds is freed there. A country's rows take
    tens of milliseconds, on the event loop as well."""
    with contextlib.suppress(RuntimeError):  # the program ends
        _BESIDE.submit(held.clear)


def _take_note(who: Place, told: asyncio.Future[T]) -> None:
    """Whoever left is not there to hear how it ended."""
    _BY_ASKER[who] -= 1
    if not _BY_ASKER[who]:
        del _BY_ASKER[who]
    if not told.cancelled():
        told.exception()
