"""The jobs that plan a meeting's mails: after it was sent out and after each change since, and at
the moments when sites that did not answer are reminded; and what people are told of a time that has
to be confirmed.

Any hub plans, also one that sends no mail itself: those that do send what is planned.
"""

from __future__ import annotations

import datetime as dt

from confhub.answers.reminders import Quiet, placed
from confhub.desks.agreements import NOTICES_JOB
from confhub.desks.mail import following, reminding
from confhub.desks.mail import notices as noticing
from confhub.desks.mail import planning as desk
from confhub.identity import part_id
from confhub.jobs.job import Job, Kind

# So many sites take some tens of milliseconds, for which others wait who write to SQLite.
PIECE = 200
# Of the last reminder, an hour ahead of the deadline, it is a twelfth.
LOOK_EVERY = dt.timedelta(minutes=5)
_REMINDING = "reminders of a meeting"


def mailing(early_min: int) -> Kind:
    """`early_min`: how long before the start the doors open."""

    async def work(job: Job) -> None:
        meeting_id, after = (str(job.payload.get(name, "")) for name in ("meeting_id", "after"))
        async with job.piece() as work:
            rest = await desk.plan(work, meeting_id, after, PIECE, early_min)
            if rest:
                job.go_on({"meeting_id": meeting_id, "after": rest}, job.now())

    return Kind(following.JOB, work)


def reminders(quiet: Quiet, early_min: int) -> tuple[Kind, Kind]:
    """The look for all meetings whose moment has come, and what is to be done for each by itself;
    `early_min` as above."""

    async def look(job: Job) -> None:
        now = job.now()
        ids = await job.store.deadlines.to_look_at(now)
        async with job.piece() as work:
            for meeting_id in ids:
                one = part_id(job.id, meeting_id)
                await work.jobs.add(one, _REMINDING, {"meeting_id": meeting_id}, now, None)

    async def remind(job: Job) -> None:
        meeting_id, after = (str(job.payload.get(name, "")) for name in ("meeting_id", "after"))
        async with job.piece() as work:
            if not after and not await reminding.is_due(work, meeting_id, quiet):
                return
            rest = await reminding.remind(work, meeting_id, after, PIECE, early_min)
            if rest:
                job.go_on({"meeting_id": meeting_id, "after": rest}, job.now())

    return Kind("reminders", look, every=LOOK_EVERY), Kind(_REMINDING, remind)


def notices(quiet: Quiet) -> Kind:
    """A reminder waits for the end of the quiet hours, unless the answer is due before."""

    async def work(job: Job) -> None:
        meeting_id, what, by = (str(job.payload[name]) for name in ("meeting_id", "what", "by"))
        version, now = int(str(job.payload["version"])), job.now()
        known = await job.store.agreements.find(meeting_id)
        at = now
        if known is not None and what == "reminded":
            at = placed(now, known.due_at, quiet, now.tzinfo or dt.UTC)
        async with job.piece() as work:
            if at > now:
                job.go_on(job.payload, at)
                return
            await noticing.plan(work, meeting_id, version, what, by)

    return Kind(NOTICES_JOB, work)
