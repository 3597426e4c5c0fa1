"""Stacks that the kernel's interrupts had written: what counts, and what is forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

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


FIRST_ASKED = """
import os, threading, time
from monitoring.machine import interrupts
make, made = os.memfd_create, []
def slowly(name):
    made.append(name)
    time.sleep(0.1)  # the other thread's turn
    return make(name)
os.memfd_create = slowly
together = threading.Barrier(2)
files = []
def ask():
    together.wait()
    files.append(interrupts._stacks())
threads = [threading.Thread(target=ask) for _ in range(2)]
for one in threads: one.start()
for one in threads: one.join()
assert len(made) == 1, made
assert files[0] is files[1]
"""


def test_two_threads_that_ask_first_at_once_have_one_file() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FIRST_ASKED], timeout=60, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
