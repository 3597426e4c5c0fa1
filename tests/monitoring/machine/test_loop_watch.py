"""Who held the event loop, and for how long: measured on a real loop that really stands still."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence

import pytest

from monitoring.machine.held import NOBODY, UNKNOWN, Holder, Place, name_holder, read_stack
from monitoring.machine.interrupts import FIRST_S
from monitoring.machine.loop_watch import BEAT_S, LoopWatch
from tests.waiting import until

HOLD_S = 0.12


def stand_still() -> None:
    end = time.monotonic() + HOLD_S
    while time.monotonic() < end:
        pass


async def seen(condition: Callable[[], bool]) -> None:
    async def holds() -> bool:
        return condition()

    await until(holds)


async def test_every_moment_of_a_hold_counts_with_its_own_wait() -> None:
    waits: list[float] = []
    watch = LoopWatch(waits.append, 0)
    async with watch.running():
        await seen(lambda: bool(waits))
        stand_still()
        await seen(lambda: max(waits) >= HOLD_S - 2 * BEAT_S)
    held = [wait for wait in waits if wait > BEAT_S]
    # 120 ms hold some 24 moments, which waited 120, 115, 110 ms and so on.
    assert len(held) >= HOLD_S / BEAT_S / 2
    assert max(held) - min(held) > HOLD_S / 2


async def test_the_log_names_the_handler_that_held_the_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits: list[float] = []
    watch = LoopWatch(waits.append, 0.06)
    with caplog.at_level(logging.WARNING, logger="monitoring.machine.loop_watch"):
        async with watch.running():
            await seen(lambda: bool(waits))
            stand_still()
            await seen(lambda: "test_loop_watch.stand_still:" in caplog.text)
    assert "event loop held for" in caplog.text


async def test_one_call_into_c_is_named_with_its_time_on_a_core(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It keeps the interpreter to itself: no thread can look while it runs."""
    waits: list[float] = []
    watch = LoopWatch(waits.append, 0.06)

    def work_in_one_call() -> None:
        sum(range(20_000_000))  # a third of a second

    with caplog.at_level(logging.WARNING, logger="monitoring.machine.loop_watch"):
        async with watch.running():
            await seen(lambda: bool(waits))
            work_in_one_call()
            await seen(lambda: "work_in_one_call:" in caplog.text)
    told = re.search(r"held for (\d+) ms \((\d+) on a core\)", caplog.text)
    assert told
    assert int(told[2]) > FIRST_S * 1000


async def test_a_beat_that_breaks_is_taken_up_again(caplog: pytest.LogCaptureFixture) -> None:
    waits: list[float] = []

    def observe(wait_s: float) -> None:
        waits.append(wait_s)
        if len(waits) == 3:
            raise ZeroDivisionError

    watch = LoopWatch(observe, 3600.0)
    async with watch.running():
        await seen(lambda: len(waits) > 6)
    assert "loop watch failed and is started again" in caplog.text


async def test_a_look_that_breaks_is_taken_up_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = [ZeroDivisionError()]

    def name(stack: Sequence[Place]) -> Holder:
        if found:
            raise found.pop()
        return name_holder(stack)

    monkeypatch.setattr("monitoring.machine.loop_watch.name_holder", name)
    waits: list[float] = []
    watch = LoopWatch(waits.append, 0.06)

    async def is_named() -> bool:
        stand_still()
        return "test_loop_watch.stand_still:" in caplog.text

    async with watch.running():
        await seen(lambda: bool(waits))
        await until(is_named)
    assert "loop watch failed and is started again" in caplog.text


async def test_a_short_hold_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    waits: list[float] = []
    watch = LoopWatch(waits.append, 3600.0)
    with caplog.at_level(logging.WARNING, logger="monitoring.machine.loop_watch"):
        async with watch.running():
            await seen(lambda: bool(waits))
            stand_still()
            await seen(lambda: max(waits, default=0.0) > HOLD_S / 2)
    assert "event loop held" not in caplog.text


def test_middlewares_are_not_named_for_what_they_hand_on_to() -> None:
    stack = [
        Place("confhub.units.unit", "look", 3),
        Place("web.pages.registry.sites", "list_page", 40),
        Place("web.middleware", "guard", 12),
        Place("asyncio.runners", "run", 118),
        Place("confhub.__main__", "main", 60),
    ]
    assert name_holder(stack) == Holder(
        "web.pages.registry.sites.list_page", "confhub.units.unit.look:3"
    )


def test_a_supervised_task_is_named_for_its_work() -> None:
    stack = [
        Place("rooms.running.loop", "_keep_time", 250),
        Place("rooms.running.loop", "_run", 220),
        Place("confhub.supervision", "_has_failed", 99),
        Place("confhub.supervision", "_run", 88),
        Place("asyncio.runners", "run", 118),
    ]
    assert name_holder(stack).handler == "rooms.running.loop._run"


def test_a_loop_that_waits_was_held_by_nobody_here() -> None:
    waiting = [Place("asyncio.runners", "run", 118), Place("confhub.__main__", "main", 60)]
    assert name_holder(waiting) == Holder(NOBODY, "asyncio.runners.run:118")
    assert name_holder([]) == Holder(UNKNOWN, UNKNOWN)


def test_the_stack_of_one_thread_is_read_from_the_dump_of_all() -> None:
    dump = """\
Thread 0x00007f0000000010 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 331 in wait

Current thread 0x00007f0000000020 (most recent call first):
  Garbage-collecting
  File "/usr/lib/python3.11/json/encoder.py", line 258 in iterencode
  File "/srv/site-packages/web/pages/home.py", line 7 in show
  File "/srv/site-packages/confhub/commands/__init__.py", line 74 in run
  File "<string>", line 1 in <module>
  ...
"""
    stack = read_stack(dump, 0x7F0000000020, ("/srv/site-packages", "/srv", "/usr/lib/python3.11"))
    assert stack == [
        Place("json.encoder", "iterencode", 258),
        Place("web.pages.home", "show", 7),
        Place("confhub.commands", "run", 74),
        Place("<string>", "<module>", 1),
    ]
    assert read_stack(dump, 0x7F0000000030, ()) == []
