"""What the system tells of processes, of this one first."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from rooms.load import processes

ENDED = 4_194_305  # beyond the largest process number of Linux


def test_work_shows_as_cpu_time() -> None:
    before = processes.cpu_s(os.getpid())
    while processes.cpu_s(os.getpid()) < before + 0.05:
        pass
    assert processes.resident_bytes(os.getpid()) > 1 << 20


def test_a_process_that_is_gone_is_an_error() -> None:
    with pytest.raises(OSError, match="No such"):
        processes.cpu_s(ENDED)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_who_listens_on_a_port_is_found(host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        listening.bind((host, 0))
        port = listening.getsockname()[1]
        assert processes.listener(port) is None
        listening.listen()
        assert processes.listener(port) == os.getpid()


def test_a_process_runs_where_it_is_put() -> None:
    hub, load = processes.divided_cores()
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        assert child.pid in processes.family(os.getpid())
        processes.pin(child.pid, hub)
        assert os.sched_getaffinity(child.pid) == hub
        child.communicate(b"\n")
    if len(os.sched_getaffinity(0)) > 1:
        assert hub.isdisjoint(load)
