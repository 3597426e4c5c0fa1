"""The job that plans a meeting's mails, after it was sent out and after each change since.

Any hub plans, also one that sends no mail itself: those that do send what is planned.
"""

from __future__ import annotations

from confhub.desks.mail import following
from confhub.desks.mail import planning as desk
from confhub.jobs.job import Job, Kind

# So many sites take some tens of milliseconds, for which others wait who write to SQLite.
PIECE = 200


def mailing(early_min: int) -> Kind:
    """`early_min`: how long before the start the doors open."""

    async def work(job: Job) -> None:
        meeting_id, after = (str(job.payload.get(name, "")) for name in ("meeting_id", "after"))
        async with job.piece() as work:
            rest = await desk.plan(work, meeting_id, after, PIECE, early_min)
            if rest:
                job.go_on({"meeting_id": meeting_id, "after": rest}, job.now())

    return Kind(following.JOB, work)
