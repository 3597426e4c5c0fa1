"""A real hub in a process of its own, as `confhub serve` runs it, on free ports."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from confhub.config import Settings
from rooms.load.processes import family, part_of
from tests.chromium import WAIT_MS

# A shared, busy machine; a healthy one needs two seconds.
START_TIMEOUT_S = 60.0
# Has every hub of the tests forward media by so many processes, in place of what it does by itself.
WORKERS = "CONFHUB_MEDIA_WORKERS"
# As long as browsers are waited for: a machine may have ten other things to do.
ANSWER_S = WAIT_MS / 1000
# By TLS and zone, which is this hour's: a file with the demo, and what the command printed.
_DEMOS: dict[tuple[bool, str], tuple[bytes, str]] = {}


def free_port() -> int:
    """A port free for TCP and UDP a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
        return port


def noon_zone() -> str:
    """A zone where it is noon now: a day's schedule must not end while the test runs."""
    east = 12 - dt.datetime.now(dt.UTC).hour
    return f"Etc/GMT{-east:+d}"  # POSIX counts westwards


class HubProcess:
    """Start, kill -9 and start again: data and ports stay the same. On its clock it is noon."""

    program: tuple[str, ...] = ("-m", "confhub")
    # All warnings are told. Python's development mode looks at more, and takes twice the CPU time:
    # it is for one test that goes through everything.
    checks: tuple[str, ...] = ("-W", "default")

    def __init__(self, data_dir: Path, *, tls: bool = False, **settings: str) -> None:
        """`settings` are further ones, by key."""
        self.data_dir = data_dir
        self.tls = tls
        workers = os.environ.get(WORKERS, str(Settings().media_workers))
        self.settings = {"timezone": noon_zone(), "media_workers": workers, **settings}
        self.environment: Mapping[str, str] = {}  # besides
        self.port = free_port()
        self.media_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.log_path = data_dir / "hub.log"
        data_dir.mkdir(parents=True, exist_ok=True)

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def command(self, *arguments: str) -> str:
        """Run one `confhub` command on this hub's data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "confhub", *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def load_demo(self) -> Mapping[str, str]:
        """Load the demo; returns each account's password, which with TLS is its own.

        Without a database named in the settings it is a copy of what another hub loaded.
        """
        rows = re.findall(r"^  (\w+\.\w+) .* (\S+)$", self._demo(), re.MULTILINE)
        return dict(rows)

    def _demo(self) -> str:
        if "database" in self.settings:
            return self.command("demo")
        kind = self.tls, self.settings["timezone"]
        file = self.data_dir / "confhub.db"
        if kind not in _DEMOS:
            told = self.command("demo")
            _DEMOS[kind] = file.read_bytes(), told
        loaded, told = _DEMOS[kind]
        file.touch(mode=0o600)
        file.write_bytes(loaded)
        return told

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self.checks, *self.program, "serve"],
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()  # one that did not start is nobody's to stop
            raise

    def kill(self) -> None:
        """kill -9: nothing is said to anybody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=ANSWER_S)

    def kill_part(self, part: str) -> None:
        """kill -9 of one of the processes that a keeper keeps, such as "hub"."""
        os.kill(self.part(part), signal.SIGKILL)

    def part(self, part: str) -> int:
        """The process id of one that a keeper keeps."""
        assert self._process is not None
        return part_of(self._process.pid, part)

    def pause(self) -> None:
        """SIGSTOP, as a machine that is moved or starved: it comes back and knows of nothing."""
        self._send_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._send_all(signal.SIGCONT)

    def _send_all(self, number: signal.Signals) -> None:
        """To the hub and, where media have processes of their own, all that belong to it; nobody if
        it has ended."""
        assert self._process is not None
        if self._process.poll() is None:
            for process in family(self._process.pid):
                os.kill(process, number)

    def stop(self) -> int:
        """SIGTERM, as systemd does; returns the exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(timeout=ANSWER_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=ANSWER_S)
            raise

    def log(self) -> str:
        return self.log_path.read_text("utf-8", errors="replace")

    def get(self, path: str) -> str:
        """GET a page of this hub without signing in."""
        context = ssl._create_unverified_context() if self.tls else None
        with urllib.request.urlopen(
            f"{self.origin}{path}", context=context, timeout=ANSWER_S
        ) as answer:
            body: bytes = answer.read()
        return body.decode()

    def wait_until_ready(self, within_s: float = START_TIMEOUT_S) -> None:
        assert self._process is not None
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the hub ended at once:\n{self.log()[-4000:]}")
            try:
                self.get("/readyz")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the hub is not ready after {within_s} s:\n{self.log()}")

    def _environment(self) -> dict[str, str]:
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("CONFHUB_")},
            "CONFHUB_DATA_DIR": str(self.data_dir),
            "CONFHUB_LISTEN_HOST": "" if self.tls else "localhost",
            "CONFHUB_LISTEN_PORT": str(self.port),
            "CONFHUB_MEDIA_PORT": str(self.media_port),
            "CONFHUB_TLS": "lab" if self.tls else "off",
            **{f"CONFHUB_{key.upper()}": value for key, value in self.settings.items()},
            **self.environment,
        }


@contextmanager
def demo_hub(folder: Path) -> Iterator[HubProcess]:
    """A hub of its own with the demo province, for a module's tests; it ends well."""
    made = HubProcess(folder / "data")
    made.load_demo()
    made.start()
    yield made
    assert made.stop() == 0


@asynccontextmanager
async def starting(hub: HubProcess) -> AsyncIterator[Awaitable[None]]:
    """Starts the hub beside what the block does, which awaits what it is given before it uses the
    hub; stops it at the end."""
    started = asyncio.create_task(asyncio.to_thread(hub.start))
    try:
        yield started
    finally:
        await asyncio.wait([started])
        if started.exception() is None:
            await asyncio.to_thread(hub.stop)
