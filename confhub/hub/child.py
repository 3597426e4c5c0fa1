"""One process that a keeper keeps: started, heard, ended."""

from __future__ import annotations

import selectors
import signal
import socket
import subprocess
from collections.abc import Sequence


class Child:
    """Its standard input is a line to the keeper: see confhub/hub/part.py."""

    def __init__(self, name: str, command: Sequence[str], files: Sequence[int] = ()) -> None:
        """`files` are open descriptors that it inherits under the same numbers."""
        self.name = name
        self.line: socket.socket | None = None
        self.was_ever_up = False
        self.is_up = False  # this run of it has beaten
        self.is_asked_to_end = False
        self.failures = 0  # in a row
        self.began_at = 0.0
        self.start_at = 0.0  # not before
        self.kill_at: float | None = None  # if it was told to end, and has not by then
        self._command = command
        self._files = files
        self._process: subprocess.Popen[bytes] | None = None
        self._silent_s = 0.0

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self, selector: selectors.BaseSelector, now: float) -> None:
        """OSError where the machine has no room for another process, or the program is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                # A group of its own: Ctrl+C in a terminal is the keeper's to hear.
                self._process = subprocess.Popen(  # noqa: S603 - our own command line
                    self._command, stdin=theirs.fileno(), pass_fds=self._files, process_group=0
                )
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        selector.register(ours, selectors.EVENT_READ)
        self.line, self.is_up, self.began_at, self._silent_s = ours, False, now, 0.0

    def read(self, selector: selectors.BaseSelector) -> None:
        """It beats, or the line has ended with it."""
        if self.line is None:
            return
        try:
            beats = self.line.recv(64)
        except BlockingIOError:
            return
        except OSError:
            beats = b""
        if beats:
            self.is_up = self.was_ever_up = True
            self._silent_s = 0.0
        else:
            self._hang_up(selector)

    def be_silent(self, seconds: float) -> float:
        """So much time has passed; for how long it has not beaten by now."""
        self._silent_s += seconds if self.is_running else 0.0
        return self._silent_s

    def poll(self, selector: selectors.BaseSelector) -> int | None:
        """How it ended, once it has; as subprocess.Popen counts."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            self.read(selector)  # it may have been up just before
            self._hang_up(selector)
            self._process = self.kill_at = None
        return code

    def end_by(self, kill_at: float) -> None:
        """Ask it to end; whoever keeps it kills it if it has not by then."""
        self.is_asked_to_end, self.kill_at = True, kill_at
        self._signal(signal.SIGTERM)

    def tell(self, number: signal.Signals) -> None:
        """Once it is up; what starts reads everything anew by itself."""
        if self.is_up:
            self._signal(number)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _hang_up(self, selector: selectors.BaseSelector) -> None:
        if self.line is not None:
            selector.unregister(self.line)
            self.line.close()
            self.line = None
