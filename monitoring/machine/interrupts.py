"""Where this process is at work while one call into C keeps the interpreter's lock, so that no
thread of Python can look.

The kernel interrupts the process after some CPU time without `rearm`; the handler is
faulthandler's, in C, and writes the stack of the thread that was interrupted. CPU time, since what
waits in C gives the lock away; and since another timer (SIGALRM) is pytest's and others' already.
"""

from __future__ import annotations

import faulthandler
import functools
import os
import signal
import threading
from typing import BinaryIO

# Of CPU time of all threads. A beat comes each 5 ms: only many busy cores use it up in between, and
# what is written then is thrown away.
FIRST_S = 0.05
# The last stack is the one that counts; a call of a minute writes two hundred, some 1 MB.
NEXT_S = 0.25
# A stack has at most a hundred places of some 150 bytes.
_ONE_BYTES = 32 * 1024
# What is forgotten is taken away when it is so much: it lies in memory.
_MOST_BYTES = 1024 * 1024
_forgotten_bytes = 0


# The beat and the look at it ask first at the same moment, in two threads: with a file each, one
# would be written to and the other read.
_MAKING = threading.Lock()


def _stacks() -> BinaryIO:
    """The file that stacks are written to."""
    with _MAKING:
        return _made()


@functools.cache
def _made() -> BinaryIO:
    """Never taken back: by default SIGPROF ends a process."""
    file = os.fdopen(os.memfd_create("interrupts"), "w+b", buffering=0)
    faulthandler.register(signal.SIGPROF, file, all_threads=False)
    return file


def rearm() -> None:
    """The loop lives: count from now."""
    _stacks()
    signal.setitimer(signal.ITIMER_PROF, FIRST_S, NEXT_S)


def disarm() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)


def forget() -> None:
    """What was written so far is of no interest."""
    global _forgotten_bytes
    file = _stacks()
    # What is written from here on counts, also where a call into C begins before the next line:
    # each of the calls below lets others have the interpreter.
    _forgotten_bytes = file.tell()
    if _forgotten_bytes > _MOST_BYTES:
        file.seek(0)
        file.truncate()
        _forgotten_bytes = 0


def last_stack() -> str:
    """As faulthandler writes it; "" if nothing was interrupted since `forget`."""
    file = _stacks()
    end = file.tell()
    start = max(end - _ONE_BYTES, _forgotten_bytes)
    written = os.pread(file.fileno(), end - start, start)
    _, head, stack = written.decode("utf-8", "replace").rpartition("Current thread ")
    return head + stack
