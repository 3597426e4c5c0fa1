"""Real servers for the tests: PostgreSQL and Redis from Debian, on free ports of this machine.

Each starts once per test run, in a folder of its own, and ends with the run, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pytest
import redis

from tests.parts import there

# A shared, busy machine; a healthy one needs a second or two.
START_TIMEOUT_S = 60.0
CALL_TIMEOUT_S = 30.0
# Nothing of these servers is to outlive its test. In memory a database is copied in a third of the
# time; a run holds a few at a time, of 12 MB, and what PostgreSQL logs ahead of them.
_MEMORY = Path("/dev/shm")
_LEAST_FREE_BYTES = 4 * 1024**3

Server = TypeVar("Server", bound="PostgresServer | RedisServer")


class PostgresServer:
    """A PostgreSQL cluster without durability; `stop` and `start` keep its port and data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        self._binaries = _postgresql_binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._admin: subprocess.Popen[str] | None = None
        self._databases = 0
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        self._user = _unprivileged_user() if os.getuid() == 0 else None
        if self._user is not None:
            shutil.chown(folder, self._user)
        options = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        initdb = self._program("initdb", "-D", f"{folder}/data", "-U", "confhub", *options)
        done = subprocess.run(initdb, cwd=folder, capture_output=True, timeout=START_TIMEOUT_S)
        if done.returncode:
            pytest.fail(f"initdb failed:\n{done.stderr.decode()}", pytrace=False)

    def start(self) -> None:
        options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        settings = [part for option in options for part in ("-c", option)]
        data = ["-D", f"{self._folder}/data", "-p", str(self.port)]
        command = _dying_with_us(self._program("postgres", *data, *settings), "INT")
        self._process = _start(command, self._log)
        wait_until(self._answers, self._process, self._log)

    def signal(self, number: signal.Signals) -> None:
        """To the server and all its children; SIGSTOP makes it one that never answers."""
        if self._process is not None:
            for child in _children(self._process.pid):
                # One that served a client who has just left may be gone meanwhile.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, number)
            self._process.send_signal(number)

    def stop(self) -> None:
        """End it at once, cutting every connection."""
        self._end_admin()
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def new_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of the one at `template`; returns its address."""
        self._databases += 1
        name = f"test_{self._databases}"
        copy = f" TEMPLATE {_name(template)} STRATEGY file_copy" if template else ""
        self._do(f"CREATE DATABASE {name}{copy}")
        return f"postgresql://confhub@127.0.0.1:{self.port}/{name}"

    def drop_database(self, address: str) -> None:
        """With whoever is still connected to it."""
        self._do(f"DROP DATABASE {_name(address)} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        """By one client that stays: a process and a connection for each are half of its time."""
        if self._admin is None:
            options = ["--no-psqlrc", "--quiet", "--dbname=postgres"]
            self._admin = subprocess.Popen(
                self._client("psql", *options),
                env={**os.environ, "PGOPTIONS": f"-c statement_timeout={CALL_TIMEOUT_S:.0f}s"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        to_it, from_it = there(self._admin.stdin), there(self._admin.stdout)
        to_it.write(f"{statement};\n\\echo done\n")
        to_it.flush()
        answer = from_it.readline()
        if answer != "done\n":
            pytest.fail(f"{statement}: {answer}", pytrace=False)

    def _end_admin(self) -> None:
        if self._admin is not None:
            self._admin.communicate(timeout=CALL_TIMEOUT_S)  # it ends with what it reads
            self._admin = None

    def _answers(self) -> bool:
        ready = subprocess.run(self._client("pg_isready", "-q"), timeout=CALL_TIMEOUT_S)
        return ready.returncode == 0

    def _client(self, name: str, *arguments: str) -> list[str]:
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "confhub"]
        return [str(self._binaries / name), *place, *arguments]

    def _program(self, name: str, *arguments: str) -> list[str]:
        command = [str(self._binaries / name), *arguments]
        if self._user is None:
            return command
        group = str(pwd.getpwnam(self._user).pw_gid)
        as_user = [f"--reuid={self._user}", f"--regid={group}", "--clear-groups"]
        return [_binary("setpriv"), *as_user, *command]


class RedisServer:
    """A Redis that keeps nothing on disk; `stop` and `start` keep its port.

    `copy_of`: it follows the Redis at that port of this machine.
    """

    def __init__(self, folder: Path, copy_of: int | None = None) -> None:
        self._following = [] if copy_of is None else ["--replicaof", "127.0.0.1", str(copy_of)]
        self._folder = folder
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = _start(_dying_with_us(self._command(), "KILL"), self._log)
        wait_until(self._answers, self._process, self._log)

    def _command(self) -> list[str]:
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)]
        return [_binary("redis-server"), *place, "--save", "", *self._following]

    def stop(self) -> None:
        """Kill it, as a crash would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP makes it a server that takes connections and never answers."""
        if self._process is not None:
            self._process.send_signal(number)

    def get(self, key: str) -> bytes | None:
        """What stands under a key."""
        with redis.Redis(port=self.port, socket_timeout=CALL_TIMEOUT_S) as client:
            value: bytes | None = client.get(key)
            return value

    def forget_everything(self) -> None:
        with redis.Redis(port=self.port, socket_timeout=CALL_TIMEOUT_S) as client:
            client.flushall()

    def _answers(self) -> bool:
        with (
            contextlib.suppress(redis.RedisError),
            redis.Redis(port=self.port, socket_timeout=CALL_TIMEOUT_S) as client,
        ):
            return bool(client.ping())
        return False


LED_NAME = "house"


class SentinelServer(RedisServer):
    """One sentinel over a Redis and its copy, quick to let the copy lead when the first dies."""

    def __init__(self, folder: Path, leader: RedisServer) -> None:
        super().__init__(folder)
        self.address = f"redis+sentinel://127.0.0.1:{self.port}/{LED_NAME}"
        self._settings = folder / "sentinel.conf"
        self._settings.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {LED_NAME} 127.0.0.1 {leader.port} 1\n"
            f"sentinel down-after-milliseconds {LED_NAME} 1000\n"
            f"sentinel failover-timeout {LED_NAME} 3000\n",
            "utf-8",
        )

    def _command(self) -> list[str]:
        return [_binary("redis-server"), str(self._settings), "--sentinel"]

    def leads_with_copies(self, count: int) -> bool:
        """Whether it knows so many copies of the leader."""
        with redis.Redis(port=self.port, socket_timeout=CALL_TIMEOUT_S) as client:
            return len(client.sentinel_slaves(LED_NAME)) == count


@pytest.fixture(scope="session")
def led_servers() -> Iterator[tuple[RedisServer, SentinelServer]]:
    """The run's Redis that leads, and the sentinel that watches it and its copy."""
    with _led() as servers:
        yield servers


