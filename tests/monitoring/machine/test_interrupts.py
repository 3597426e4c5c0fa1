"""Stacks that the kernel's interrupts had written: what counts, and what is forgotten."""

from __future__ import annotations

import os
import signal

import pytest

from monitoring.machine import interrupts


@pytest.fixture(autouse=True)
def _nothing_before() -> None:
    interrupts.rearm()  # the handler is there from here on
    interrupts.disarm()
    interrupts.forget()


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGPROF)


def test_the_last_stack_is_there_until_it_is_forgotten() -> None:
    assert interrupts.last_stack() == ""
    interrupt()
    assert "in interrupt" in interrupts.last_stack()
    interrupts.forget()
    assert interrupts.last_stack() == ""
    interrupt()
    assert "in interrupt" in interrupts.last_stack()


def test_what_comes_while_others_are_forgotten_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call into C may begin in the middle of `forget`, which lets others have the interpreter."""
    interrupt()
    file = interrupts._stacks()

    class Slow:
        """Tells where the file ends, and hears of that only after another interrupt."""

        def tell(self) -> int:
            end = file.tell()
            interrupt()
            return end

    with monkeypatch.context() as patched:
        patched.setattr(interrupts, "_stacks", Slow)
        interrupts.forget()
    assert "in interrupt" in interrupts.last_stack()


def test_what_is_forgotten_takes_no_memory_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt()
    monkeypatch.setattr(interrupts, "_MOST_BYTES", 1)
    interrupts.forget()
    assert interrupts._stacks().tell() == 0
    assert interrupts.last_stack() == ""
