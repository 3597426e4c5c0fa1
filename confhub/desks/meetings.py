"""The schedule's use cases: each one change of one meeting, with links, record and news.

NotFound for who does not see the meeting, Forbidden for who only sees it; what a room does stands
on its fence. `version` is that of the meeting the actor looked at: Overtaken if somebody changed it
since, NoMoreChanges once it is over. Where a meeting gets a time, nobody is booked twice: Clashing
unless `override` says that just these clashes were seen, and why they are taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

from confhub.desks import rights
from confhub.desks.planning.booking import change_to
from confhub.desks.planning.clashes import check_free
from confhub.desks.steps import (
    LATEST_ACTS,
    SITTING_ENDED,
    check_invited,
    finish,
    hold,
    own_last,
)
from confhub.meetings import changes
from confhub.meetings.admission import sitting_at
from confhub.meetings.meeting import Meeting
from confhub.meetings.overtime import extended, later_end, may_reopen, reopenable_until, reopened
from confhub.meetings.ownership import Fence
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.planning.conflicts import NO_OVERRIDE, Override
from confhub.planning.series import STANDING, SittingsInSeries
from confhub.store import AuditEntry, Store, Work

_SETS_END = frozenset({"meeting.extended", "meeting.changed", "meeting.postponed"})
_ENDS = frozenset({"meeting.ended", SITTING_ENDED})
_SETS_LIVE = _ENDS | {"meeting.reopened"}


async def schedule(
    store: Store, actor: Actor, meeting_id: str, draft: Draft, override: Override = NO_OVERRIDE
) -> Meeting:
    """A new meeting under an id of the caller's; Conflict if there is one already."""
    meeting = draft.new_meeting(meeting_id, actor.account_id)
    async with store.work(actor) as work:
        await rights.require(work, "schedule", draft.host_unit_id)
        await check_invited(work, draft, ())
        await work.meetings.add(meeting)
        await check_free(work, meeting, meeting_id, override)
        await finish(work, meeting, "meeting.scheduled", meeting.title)
    return meeting


async def change(
    store: Store,
    actor: Actor,
    meeting_id: str,
    version: int,
    draft: Draft,
    override: Override = NO_OVERRIDE,
) -> Meeting:
    """The meeting with the draft's content; of another unit, it leaves its series."""
    async with store.work(actor) as work:
        meeting = await hold(work, meeting_id, version)
        if draft.sittings:
            await _check_alone(work, meeting_id)
        stored = await change_to(work, meeting, draft, override)
        if stored.host_unit_id != meeting.host_unit_id:
            one = await work.series.of_meeting(meeting_id)
            if one is not None and one.state in STANDING:
                await work.series.put_occurrence(replace(one, state="left"))
    return stored


async def _check_alone(work: Work, meeting_id: str) -> None:
    """FieldErrors (`sittings`) of an occurrence: its series sets one time for each."""
    one = await work.series.of_meeting(meeting_id)
    if one is not None and one.state in STANDING:
        raise SittingsInSeries


async def move(
    store: Store,
    actor: Actor,
    meeting_id: str,
    version: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    override: Override = NO_OVERRIDE,
) -> Meeting:
    """The meeting at another time; FieldErrors."""
    async with store.work(actor) as work:
        meeting = await hold(work, meeting_id, version)
        moved = changes.moved(meeting, starts_at, ends_at, reason, actor.now)
        await check_free(work, moved, meeting_id, override)
        stored = await work.meetings.update(moved)
        await finish(work, stored, "meeting.postponed", reason)
    return stored


async def hold_over(
    store: Store, actor: Actor, meeting_id: str, version: int, reason: str
) -> Meeting:
    """The meeting put off until somebody finds another time; FieldErrors."""

    def held_over(meeting: Meeting) -> Meeting:
        return changes.held_over(meeting, reason, actor.now)

    return await _changed(store, actor, meeting_id, version, held_over, "meeting.postponed", reason)


async def cancel(
    store: Store, actor: Actor, meeting_id: str, version: int | None, reason: str
) -> Meeting:
    """The meeting called off; its links open nothing any more. FieldErrors.

    `version` None: however it stands, as long as it is not over.
    """

    def cancelled(meeting: Meeting) -> Meeting:
        return changes.cancelled(meeting, reason)

    return await _changed(store, actor, meeting_id, version, cancelled, "meeting.cancelled", reason)


