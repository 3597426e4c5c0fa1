"""Steps that the use cases of meetings share, each within a work of theirs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.desks import agreements, rights
from confhub.desks.answers import deadlines
from confhub.desks.mail.following import follow
from confhub.errors import FieldErrors
from confhub.meetings import changes
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.differences import differences
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.store import AuditEntry, Work

# What is asked about was done a moment ago; a few acts may have followed it.
LATEST_ACTS = 20

What = Literal["changed", "cancelled", "ended"]


async def hold(work: Work, meeting_id: str, version: int | None) -> Meeting:
    """The meeting, for a change of the schedule."""
    meeting = await work.meetings.hold(meeting_id)
    await rights.require_meeting(work, "schedule", meeting)
    changes.check_changeable(meeting, version)
    return meeting


async def own_last(
    work: Work, subject: str, actions: Collection[str], detail: str | None = None
) -> AuditEntry | None:
    """The last of these acts on record, if the actor did it: who got no answer presses again."""
    for act in await work.trail.recent(LATEST_ACTS, subject):
        if act.action in actions and detail in (None, act.detail):
            return act if act.account_id == work.actor.account_id else None
    return None


async def check_invited(work: Work, draft: Draft, before: Collection[str]) -> None:
    """FieldErrors (`site_ids`) unless the sites that were not invited before are of the host, of
    the units below it or of those above."""
    new = {*draft.sites, draft.chair_site_id}.difference(before)
    foreign = await rights.uninvitable(work, draft.host_unit_id, new)
    if foreign is not None:
        raise FieldErrors({"site_ids": foreign})


_NEWS: dict[str, What] = {"cancelled": "cancelled", "ended": "ended"}
SITTING_ENDED = "meeting.sitting_ended"  # others are ahead, yet its room closes


async def finish(work: Work, meeting: Meeting, action: str, detail: str = "") -> None:
    """Links that live as long as the meeting's doors, unless its time has to be confirmed first;
    until when sites answer, one line on record, news to the rooms, and mail to the sites where
    they hear of the meeting by mail.

    The line says what changed since the work held the meeting; of a new one, all that it is.
    """
    changed = differences(work.meetings.held.get(meeting.id), meeting)
    await work.audit(action, subject=meeting.id, detail=detail, changes=changed)
    may_have_links = await agreements.follow(work, meeting)
    if meeting.status not in _NEWS and may_have_links:
        await work.links.ensure(meeting, meeting.ends_at + OPEN_AFTER_END)
    await deadlines.follow(work, meeting)
    what = "ended" if action == SITTING_ENDED else _NEWS.get(meeting.status, "changed")
    await work.tell(MEETINGS_TOPIC, MeetingNews(meeting.id, what))
    await follow(work, meeting.id)
