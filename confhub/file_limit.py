"""How many files and connections this process may have open at once."""

from __future__ import annotations

import contextlib
import logging
import resource

log = logging.getLogger("confhub")

# A country's 11,000 sites with two connections each, three times over; what the unit asks for.
WANTED = 65_536
# Below, a meeting of a large province with everybody's pages open may come near the limit.
ENOUGH = 4096


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
