"""Seals the audit trail: lines that are settled get their place in the chain.

The log says where its head is: whoever keeps logs elsewhere can tell a chain that was made anew.
"""

from __future__ import annotations

import datetime as dt
import logging

from confhub.jobs.job import Job, Kind

log = logging.getLogger(__name__)

EVERY = dt.timedelta(minutes=1)
# By then every line of that time is committed, the one of a minute's failed sign-ins has counted
# them all, and hubs whose clocks differ by seconds agree what came first.
SETTLED = dt.timedelta(minutes=2)
# So many rows take some tens of milliseconds, for which others wait who write to SQLite.
PIECE = 500


async def _work(job: Job) -> None:
    now = job.now()
    async with job.piece() as work:
        count, ends = await work.seals.seal(now - SETTLED, PIECE)
        if count == PIECE:
            job.go_on({}, now)
    if count:
        log.info("the audit trail is sealed up to %d:%s", ends.last, ends.head)


SEALING = Kind("audit chain", _work, every=EVERY)
