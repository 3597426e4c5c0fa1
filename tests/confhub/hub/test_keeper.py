"""The keeper starts again who dies or hangs, and ends with who never came up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confhub.hub.child import Child
from confhub.hub.keeper import Keeper

PATIENCE_S = 30.0
STEADY = "beat_on()"


class Kept:
    """A keeper in a process of its own, and what its children wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[str] | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def start(self, hub: str, *workers: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.confhub.hub.keeping", str(self.folder), hub, *workers],
            stderr=subprocess.PIPE,
            text=True,
        )

    def lines(self, name: str, word: str) -> list[int]:
        """The process ids of those that said it, in order."""
        path = self.folder / "log"
        said = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [int(pid) for who, what, pid in said if (who, what) == (name, word)]

    def latest(self, name: str, count: int = 1, word: str = "starts") -> int:
        """The process id of who said it as the so-manieth, once that has come."""
        self.until(lambda: len(self.lines(name, word)) >= count)
        return self.lines(name, word)[-1]

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.02)

    def ended(self) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, said


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    if made._process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_all_are_started_and_end_hub_first(kept: Kept) -> None:
    kept.start(STEADY, STEADY, STEADY)
    for name in ("hub", "media:0", "media:1"):
        kept.latest(name, word="beats")
    kept.process.terminate()
    assert kept.ended()[0] == 0
    said = [line.split() for line in (kept.folder / "log").read_text().splitlines()]
    ends = [name for name, word, _ in said if word == "ends"]
    assert ends[0] == "hub"
    assert sorted(ends) == ["hub", "media:0", "media:1"]


def test_who_dies_is_started_again_and_the_others_go_on(kept: Kept) -> None:
    kept.start(STEADY, STEADY)
    hub, worker = kept.latest("hub", word="beats"), kept.latest("media:0", word="beats")
    os.kill(worker, signal.SIGKILL)
    again = kept.latest("media:0", 2)
    assert again != worker
    assert is_alive(hub)
    os.kill(hub, signal.SIGKILL)
    kept.latest("hub", 2)
    assert is_alive(again)
    kept.process.terminate()
    status, said = kept.ended()
    assert status == 0
    assert "media:0 has ended (-9) and is started again" in said


def test_a_worker_that_hangs_is_killed_and_a_hub_that_does_is_waited_for(kept: Kept) -> None:
    kept.start("beat(); time.sleep(1000)", "beat(); time.sleep(1000)")
    worker = kept.latest("media:0")
    kept.latest("media:0", 2)
    assert not is_alive(worker)
    assert len(kept.lines("hub", "starts")) == 1
    kept.process.terminate()
    assert "media:0 hangs and is killed" in kept.ended()[1]


def test_a_signal_starts_the_hub_anew_alone(kept: Kept) -> None:
    kept.start(STEADY, STEADY)
    hub, worker = kept.latest("hub", word="beats"), kept.latest("media:0", word="beats")
    kept.process.send_signal(signal.SIGUSR1)
    assert kept.latest("hub", 2) != hub
    assert kept.lines("hub", "ends") == [hub]
    assert kept.lines("media:0", "starts") == [worker]
    kept.process.terminate()
    assert "has ended" not in kept.ended()[1]


@pytest.mark.parametrize("who", ["hub", "media:0"])
def test_who_never_comes_up_has_said_why_and_ends_the_whole(kept: Kept, who: str) -> None:
    broken = "sys.exit(3)"
    kept.start(*((broken, STEADY) if who == "hub" else (STEADY, broken)))
    assert kept.ended()[0] == 3
    assert len(kept.lines(who, "starts")) == 1
    assert not any(is_alive(pid) for pid in kept.lines("hub", "starts"))
    assert not any(is_alive(pid) for pid in kept.lines("media:0", "starts"))


def test_who_hears_nothing_of_its_keeper_knows_that_it_is_dead(kept: Kept) -> None:
    listening = "beat(); os.read(0, 1); say('alone'); sys.exit(1)"
    kept.start(listening, listening)
    kept.latest("hub")
    kept.latest("media:0")
    kept.process.kill()
    kept.until(lambda: bool(kept.lines("hub", "alone") and kept.lines("media:0", "alone")))
    kept.ended()


SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True);"
    "time.sleep(60)",
]


def test_what_cannot_be_started_takes_nobody_else_along() -> None:
    hub, worker = Child("hub", SLEEPS), Child("media:0", ["/nowhere/python"])
    worker.was_ever_up = True
    keeper = Keeper(hub, [worker])
    try:
        keeper._look()
        assert hub.is_running
        assert (worker.is_running, worker.failures) == (False, 1)
        assert worker.start_at > time.monotonic() - 1
        assert not keeper._has_ended()
    finally:
        end(hub)


def test_a_hub_that_does_not_hear_that_it_is_to_start_anew_is_killed() -> None:
    hub = Child("hub", DEAF)
    keeper = Keeper(hub, [])
    try:
        keeper._restart()  # before it runs there is nothing to end
        assert not hub.is_asked_to_end
        keeper._look()
        keeper._restart()  # nor before it is up
        assert not hub.is_asked_to_end
        hub.was_ever_up = True
        keeper._restart()
        assert hub.kill_at is not None
        hub.kill_at = 0.0
        keeper._look()
        before = hub.failures
        ended_by = time.monotonic() + PATIENCE_S
        while hub.kill_at is not None:
            assert time.monotonic() < ended_by
            keeper._look()
            time.sleep(0.02)
        assert (hub.failures, keeper._status) == (before, None)
    finally:
        end(hub)


def end(child: Child) -> None:
    if child._process is not None:
        child.kill()
        child._process.wait(PATIENCE_S)
    if child.line is not None:
        child.line.close()
