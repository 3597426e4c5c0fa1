"""`confhub serve` with media in a process of its own: it starts, refuses and ends as one."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from confhub.hub.tls.lab import ensure_lab_certificate
from tests.confhub.hub.test_keeper import is_alive
from tests.confhub.hub.test_wiring import START_TIMEOUT_S, HubProcess, taken

__all__ = ["taken"]  # a fixture

WORKERS = {"CONFHUB_MEDIA_WORKERS": "1"}


def children(process: int) -> list[int]:
    return [
        int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def test_it_serves_and_ends_with_all_its_processes(tmp_path: Path) -> None:
    with HubProcess(tmp_path, **WORKERS) as hub:
        hub.wait_until_said("Ctrl+C")
        parts = children(hub.process.pid)
        assert len(parts) == 2
        with socket.create_connection(("127.0.0.1", hub.port), timeout=30) as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            said = b"".join(iter(lambda: client.recv(65_536), b""))
        assert b"confhub_media_datagrams_received_total" in said
        assert hub.stop() == 0, hub.log()
        assert all(not is_alive(pid) for pid in parts)
        assert "Traceback" not in hub.log()
    assert not list((tmp_path / "data").glob("*.sock"))


def test_a_hub_that_is_killed_is_back_on_the_same_port_and_a_second_one_is_refused(
    tmp_path: Path,
) -> None:
    with HubProcess(tmp_path, **WORKERS) as hub:
        hub.wait_until_said("Ctrl+C")
        with HubProcess(tmp_path, **WORKERS) as second:
            assert second.process.wait(START_TIMEOUT_S) == 1
        assert "confhub đang chạy rồi" in hub.log()
        first = children(hub.process.pid)
        os.kill(first[0], signal.SIGKILL)
        # Nobody is refused meanwhile: who comes waits until the next run answers.
        deadline = time.monotonic() + START_TIMEOUT_S
        with socket.create_connection(("127.0.0.1", hub.port), timeout=START_TIMEOUT_S) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        assert time.monotonic() < deadline
        assert len(set(children(hub.process.pid)) - set(first)) == 1
        assert hub.stop() == 0, hub.log()


def test_restart_starts_the_hub_anew_and_leaves_the_worker_alone(tmp_path: Path) -> None:
    with HubProcess(tmp_path, **WORKERS) as hub:
        hub.wait_until_said("Ctrl+C")
        server, worker = children(hub.process.pid)
        assert restart(tmp_path) == 0
        deadline = time.monotonic() + START_TIMEOUT_S
        while len(parts := children(hub.process.pid)) < 2 or server in parts:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert worker in parts
        assert hub.stop() == 0, hub.log()
    assert restart(tmp_path) == 1  # nobody is there


def restart(folder: Path) -> int:
    command = [sys.executable, "-m", "confhub", "--data-dir", str(folder / "data"), "restart"]
    return subprocess.run(command, timeout=START_TIMEOUT_S, check=False).returncode


@pytest.mark.parametrize("variable", ["CONFHUB_LISTEN_PORT", "CONFHUB_MEDIA_PORT"])
def test_a_taken_port_is_one_line_and_exit_status_1(
    tmp_path: Path, taken: int, variable: str
) -> None:
    with HubProcess(tmp_path, **WORKERS, **{variable: str(taken)}) as hub:
        assert hub.process.wait(START_TIMEOUT_S) == 1
        lines = [line for line in hub.log().split("\n") if line.startswith("confhub: ")]
    assert len(lines) == 1
    assert str(taken) in lines[0]
    assert variable in lines[0]


def met_certificate(port: int) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), START_TIMEOUT_S) as plain,
        context.wrap_socket(plain) as line,
    ):
        return line.getpeercert(binary_form=True) or b""


def test_a_renewed_certificate_is_taken_while_the_hub_runs(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    made = [ensure_lab_certificate(tmp_path / name, ["localhost"], now) for name in "ab"]
    files = {
        "CONFHUB_TLS": "files",
        "CONFHUB_TLS_CERTIFICATE": str(made[0].certificate),
        "CONFHUB_TLS_KEY": str(made[0].key),
    }
    with HubProcess(tmp_path, **WORKERS, **files) as hub:
        hub.wait_until_said("Ctrl+C")
        first, hubs = met_certificate(hub.port), children(hub.process.pid)
        made[0].key.write_text("?")
        hub.process.send_signal(signal.SIGHUP)
        hub.wait_until_said("the certificate in use stays")
        assert met_certificate(hub.port) == first
        made[0].certificate.write_bytes(made[1].certificate.read_bytes())
        made[0].key.write_bytes(made[1].key.read_bytes())
        hub.process.send_signal(signal.SIGHUP)
        hub.wait_until_said("is in use, until")
        assert met_certificate(hub.port) != first
        assert children(hub.process.pid) == hubs  # nothing was started anew
        assert hub.stop() == 0
