"""Until when the sites of a meeting answer: found when it gets its time, and told from then on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from confhub.answers.answer import is_as_set
from confhub.answers.deadline import Deadline, deadline_for, usual
from confhub.meetings.meeting import Meeting
from confhub.store import Work
from confhub.store.repositories import Repositories

_HELD = frozenset({"scheduled", "live"})


async def follow(work: Work, meeting: Meeting) -> None:
    """Within the change's own transaction: the deadline stays while the begins of the meeting's
    sittings and what was chosen stay; without a time there is none. Where other days change once
    the first is held, it is that of the first one ahead."""
    if meeting.status not in _HELD:
        await work.deadlines.drop(meeting.id)
        return
    known, chosen_at = await work.deadlines.find(meeting.id), meeting.answer_by
    if known is not None and known.chosen_at == chosen_at and _is_for(known, meeting):
        return
    now = work.actor.now
    calendar = await work.special_days.calendar()
    span = meeting.next_begin(now) or meeting.starts_at, chosen_at
    found = deadline_for(meeting.id, *span, now, calendar, now.tzinfo or dt.UTC)
    await work.deadlines.put(replace(found, starts_at=meeting.starts_at, sittings=meeting.sittings))


async def due(record: Repositories, meeting: Meeting, zone: dt.tzinfo) -> dt.datetime | None:
    """Until when sites answer, UTC; None: there is nothing to answer."""
    if meeting.status not in _HELD:
        return None
    known = await record.deadlines.find(meeting.id)
    if known is not None and _is_for(known, meeting):
        return known.due_at
    calendar = await record.special_days.calendar()
    return meeting.answer_by or usual(meeting.starts_at, None, calendar, zone)


def _is_for(known: Deadline, meeting: Meeting) -> bool:
    return is_as_set(known.starts_at, known.sittings, meeting)