async def extend(
    store: Store,
    actor: Actor,
    meeting_id: str,
    minutes: int,
    seen_end: dt.datetime | None = None,
) -> Meeting:
    """The meeting with a later end; Conflict, BadInput as `extended`.

    `seen_end`: the end that the actor looked at. Asked again from there it is the same act, which
    is done once; Overtaken if the end was changed otherwise. None: whatever the end is.
    """
    async with store.work(actor) as work:
        meeting = await work.meetings.hold(meeting_id)
        await rights.require_meeting(work, "drive", meeting)
        if seen_end is not None and seen_end != sitting_at(meeting, actor.now).ends_at:
            if await _was_extended(work, meeting, minutes, seen_end):
                return meeting
            raise changes.Overtaken
        stored = await work.meetings.update(extended(meeting, minutes, actor.now))
        await finish(work, stored, "meeting.extended", f"+{minutes} min")
    return stored


async def _was_extended(work: Work, meeting: Meeting, minutes: int, seen_end: dt.datetime) -> bool:
    """Whether the meeting's end is as the actor's own step from `seen_end` left it."""
    last = await own_last(work, meeting.id, _SETS_END)
    if last is None or (last.action, last.detail) != ("meeting.extended", f"+{minutes} min"):
        return False
    return later_end(seen_end, minutes, last.at) == sitting_at(meeting, work.actor.now).ends_at


async def start(store: Store, actor: Actor, room: Fence, key: str) -> bool:
    """The meeting is live, now that somebody came in; False if it is not to be held any more.

    `key` stays the same when it is tried again. RoomTaken if another hub runs the room by now.
    """
    async with store.work(actor, key) as work:
        await work.ownership.check(room)
        if work.done:
            return True
        meeting = await work.meetings.hold(room.meeting_id)
        if meeting.status != "scheduled":
            return False
        stored = await work.meetings.update(replace(meeting, status="live"))
        await finish(work, stored, "meeting.live")
    return True


async def end(store: Store, actor: Actor, room: Fence, key: str) -> None:
    """The meeting is over, from its room; nothing if it was already. As `start`.

    Conflict if it was cancelled or put off meanwhile.
    """
    async with store.work(actor, key) as work:
        await work.ownership.check(room)
        if work.done:
            return
        meeting = await work.meetings.hold(room.meeting_id)
        over = changes.ended(meeting, actor.now)
        if meeting.status == "ended":
            return
        await finish(work, await work.meetings.update(over), _ending(over))


async def end_forgotten(work: Work, meeting_id: str) -> bool:
    """In a work of the house: a live meeting that nobody ended is over; False if it is live no
    more."""
    await rights.require_the_house(work)
    meeting = await work.meetings.hold(meeting_id)
    if meeting.status != "live":
        return False
    stored = await work.meetings.update(changes.ended(meeting, work.actor.now))
    await finish(work, stored, _ending(stored), "nobody ended it")
    return True


def _ending(over: Meeting) -> str:
    """How the record names the end; of a sitting, while others are ahead."""
    return "meeting.ended" if over.status == "ended" else SITTING_ENDED


async def reopen(
    store: Store, actor: Actor, meeting_id: str, version: int | None = None
) -> Meeting:
    """A meeting, or a sitting of it, that was ended a moment ago goes on; again, while it does,
    nothing happens.

    Conflict as `reopened`; Overtaken if it was ended anew since it was of `version`.
    """
    async with store.work(actor) as work:
        meeting = await work.meetings.hold(meeting_id)
        await rights.require_meeting(work, "drive", meeting)
        if meeting.status == "live":
            last = await own_last(work, meeting_id, _SETS_LIVE)
            if last is not None and last.action == "meeting.reopened":
                return meeting
        elif version is not None and meeting.version != version:
            raise changes.Overtaken
        acts = await work.trail.recent(LATEST_ACTS, meeting_id)
        stored = await work.meetings.update(reopened(meeting, _ended_at(acts), actor.now))
        await finish(work, stored, "meeting.reopened")
    return stored


async def reopenable(store: Store, meeting: Meeting, now: dt.datetime) -> dt.datetime | None:
    """Until when `reopen` takes the meeting's end back; None if it does not."""
    if not may_reopen(meeting):
        return None
    acts = await store.audit.recent(LATEST_ACTS, meeting.id, thing="meeting")
    return reopenable_until(meeting, _ended_at(acts), now)


def _ended_at(acts: Iterable[AuditEntry]) -> dt.datetime | None:
    """When the meeting, or a sitting of it, was ended in its room; `acts`: the last first."""
    return next((act.at for act in acts if act.action in _ENDS), None)


async def _changed(
    store: Store,
    actor: Actor,
    meeting_id: str,
    version: int | None,
    apply: Callable[[Meeting], Meeting],
    action: str,
    detail: str,
) -> Meeting:
    async with store.work(actor) as work:
        meeting = await hold(work, meeting_id, version)
        stored = await work.meetings.update(apply(meeting))
        await finish(work, stored, action, detail)
    return stored
