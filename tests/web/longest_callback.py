"""The callback of the event loop that computes longest while a page is asked for.

What is measured is the time on a core of each callback of the loop's thread, so the answer is the
same on a busy machine. The browser is a thread of its own.
"""

from __future__ import annotations

import asyncio
import gc
import http.client
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from confhub.hub.steadiness import be_steady

MOST_MS = 20.0  # one packet of sound
# The first answer reads templates and fills caches, once a start. What is slow by chance (another
# program emptied the core's cache) is not slow three times.
TRIES = 3
# A stream never ends and a socket wants more than a GET: their beginning is what is measured.
FIRST_BYTES = 1_000
WAIT_S = 60.0


@dataclass
class Longest:
    """The callback of the loop's thread that computed longest since `begin`."""

    ms: float = 0.0
    _thread: int = field(default_factory=threading.get_ident)

    def begin(self) -> None:
        self.ms = 0.0

    def note(self, took_s: float) -> None:
        if threading.get_ident() == self._thread:
            self.ms = max(self.ms, took_s * 1000)

    async def of(self, ask: Callable[[], Awaitable[None]]) -> float:
        """The milliseconds of what is asked some times, at its best but for the first."""
        tries = []
        for _ in range(1 + TRIES):
            self.begin()
            await ask()
            tries.append(self.ms)
            if len(tries) > 1 and self.ms < MOST_MS:
                break
        return min(tries[1:])


@contextmanager
def longest_callback() -> Iterator[Longest]:
    found, run = Longest(), asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        found.note(time.thread_time() - began)

    kept = sys.getswitchinterval(), gc.get_threshold()
    be_steady()  # as every hub; what pytest itself holds is no page's work
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio.Handle, "_run", timed)
            yield found
    finally:
        gc.unfreeze()
        gc.set_threshold(*kept[1])
        sys.setswitchinterval(kept[0])


def ask(
    port: int,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> tuple[int, str]:
    """The status of an answer, whose beginning was read, and that beginning; a POST if there is a
    body."""
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    try:
        browser.request("GET" if body is None else "POST", path, body, dict(headers))
        answer = browser.getresponse()
        first = answer.read1(FIRST_BYTES)
        while answer.length:
            answer.read(1 << 16)
        return answer.status, first.decode(errors="replace")
    finally:
        browser.close()
