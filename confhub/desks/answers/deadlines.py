"""Until when the sites of a meeting answer: found when it gets its time, and told from then on."""

from __future__ import annotations

import datetime as dt

from confhub.answers.deadline import deadline_for, usual
from confhub.meetings.meeting import Meeting
from confhub.store import Work
from confhub.store.repositories import Repositories

_HELD = frozenset({"scheduled", "live"})


async def follow(work: Work, meeting: Meeting) -> None:
    """Within the change's own transaction: the deadline stays while the meeting's start and what
    was chosen stay; without a time there is none."""
    if meeting.status not in _HELD:
        await work.deadlines.drop(meeting.id)
        return
    known, chosen_at = await work.deadlines.find(meeting.id), meeting.answer_by
    if known is not None and (known.starts_at, known.chosen_at) == (meeting.starts_at, chosen_at):
        return
    now = work.actor.now
    calendar = await work.special_days.calendar()
    span = meeting.starts_at, chosen_at
    found = deadline_for(meeting.id, *span, now, calendar, now.tzinfo or dt.UTC)
    await work.deadlines.put(found)


async def due(record: Repositories, meeting: Meeting, zone: dt.tzinfo) -> dt.datetime | None:
    """Until when sites answer, UTC; None: there is nothing to answer."""
    if meeting.status not in _HELD:
        return None
    known = await record.deadlines.find(meeting.id)
    if known is not None and known.starts_at == meeting.starts_at:
        return known.due_at
    calendar = await record.special_days.calendar()
    return meeting.answer_by or usual(meeting.starts_at, None, calendar, zone)
