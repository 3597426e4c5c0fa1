"""A whole hub: it starts, says what is wrong when it cannot, and ends leaving nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest

from confhub.commands import MISCONFIGURED
from confhub.errors import BadInput, Unavailable
from confhub.hub.banner import banner
from confhub.hub.wiring import running_hub
from monitoring.board import Board
from rooms.hub.hub import RoomHub
from tests.parts import settings_in, there

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0  # a busy machine; systemd would give 45
TOKEN = "ma-bi-mat-cua-diem-cau"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of 127.0.0.1 that somebody else has, for TCP and UDP."""
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        port: int = tcp.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
            yield port


def is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
        try:
            probe.bind(("127.0.0.1", port))
            if kind == socket.SOCK_STREAM:
                probe.listen()
        except OSError:
            return False
    return True


def other_tasks() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def get(address: str, trust: ssl.SSLContext | bool = True) -> int:
    async with aiohttp.ClientSession() as client, client.get(address, ssl=trust) as answer:
        await answer.read()
        return answer.status


async def test_a_hub_serves_and_leaves_ports_and_tasks_behind_as_they_were(tmp_path: Path) -> None:
    before = other_tasks()
    async with running_hub(settings_in(tmp_path)) as hub:
        assert hub.address == f"http://localhost:{hub.port}"
        assert await get(f"http://127.0.0.1:{hub.port}/signin") == 200
        assert await get(f"http://127.0.0.1:{hub.port}/readyz") == 200
        ports = hub.port, there(hub.services.media).ports[0]
    assert is_free(ports[0], socket.SOCK_STREAM)
    assert is_free(ports[1], socket.SOCK_DGRAM)
    assert other_tasks() == before


@pytest.mark.parametrize("variable", ["CONFHUB_LISTEN_PORT", "CONFHUB_MEDIA_PORT"])
async def test_a_taken_port_is_told_before_the_record_is_touched(
    tmp_path: Path, taken: int, variable: str
) -> None:
    key = variable.removeprefix("CONFHUB_").lower()
    before = other_tasks()
    with pytest.raises(Unavailable) as caught:
        async with running_hub(settings_in(tmp_path, **{key: taken})):
            pass
    assert str(taken) in str(caught.value)
    assert variable in str(caught.value)
    assert not (tmp_path / "data" / "confhub.db").exists()
    assert other_tasks() == before


async def test_a_second_hub_on_the_same_record_is_refused_until_the_first_has_ended(
    tmp_path: Path,
) -> None:
    settings = settings_in(tmp_path)
    async with running_hub(settings):
        with pytest.raises(Unavailable) as caught:
            async with running_hub(settings):
                pass
        assert caught.value.code == "hub_running"
        assert str(os.getpid()) in str(caught.value)
        assert str(tmp_path / "data") in str(caught.value)
    async with running_hub(settings) as hub:
        assert await get(f"http://127.0.0.1:{hub.port}/signin") == 200


