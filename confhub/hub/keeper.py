"""What `confhub serve` is where media have processes of their own: it starts the hub and the media
workers, and starts again whichever of them dies or hangs.

It does nothing else, so that it has nothing to upgrade: SIGUSR1 has the hub started anew, from what
is installed by then, while media go on.
"""

from __future__ import annotations

import contextlib
import logging
import random
import selectors
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from confhub.config import Settings
from confhub.hub.child import Child
from confhub.hub.listening import listen, page_hosts
from confhub.hub.one_hub import alone_in, is_at_a_terminal, keeper_lock
from confhub.pauses import Pauses

log = logging.getLogger("confhub.keeper")

HUB = "hub"
MEDIA = "media"
# A worker's loop beats four times a second. Being cut costs a meeting its media for a second or
# two; a machine that swaps, or is moved, stands still for as long and then goes on.
HANGS_S = 3.0
STARTS_S = 60.0  # a worker that loads itself; a busy machine takes ten
# Of the keeper's own looks: one that comes late was held up itself, and judges nobody by it.
LOOK_S = 0.25
# The first time at once: most deaths are single ones. The last leaves logs readable.
PAUSES = Pauses(first_s=0.2, last_s=10.0)
STEADY_S = 30.0
# The hub bounds the end of each of its parts, by 15 s at most; systemd gives the whole 90 s.
HUB_ENDS_S = 60.0
WORKER_ENDS_S = 10.0
FAILED = 1
_HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP)


def keep(settings: Settings) -> int:
    """Run the hub and its workers until SIGINT or SIGTERM; the exit status. A part that ends
    before it was ever up has said why, and ends the whole. Unavailable in words for a second
    keeper of the same hub, and for ports of the pages that are taken."""
    folder = Path(settings.data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone_in(folder, keeper_lock(settings.hub_name)))
        sockets = [stack.enter_context(one) for one in listening(settings)]
        files = [one.fileno() for one in sockets]
        numbers = ",".join(map(str, files))
        hub = Child(HUB, command(HUB, "--accept-on", numbers), files)
        names = [f"{MEDIA}:{index}" for index in range(settings.media_workers)]
        return Keeper(hub, [Child(name, command(name)) for name in names]).run()


def listening(settings: Settings) -> list[socket.socket]:
    """The sockets of the pages. They outlive the hub: who comes while it starts anew waits."""
    return listen(page_hosts(settings), settings.listen_port)


class Keeper:
    """`run` it in the main thread, once."""

    def __init__(self, hub: Child, workers: Sequence[Child]) -> None:
        self._hub = hub
        self._workers = workers
        self._selector = selectors.DefaultSelector()
        self._status: int | None = None  # of the whole, once it is to end
        self._looked_at = time.monotonic()

    @property
    def _children(self) -> list[Child]:
        return [self._hub, *self._workers]

    def run(self) -> int:
        """Until all have ended."""
        with self._signals() as woken:
            self._selector.register(woken, selectors.EVENT_READ)
            try:
                while not self._has_ended():
                    self._look()
                    for key, _ in self._selector.select(LOOK_S):
                        self._read(key.fileobj, woken)
            finally:
                for child in self._children:
                    child.kill()
        return self._status or 0

    def _stop(self, status: int = 0) -> None:
        """End the whole: the hub first, that it may say goodbye, then the workers."""
        if self._status is None:
            self._status = status
            self._hub.end_by(time.monotonic() + HUB_ENDS_S)

    def _restart(self) -> None:
        """End the hub; it is started again at once. One that was never up yet starts already."""
        hub = self._hub
        hub.read(self._selector)  # it may have come up just before
        if not hub.is_running:
            hub.start_at = 0.0
        elif hub.was_ever_up and not hub.is_asked_to_end:
            log.info("the hub is started anew")
            hub.end_by(time.monotonic() + HUB_ENDS_S)

    def _has_ended(self) -> bool:
        return self._status is not None and not any(one.is_running for one in self._children)

    def _look(self) -> None:
        now = time.monotonic()
        # Counted in looks: what stood still with the keeper was the machine.
        elapsed_s = min(now - self._looked_at, 2 * LOOK_S)
        self._looked_at = now
        for child in self._children:
            code = child.poll(self._selector)
            if code is not None:
                self._mourn(child, code, now)
            elif child.kill_at is not None and now >= child.kill_at:
                log.error("%s does not end and is killed", child.name)
                child.kill()
        if self._status is not None:
            self._end(now)
            return
        for child in self._children:
            if not child.is_running and now >= child.start_at:
                self._start(child, now)
        for worker in self._workers:
            if worker.be_silent(elapsed_s) > (HANGS_S if worker.is_up else STARTS_S):
                log.error("%s hangs and is killed", worker.name)
                worker.kill()

    def _start(self, child: Child, now: float) -> None:
        """What cannot be started takes nobody else along: it is tried again."""
        try:
            child.start(self._selector, now)
        except OSError as error:
            log.error("%s cannot be started: %s", child.name, error)
            if not child.was_ever_up:
                self._stop(FAILED)
                return
            child.failures += 1
            self._pause(child, now, child.failures)

    def _mourn(self, child: Child, code: int, now: float) -> None:
        if self._status is not None:
            return
        if not child.was_ever_up:
            self._stop(code if code > 0 else FAILED)
            return
        is_asked, child.is_asked_to_end = child.is_asked_to_end, False
        steady = now - child.began_at >= STEADY_S
        child.failures = 0 if steady or is_asked else child.failures + 1
        self._pause(child, now, child.failures - 1)  # the first failure is mended at once
        if not is_asked:
            log.error("%s has ended (%d) and is started again", child.name, code)

    def _pause(self, child: Child, now: float, failures: int) -> None:
        """It is started again after the pause that follows so many failures; none after none."""
        pause_s = PAUSES.after(failures, random.random()) if failures > 0 else 0.0  # noqa: S311
        child.start_at = now + pause_s

    def _end(self, now: float) -> None:
        """What is left to do of an end: the workers', once the hub is gone."""
        if not self._hub.is_running:
            for worker in self._workers:
                if worker.is_running and not worker.is_asked_to_end:
                    worker.end_by(now + WORKER_ENDS_S)

    def _read(self, source: object, woken: socket.socket) -> None:
        if source is woken:
            for number in woken.recv(64):
                if number in (signal.SIGINT, signal.SIGTERM):
                    self._stop()
                elif number == signal.SIGUSR1 and self._status is None:
                    self._restart()
                elif number == signal.SIGHUP and is_at_a_terminal():
                    self._stop()
                elif number == signal.SIGHUP:
                    self._hub.tell(signal.SIGHUP)
            return
        for child in self._children:
            if child.line is source:
                child.read(self._selector)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """A socket that the numbers of signals come from; SIGCHLD only wakes."""
        woken, waker = socket.socketpair()
        with woken, waker:
            woken.setblocking(False)
            waker.setblocking(False)
            numbers = (*_HEARD, signal.SIGCHLD)
            before = {number: signal.signal(number, lambda *_: None) for number in numbers}
            old = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
            try:
                yield woken
            finally:
                signal.set_wakeup_fd(old)
                for number, handler in before.items():
                    signal.signal(number, handler)


def command(part: str, *more: str) -> list[str]:
    """This very command line, for one part of it."""
    return [sys.executable, *sys.orig_argv[1:], "--part", part, *more]
