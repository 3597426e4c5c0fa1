"""How many files and connections this process may have open at once."""

from __future__ import annotations

import contextlib
import logging
import resource
from dataclasses import dataclass

log = logging.getLogger("confhub")

# A country's 11,000 sites with two connections each, three times over; what the unit asks for.
WANTED = 65_536
# Below, a meeting of a large province with everybody's pages open may come near the limit.
ENOUGH = 4096
# For the database, Redis, sockets of media over UDP and files: what is no connection of a visitor.
OWN = 256


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