async def test_a_part_that_cannot_start_closes_the_others(tmp_path: Path, taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    before = other_tasks()
    # Nobody answers at the address of Redis.
    with pytest.raises(Unavailable):
        async with running_hub(
            settings_in(
                tmp_path,
                listen_port=port,
                media_port=port,
                redis=f"redis://127.0.0.1:{_closed_port()}/0",
            )
        ):
            pass
    assert is_free(port, socket.SOCK_STREAM)
    assert is_free(port, socket.SOCK_DGRAM)
    assert other_tasks() == before


async def test_a_part_that_breaks_while_starting_is_closed_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = RoomHub.start

    async def start_and_break(self: RoomHub) -> None:
        await start(self)
        raise OSError("broken")

    monkeypatch.setattr(RoomHub, "start", start_and_break)
    before = other_tasks()
    with pytest.raises(OSError, match="broken"):
        async with running_hub(settings_in(tmp_path)):
            pass
    assert other_tasks() == before


async def test_a_part_that_breaks_while_closing_keeps_no_other_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    close = Board.close

    async def close_and_break(self: Board) -> None:
        await close(self)
        raise OSError("broken")

    monkeypatch.setattr(Board, "close", close_and_break)
    before = other_tasks()
    async with running_hub(settings_in(tmp_path)) as hub:
        media_port = there(hub.services.media).ports[0]
    assert is_free(media_port, socket.SOCK_DGRAM)
    assert other_tasks() == before
    assert "board did not close well" in caplog.text


async def test_a_trial_on_the_local_network_is_served_under_its_own_authority(
    tmp_path: Path,
) -> None:
    async with running_hub(settings_in(tmp_path, tls="lab")) as hub:
        assert hub.tls is not None
        assert hub.tls.authority is not None
        trust = ssl.create_default_context(cafile=hub.tls.authority)
        assert await get(f"https://127.0.0.1:{hub.port}/signin", trust) == 200
        printed = banner(hub.services, hub.port, hub.tls)
    assert str(hub.tls.authority) in printed
    assert "certutil" in printed
    assert hub.tls.fingerprint in printed
    assert hub.address in printed


async def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(BadInput, match="data"):
        async with running_hub(settings_in(tmp_path)):
            pass


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class HubProcess:
    """`confhub serve` as a process, with its output in a file."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.log_path = folder / "log"
        self.port = _closed_port()
        environment = {
            **{name: value for name, value in os.environ.items() if "CONFHUB" not in name},
            "CONFHUB_DATA_DIR": str(folder / "data"),
            "CONFHUB_LISTEN_HOST": "127.0.0.1",
            "CONFHUB_LISTEN_PORT": str(self.port),
            "CONFHUB_MEDIA_ADDRESSES": "127.0.0.1",
            "CONFHUB_MEDIA_PORT": "0",
            **variables,
        }
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "confhub", "serve"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log(self) -> str:
        return self.log_path.read_text("utf-8")

    def wait_until_said(self, words: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while words not in self.log():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_TIMEOUT_S)

    def __enter__(self) -> HubProcess:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait(STOP_TIMEOUT_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_hub_with_open_connections_well(
    tmp_path: Path, number: signal.Signals
) -> None:
    with HubProcess(tmp_path) as hub:
        hub.wait_until_said("Ctrl+C")
        with socket.create_connection(("127.0.0.1", hub.port), timeout=5) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(100).startswith(b"HTTP/1.1 200")
            assert hub.stop(number) == 0, hub.log()
        assert "Traceback" not in hub.log()
        assert "Đã dừng." in hub.log().splitlines()


def test_a_hub_without_a_keeper_outlives_the_word_to_start_anew(tmp_path: Path) -> None:
    with HubProcess(tmp_path, CONFHUB_MEDIA_WORKERS="0") as hub:
        hub.wait_until_said("Ctrl+C")
        hub.process.send_signal(signal.SIGUSR1)
        with socket.create_connection(("127.0.0.1", hub.port), timeout=5) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        assert hub.stop() == 0, hub.log()


def test_a_signal_ends_a_hub_that_still_waits_for_redis(tmp_path: Path) -> None:
    # A server that takes connections and never answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(START_TIMEOUT_S)
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with HubProcess(tmp_path, CONFHUB_REDIS=address) as hub, silent.accept()[0]:
            assert hub.stop() == 0, hub.log()
            assert "Traceback" not in hub.log()


def test_a_taken_port_is_one_line_and_exit_status_1(tmp_path: Path, taken: int) -> None:
    with HubProcess(tmp_path, CONFHUB_LISTEN_PORT=str(taken)) as hub:
        assert hub.process.wait(START_TIMEOUT_S) == 1
        (line,) = hub.log().splitlines()
    assert line.startswith("confhub: ")
    assert str(taken) in line


@pytest.mark.parametrize("workers", ["0", "1"])
def test_what_no_second_start_would_mend_has_an_exit_status_of_its_own(
    tmp_path: Path, workers: str
) -> None:
    """A service manager would try for ever (RestartPreventExitStatus)."""
    missing = str(tmp_path / "no.pem")
    wrong = {"CONFHUB_TLS": "files", "CONFHUB_TLS_CERTIFICATE": missing}
    for values in (wrong, {"CONFHUB_LEASE_S": "soon"}):
        with HubProcess(tmp_path, CONFHUB_MEDIA_WORKERS=workers, **values) as hub:
            assert hub.process.wait(START_TIMEOUT_S) == MISCONFIGURED, hub.log()


def test_the_log_names_routes_and_no_token(tmp_path: Path) -> None:
    with HubProcess(tmp_path, CONFHUB_ACCESS_LOG="true", CONFHUB_LOG_LEVEL="debug") as hub:
        hub.wait_until_said("Ctrl+C")
        assert hub.log().count(f"confhub {version('confhub')} starts: hub hub-1, ") == 1
        # The record is away: a request fails in the middle.
        shutil.rmtree(tmp_path / "data")
        for path in (f"/join/{TOKEN}", f"/join/{TOKEN}/socket", f"/{TOKEN}", f"/signin?x={TOKEN}"):
            with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as client:
                request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                client.sendall(request.encode())
                while client.recv(4096):
                    pass
        hub.wait_until_said("GET /join/{token}/socket")
        assert hub.stop() == 0
        assert TOKEN not in hub.log()
