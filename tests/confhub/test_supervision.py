"""A supervised task goes on after a failure, and never dies unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from confhub.errors import Unavailable
from confhub.pauses import Pauses
from confhub.supervision import STEADY_S, ledger, supervise
from tests.waiting import until

AT_ONCE = Pauses(first_s=0.0, last_s=0.0)
FOR_EVER = Pauses(first_s=3600.0, last_s=3600.0)


class Work:
    """Fails as often as it is told, and then waits for ever."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.starts = 0

    async def __call__(self) -> None:
        self.starts += 1
        if self.failures:
            raise self.failures.pop(0)
        await asyncio.Event().wait()


async def holds(condition: Callable[[], object]) -> None:
    async def is_so() -> bool:
        return bool(condition())

    await until(is_so)


async def test_what_fails_is_logged_counted_and_started_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = Work(ZeroDivisionError(), Unavailable(code="bus_unavailable"))
    task = supervise(work, "reports", "hub-1", pauses=AT_ONCE)
    assert task.task.get_name() == "reports hub-1"
    assert ledger().failures == {"reports": 0}
    await holds(lambda: work.starts == 3)
    assert ledger().failures == {"reports": 2}
    assert ledger().running() == {"reports": 1}
    defect, away = caplog.records
    assert (defect.levelno, bool(defect.exc_info)) == (logging.ERROR, True)
    assert (away.levelno, bool(away.exc_info)) == (logging.WARNING, False)
    await task.close()
    assert task.done()
    assert ledger().running() == {"reports": 0}


async def test_what_should_go_on_for_ever_and_ends_has_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    starts = 0

    async def ends() -> None:
        nonlocal starts
        starts += 1
        if starts > 1:
            await asyncio.Event().wait()

    task = supervise(ends, "listener", pauses=AT_ONCE)
    await holds(lambda: starts == 2)
    assert "ended by itself" in caplog.text
    await task.close()


async def test_what_may_end_ends_and_says_its_last_word_once() -> None:
    last: list[str] = []

    async def ends() -> None:
        last.append("work")

    async def at_end() -> None:
        last.append("end")

    task = supervise(ends, "journal", ends=True, at_end=at_end)
    assert await task.wait(10)
    assert last == ["work", "end"]
    assert ledger().failures == {"journal": 0}
    assert ledger().tasks == set()


async def test_what_keeps_failing_is_given_up_if_so_wished(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended = asyncio.Event()

    async def at_end() -> None:
        ended.set()
        raise OSError("the end breaks too")

    work = Work(*(ZeroDivisionError() for _ in range(9)))
    task = supervise(work, "room", "m1", most_failures=3, at_end=at_end, pauses=AT_ONCE)
    assert await task.wait(10)
    assert (work.starts, ended.is_set()) == (3, True)
    assert "room m1 failed and is given up (3 in a row)" in caplog.text
    assert "room m1 did not end well" in caplog.text


async def test_a_task_in_its_pause_is_failing_and_can_be_closed() -> None:
    task = supervise(Work(ZeroDivisionError()), "clock", pauses=FOR_EVER)
    await holds(lambda: ledger().failures["clock"])
    assert task.is_failing
    assert ledger().failing() == {"clock": 1}
    assert not await task.wait(0)
    async with asyncio.timeout(10):
        await task.close()
    assert ledger().failing() == {"clock": 0}


async def test_a_task_that_lasted_after_its_failure_begins_anew_to_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = Work(ZeroDivisionError(), ZeroDivisionError())
    task = supervise(work, "clock", pauses=AT_ONCE)
    await holds(lambda: work.starts == 3)
    assert task.is_failing
    later = asyncio.get_running_loop().time() + STEADY_S
    monkeypatch.setattr(task, "_now", lambda: later)
    assert not task.is_failing
    assert ledger().failing() == {"clock": 0}
    await task.close()


async def test_an_outage_of_hours_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(*(Unavailable() for _ in range(100)))
    task = supervise(work, "listener", pauses=AT_ONCE)
    await holds(lambda: work.starts == 101)
    assert len(caplog.records) == 8 + 8
    await task.close()
