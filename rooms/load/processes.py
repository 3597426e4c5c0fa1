"""What Linux tells of a process: its CPU time, its memory, its port; and on which cores it runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_LISTENING = "0A"  # TCP_LISTEN of the kernel's tcp_states.h


def cpu_s(pid: int) -> float:
    """User and system seconds of all threads so far, in steps of 10 ms; OSError when it is gone."""
    # The name before the last bracket may hold anything; utime and stime are fields 14 and 15.
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def resident_bytes(pid: int) -> int:
    """Memory in use now; OSError when the process is gone."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(f"{pid} has no memory any more")


def listener(port: int) -> int | None:
    """The process of ours that accepts TCP connections on a port, or None. Of a keeper and the hub
    that it gave the port, the keeper."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    numbers = sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return next((pid for pid in numbers if wanted & set(_open_files(PROC / str(pid)))), None)


def part_of(keeper: int, part: str) -> int:
    """The process that a keeper of ours keeps under that name, such as "hub" or "media:0";
    LookupError while there is none."""
    for pid in children_of(keeper):
        with contextlib.suppress(FileNotFoundError):  # it has just ended
            words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
            if b"--part" in words and words[words.index(b"--part") + 1] == part.encode():
                return pid
    raise LookupError(part)


def family(pid: int) -> list[int]:
    """A hub and the processes that it keeps; OSError when it is gone."""
    return [pid, *children_of(pid)]


def children_of(pid: int) -> list[int]:
    """The processes that a process of one thread has started; OSError when it is gone."""
    children = PROC / str(pid) / "task" / str(pid) / "children"
    return [int(child) for child in children.read_text().split()]


def pin(pid: int, cores: Iterable[int]) -> None:
    """Let all threads of a process run on these cores only; OSError when that is not allowed."""
    chosen = set(cores)
    for entry in (PROC / str(pid) / "task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(entry.name), chosen)


def divided_cores() -> tuple[set[int], set[int]]:
    """Cores for the hub, one, and for the load, the others; the same where there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, set(cores[1:] or cores)


def _listening_inodes(port: int) -> Iterable[str]:
    for table in ("net/tcp", "net/tcp6"):
        with contextlib.suppress(FileNotFoundError):  # a kernel without IPv6
            for line in (PROC / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _open_files(process: Path) -> Iterable[str]:
    # Processes of others are closed to us, and any may end while we look.
    with contextlib.suppress(OSError):
        for item in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(item.readlink())
