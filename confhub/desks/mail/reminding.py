"""Sites that did not answer are reminded by mail, of meetings whose links were sent out so: once
for each moment, by a job, in pieces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from confhub.answers.reminders import Quiet, moments
from confhub.answers.summary import is_awaited
from confhub.desks import rights
from confhub.desks.mail.planning import plan_reminders
from confhub.meetings.meeting import Meeting
from confhub.store import Work


async def is_due(work: Work, meeting_id: str, quiet: Quiet) -> bool:
    """In a work of the house: whether its sites are to be reminded now; from then on the next
    moment is waited for. Of several that passed, as while no hub ran, the last counts, and none
    once the deadline is over that was not put off beyond it."""
    await rights.require_the_house(work)
    meeting = await work.meetings.hold(meeting_id)
    known, now = await work.deadlines.find(meeting_id), work.actor.now
    if known is None or known.since is None or known.next_at is None or known.next_at > now:
        return False
    zone = now.tzinfo or dt.UTC
    begin = meeting.next_begin(now)
    planned = moments(known.due_at, begin or known.starts_at, known.since, quiet, zone)
    ahead = next((at for at in planned if at > now), None)
    await work.deadlines.wait(meeting_id, ahead)
    passed = [at for at in planned if known.next_at <= at <= now]
    if not passed or meeting.status != "scheduled" or begin is None:
        return False
    return now < known.due_at or passed[-1] >= known.due_at


async def remind(work: Work, meeting_id: str, after: str, limit: int, early_min: int) -> str:
    """Mails for the silent among the sites behind `after`, at most so many sites; where to go on,
    or empty. `early_min`: how long before the start the doors open."""
    await rights.require_the_house(work)
    meeting = await work.meetings.hold(meeting_id)
    agreement = await work.agreements.find(meeting_id)
    if meeting.status != "scheduled" or (agreement is not None and agreement.holds_links):
        return ""
    site_ids = sorted(one for one in meeting.sites if one > after and one != meeting.chair_site_id)[
        :limit
    ]
    await plan_reminders(work, meeting, await _silent(work, meeting, site_ids), early_min)
    return site_ids[-1] if len(site_ids) == limit else ""


async def _silent(work: Work, meeting: Meeting, site_ids: Sequence[str]) -> Sequence[str]:
    answers = await work.answers.of_sites(meeting.id, site_ids)
    return [one for one in site_ids if is_awaited(answers.get(one), meeting)]
