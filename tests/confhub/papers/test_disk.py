"""A disk that hangs holds up who asks it, and nobody else."""

from __future__ import annotations

import asyncio
import threading

import pytest

from confhub.errors import NotFound
from confhub.papers.disk import THREADS, at_disk


async def test_a_disk_that_hangs_takes_no_thread_of_the_rest() -> None:
    hang, comes_back = threading.Semaphore(0), threading.Event()

    def ask() -> bool:
        hang.release()
        return comes_back.wait(60)

    asking = [asyncio.create_task(at_disk(ask)) for _ in range(20 * THREADS)]
    try:
        for _ in range(THREADS):
            assert await asyncio.to_thread(hang.acquire, timeout=30)
        assert not any(one.done() for one in asking)
    finally:
        comes_back.set()
    assert all(await asyncio.gather(*asking))


async def test_what_is_found_or_raised_comes_back() -> None:
    def gone() -> None:
        raise NotFound

    assert await at_disk(sorted, [2, 1], reverse=True) == [2, 1]
    with pytest.raises(NotFound):
        await at_disk(gone)
