"""A real coturn, set up as docs/reach.md says, on free ports of one address."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

START_TIMEOUT_S = 30.0
SECRET = "a secret of this test"
# One allocation takes one port; two connections of two pages, and their restarts.
RELAY_PORTS = 40


@dataclass(frozen=True)
class TurnServer:
    address: str
    port: int
    log_path: Path

    def url(self, transport: str) -> str:
        return f"turn:{self.address}:{self.port}?transport={transport}"

    def log(self) -> str:
        return self.log_path.read_text("utf-8", errors="replace")


@contextlib.contextmanager
def turn_server(folder: Path, address: str, hub_address: str) -> Iterator[TurnServer]:
    """Relays to `hub_address` and nowhere else."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.fail("turnserver is missing: apt-get install coturn", pytrace=False)
    server = TurnServer(address, free_port(address), folder / "turn.log")
    lowest = free_port(address)
    highest = min(lowest + RELAY_PORTS, 65_535)
    config = folder / "turnserver.conf"
    config.write_text(
        f"""listening-ip={address}
relay-ip={address}
listening-port={server.port}
min-port={highest - RELAY_PORTS}
max-port={highest}
realm=confhub.test
use-auth-secret
static-auth-secret={SECRET}
fingerprint
no-tls
no-dtls
no-cli
no-multicast-peers
denied-peer-ip=0.0.0.0-255.255.255.255
allowed-peer-ip={hub_address}
userdb={folder}/turndb
pidfile={folder}/turn.pid
log-file=stdout
verbose
"""
    )
    with server.log_path.open("wb") as log:
        process = subprocess.Popen(
            [program, "-c", str(config)], stdout=log, stderr=subprocess.STDOUT, cwd=folder
        )
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)


def free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: TurnServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"turnserver ended at once:\n{server.log()}", pytrace=False)
        with (
            contextlib.suppress(OSError),
            socket.create_connection((server.address, server.port), timeout=1),
        ):
            return
        time.sleep(0.05)
    pytest.fail(f"turnserver is not ready:\n{server.log()}", pytrace=False)
