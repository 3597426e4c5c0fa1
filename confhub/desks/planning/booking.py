"""A stored meeting becomes what a draft says: one step, of a meeting alone and of a series."""

from __future__ import annotations

from confhub.desks import rights
from confhub.desks.planning.clashes import check_free
from confhub.desks.steps import check_invited, finish
from confhub.meetings import changes
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.planning.conflicts import Override
from confhub.planning.takings import TAKING
from confhub.store import Work


async def change_to(
    work: Work, meeting: Meeting, draft: Draft, override: Override, reason: str = ""
) -> Meeting:
    """The meeting with the draft's content; `reason`: why it is put off, for everybody to read.
    Clashing, FieldErrors."""
    if draft.host_unit_id != meeting.host_unit_id:
        await rights.require(work, "schedule", draft.host_unit_id)
    await check_invited(work, draft, meeting.sites)
    action = "meeting.changed"
    if reason:
        action = "meeting.postponed"
        span = draft.starts_at, draft.ends_at
        meeting = changes.moved(meeting, *span, reason, work.actor.now)
    changed = changes.without_rest(draft.applied_to(meeting), meeting)
    if changed.status in TAKING:
        await check_free(work, changed, changed.id, override)
    stored = await work.meetings.update(changed)
    await finish(work, stored, action, reason or draft.title)
    return stored
