"""Who held the event loop, and for how long: measured on a real loop that really stands still."""

from __future__ import annotations

import logging
import sys
import time
import types
from collections.abc import Callable

import pytest

from monitoring.machine.held import NOBODY, UNKNOWN, Holder, name_holder
from monitoring.machine.loop_watch import BEAT_S, LoopWatch
from tests.waiting import until

HOLD_S = 0.12


def as_in(module: str, work: Callable[..., object]) -> Callable[..., object]:
    """The function as if it stood in another module."""
    known = {**work.__globals__, "__name__": module}
    return types.FunctionType(work.__code__, known, work.__name__, None, work.__closure__)


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
    slow_page = as_in("web.pages.slow_ones", stand_still)
    waits: list[float] = []
    watch = LoopWatch(waits.append, 0.06)
    with caplog.at_level(logging.WARNING, logger="monitoring.machine.loop_watch"):
        async with watch.running():
            await seen(lambda: bool(waits))
            slow_page()
            await seen(lambda: "web.pages.slow_ones.stand_still" in caplog.text)
    assert "event loop held for" in caplog.text


async def test_a_short_hold_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    waits: list[float] = []
    watch = LoopWatch(waits.append, 3600.0)
    with caplog.at_level(logging.WARNING, logger="monitoring.machine.loop_watch"):
        async with watch.running():
            stand_still()
            await seen(lambda: max(waits, default=0.0) > HOLD_S / 2)
    assert "event loop held" not in caplog.text


def test_middlewares_are_not_named_for_what_they_hand_on_to() -> None:
    found: list[Holder] = []

    def look() -> None:
        found.append(name_holder(sys._getframe()))

    def hand_on(inner: Callable[..., object]) -> None:
        inner()

    page = as_in("web.pages.registry.sites", hand_on)
    middleware = as_in("web.middleware", hand_on)
    middleware(lambda: page(as_in("confhub.units.unit", look)))
    assert found[0].handler.startswith("web.pages.registry.sites.")
    assert found[0].at.startswith("confhub.units.unit.")


def test_a_loop_that_waits_was_held_by_nobody_here() -> None:
    found: list[Holder] = []

    def look() -> None:
        found.append(name_holder(sys._getframe()))

    as_in("asyncio.runners", look)()
    # The tests' own frames lie below; none of them is of ours.
    assert found[0].handler == NOBODY
    assert name_holder(None) == Holder(UNKNOWN, UNKNOWN)
