"""Makes the meetings of series a quarter ahead, and has them follow what changed: a day off that
was announced, a change of which the use case did only the first piece."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from confhub.desks.planning import series as desk
from confhub.identity import part_id
from confhub.jobs.job import Job, Kind

# Somebody who has announced a day off looks for what became of it after a while; nothing else
# waits for it, since meetings are made weeks ahead.
LOOK_EVERY = dt.timedelta(hours=1)


def series(zone: ZoneInfo) -> tuple[Kind, Kind]:
    """The look for all that are open, and what is to be done for each by itself: what fails for
    one holds up no other. `zone`: of the clock on the wall by which they are held."""

    async def look(job: Job) -> None:
        now = job.now()
        open_ids = await job.store.series.open_ids()
        async with job.piece() as work:
            for series_id in open_ids:
                one = part_id(job.id, series_id)
                await work.jobs.add(one, desk.JOB, {"series_id": series_id}, now, None)

    async def settle(job: Job) -> None:
        series_id = str(job.payload["series_id"])
        async with job.piece() as work:
            if await desk.settle(work, series_id, zone):
                job.go_on(job.payload, job.now())

    return Kind("series ahead", look, every=LOOK_EVERY), Kind(desk.JOB, settle)
