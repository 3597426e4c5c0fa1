"""How many files and connections this process may have open at once."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("confhub")

# A country's 11,000 sites with two connections each, three times over; what the unit asks for.
WANTED = 65_536
# Below, a meeting of a large province with everybody's pages open may come near the limit.
ENOUGH = 4096
# For the database, Redis, sockets of media over UDP and files: what is no connection of a visitor.
OWN = 256
# An idle connection over TLS takes 62 KB, one whose buffers are full twice as much: together they
# take no more than half of the memory, with all that a machine has besides.
CONNECTION_BYTES = 64 * 1024
MEMORY_SHARE = 4
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Shares:
    """How many files each may hold open; together all that the process may."""

    own: int
    media: int  # connections of media over TCP
    pages: int  # connections to the pages, sockets of rooms among them


def divide(files: int, *, media: int) -> Shares:
    """Share out what the process may open; media over TCP never need more than `media`.

    Where files are few, the hub's own are a quarter and pages get as many as media.
    """
    own = min(OWN, files // 4)
    most = min(media, (files - own) // 2)
    return Shares(own, most, files - own - most)


def most_pages(files: int, memory: int, wanted: int = 0) -> int:
    """How many connections the pages may have, of their share of the files and so many bytes of
    memory; `wanted` outweighs the memory, 0: nobody said."""
    return max(min(files, wanted or memory // MEMORY_SHARE // CONNECTION_BYTES), 1)


def memory_bytes(cgroups: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """What the machine has, or less where this process's cgroup (v2) or one around it says so."""
    least = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError):
        for line in own.read_text().split("\n"):
            number, _, path = line.partition("::")
            inside = Path(path.lstrip("/"))
            for group in (inside, *inside.parents) if number == "0" else ():
                with contextlib.suppress(OSError, ValueError):  # "max": no limit
                    least = min(least, int((cgroups / group / "memory.max").read_text()))
    return least


def raise_file_limit() -> int:
    """Raise the limit as far as the system lets us, up to `WANTED`; returns what is in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = WANTED if soft == resource.RLIM_INFINITY else soft
    if limit < ENOUGH:
        log.warning("only %d files may be open at once; raise LimitNOFILE (ulimit -n)", limit)
    return limit