@pytest.fixture
def own_led_servers() -> Iterator[tuple[RedisServer, SentinelServer]]:
    """The same, of which the test may stop one."""
    with _led() as servers:
        yield servers


@contextlib.contextmanager
def _led() -> Iterator[tuple[RedisServer, SentinelServer]]:
    with contextlib.ExitStack() as stack:
        folders = [stack.enter_context(_folder("redis")) for _ in range(3)]
        leader = stack.enter_context(_running(RedisServer(folders[0])))
        stack.enter_context(_running(RedisServer(folders[1], copy_of=leader.port)))
        sentinel = stack.enter_context(_running(SentinelServer(folders[2], leader)))
        deadline = time.monotonic() + START_TIMEOUT_S
        while not sentinel.leads_with_copies(1):
            assert time.monotonic() < deadline, "the sentinel does not find the copy"
            time.sleep(0.02)
        yield leader, sentinel


@contextlib.contextmanager
def running_postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL that ends with the block; ask it for a `new_database`."""
    with _folder("postgresql") as folder, _running(PostgresServer(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """The run's PostgreSQL."""
    with running_postgresql() as server:
        yield server


@pytest.fixture
def own_postgresql_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that the test may stop and start."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The run's Redis, which tests share: see `redis_address`."""
    with _folder("redis") as folder, _running(RedisServer(folder)) as server:
        yield server


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A Redis that the test may stop and start."""
    with _folder("redis") as folder, _running(RedisServer(folder)) as server:
        yield server


@pytest.fixture
def redis_address(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    redis_server.forget_everything()
    return redis_server.address


@contextlib.contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    # Not pytest's own folder: that one is closed to the user PostgreSQL runs as.
    fits = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _LEAST_FREE_BYTES
    place = _MEMORY if fits and os.access(_MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=f"confhub-{name}-", dir=place))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name(address: str) -> str:
    """Of the database at an address."""
    return address.rpartition("/")[2]


def _start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    environment: Mapping[str, str] = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    with log.open("ab") as output:
        return subprocess.Popen(
            command, cwd=log.parent, env=environment, stdout=output, stderr=output
        )


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Fail with what the server wrote if it ends, or does not answer in time."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"a server did not start:\n{log.read_text('utf-8')}", pytrace=False)
        time.sleep(0.02)


def _children(process_id: int) -> list[int]:
    found = Path(f"/proc/{process_id}/task/{process_id}/children").read_text("ascii")
    return [int(child) for child in found.split()]


def _dying_with_us(command: list[str], signal_name: str) -> list[str]:
    """The command, ended by the kernel should the test run be killed."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return command
    if command[0] == setpriv:  # a change of user clears the wish, so both in one step
        return [setpriv, f"--pdeathsig={signal_name}", *command[1:]]
    return [setpriv, f"--pdeathsig={signal_name}", *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _unprivileged_user() -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


def _postgresql_binaries() -> Path:
    def version(folder: Path) -> int:
        return int(folder.parent.name) if folder.parent.name.isdecimal() else 0

    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version)
    found = [folder for folder in found if (folder / "initdb").exists()]
    if found:
        return found[-1]
    elsewhere = shutil.which("initdb")
    if elsewhere:
        return Path(elsewhere).resolve().parent
    pytest.fail("PostgreSQL is missing: apt-get install postgresql", pytrace=False)


def _binary(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is missing: apt-get install redis-server util-linux", pytrace=False)
    return path
