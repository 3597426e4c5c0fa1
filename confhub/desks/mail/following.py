"""What every change of a meeting ends with: its sites hear of it by mail, if they do at all."""

from __future__ import annotations

from confhub.identity import new_id
from confhub.store import Work

JOB = "mail of a meeting"


async def follow(work: Work, meeting_id: str) -> None:
    """Within the change's own transaction: have its mails planned, where its links were sent out
    by mail. Nothing where they were not."""
    if await work.mail.mailing(meeting_id) is not None:
        await have_planned(work, meeting_id)


async def have_planned(work: Work, meeting_id: str) -> None:
    await work.jobs.add(new_id(), JOB, {"meeting_id": meeting_id}, work.actor.now, None)
