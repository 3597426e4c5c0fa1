"""Centres are reminded of what waits for their answer, and what they did not answer in time is
told to whoever plans the meeting; open questions follow a rule that was changed."""

from __future__ import annotations

import datetime as dt

from confhub.desks import agreements as desk
from confhub.identity import part_id
from confhub.jobs.job import Job, Kind
from confhub.store.planning.agreements import MOST_LOOKED_AT

# A deadline is the end of a working day: nobody waits for the minute.
LOOK_EVERY = dt.timedelta(minutes=5)
ONE = "one agreement"


async def _look(job: Job) -> None:
    now = job.now()
    ids = await job.store.agreements.to_look_at(now)
    async with job.piece() as work:
        for meeting_id in ids:
            await work.jobs.add(part_id(job.id, meeting_id), ONE, {"id": meeting_id}, now, None)


async def _see_to(job: Job) -> None:
    async with job.piece() as work:
        await desk.see_to(work, str(job.payload["id"]))


async def _follow_rules(job: Job) -> None:
    """One meeting after another: the look for them all is one piece, each of them another."""
    now = job.now()
    if one := job.payload.get("one"):
        async with job.piece() as work:
            await desk.follow_rule(work, str(one))
        return
    ids = await job.store.agreements.open_ahead(now, str(job.payload["after"]))
    async with job.piece() as work:
        for meeting_id in ids:
            name = part_id(job.id, meeting_id)
            await work.jobs.add(name, desk.RULES_JOB, {"one": meeting_id}, now, None)
        if len(ids) == MOST_LOOKED_AT:
            job.go_on({"after": ids[-1]}, now)


AGREEMENTS: tuple[Kind, ...] = (
    Kind("agreements", _look, every=LOOK_EVERY),
    Kind(ONE, _see_to),
    Kind(desk.RULES_JOB, _follow_rules),
)
