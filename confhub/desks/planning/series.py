"""The use cases of meetings that come again: each one change of a series, with its occurrences.

As those of single meetings (desks/meetings.py). What is more than a moment's work is done by a job
(confhub/jobs/series.py), which goes on from what is on record: `settle`. An occurrence that nobody
looks at when it gets its time books nobody twice: where somebody is taken it is put off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from confhub.desks import rights
from confhub.desks.planning.booking import change_to
from confhub.desks.planning.clashes import check_free, clashes_of, hindering
from confhub.desks.steps import check_invited, finish, hold
from confhub.errors import N_, BadInput, FieldErrors
from confhub.identity import new_id, part_id
from confhub.meetings import changes
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.planning import series_edits
from confhub.planning.conflicts import NO_OVERRIDE, Override
from confhub.planning.recurrence import Rule, check_rule
from confhub.planning.series import (
    STANDING,
    HostedElsewhere,
    NotOfTheSeries,
    Occurrence,
    Part,
    Series,
    Slot,
    content_of,
    first_slot,
    is_over,
    new_meeting,
)
from confhub.planning.series_edits import Asked, Scope
from confhub.planning.settling import (
    House,
    Task,
    first_looked_at,
    invited,
    settled_first,
    unsettled,
)
from confhub.planning.settling import (
    settle as settled,
)
from confhub.planning.takings import TAKING
from confhub.store import Store, Work
from confhub.store.repositories import Repositories

# Of invitations, at once: some tenths of a second, which others wait who write to SQLite.
MOST_ROWS = 500
JOB = "one series"  # the kind of job that does the rest

# Stands at the occurrence as its reason, for everybody to read.
_TAKEN = N_("Giờ này có nơi hoặc người không rảnh; chờ xếp giờ mới.")
_NO_DAY = N_("Mọi buổi đều rơi vào ngày nghỉ. Xin chọn ngày khác hoặc chuyển sang ngày làm việc.")
_NOT_THIS_DAY = N_(
    "Ngày của cuộc họp này phải là một ngày trong lịch lặp lại và không bị bỏ vì ngày nghỉ."
)


async def schedule(
    store: Store,
    actor: Actor,
    meeting_id: str,
    draft: Draft,
    rule: Rule,
    zone: ZoneInfo,
    override: Override = NO_OVERRIDE,
) -> Meeting:
    """A new series; returns its first meeting, under an id of the caller's. Conflict if there is
    one already; FieldErrors as `check_rule`. `override`: as for a single meeting, of the first."""
    check_rule(rule)
    content = content_of(draft, await store.special_days.calendar(), zone)
    part = Part(0, rule.first, rule, content)
    made = Series(part_id(meeting_id, "series"), (part,), actor.account_id)
    async with store.work(actor) as work:
        await rights.require(work, "schedule", draft.host_unit_id)
        await check_invited(work, draft, ())
        house = await house_of(work, made, actor.now, zone)
        slot = first_slot(made, house.calendar)
        if slot is None or slot.day is None:
            raise FieldErrors({"off_days": BadInput(_NO_DAY)})
        await work.series.add(made)
        meeting = _made(made, slot, slot.day, house, meeting_id)
        if meeting.starts_at == draft.starts_at:  # of this one it was chosen to the day
            meeting = replace(meeting, answer_by=draft.answer_by)
        await work.meetings.add(meeting)
        await check_free(work, meeting, meeting.id, override)
        first = await _keep_made(work, made, slot, slot.day, meeting)
        await work.audit("series.scheduled", subject=made.id, detail=draft.title)
        await settle_some(work, made, house)
    return first


async def repeat(
    store: Store,
    actor: Actor,
    meeting_id: str,
    version: int,
    draft: Draft,
    rule: Rule,
    zone: ZoneInfo,
    override: Override = NO_OVERRIDE,
) -> Meeting:
    """A meeting that stood alone, changed to the draft, as the first of a new series."""
    check_rule(rule)
    day = draft.starts_at.astimezone(zone).date()
    rule = replace(rule, first=day)
    made = Series(
        part_id(meeting_id, f"series {version}"),
        (Part(0, day, rule, content_of(draft, await store.special_days.calendar(), zone)),),
        actor.account_id,
    )
    async with store.work(actor) as work:
        meeting = await hold(work, meeting_id, version)
        if await work.series.of_meeting(meeting_id) is not None:
            raise changes.Overtaken
        slot = first_slot(made, await work.special_days.calendar())
        if slot is None or slot.original != day or slot.day is None:
            raise FieldErrors({"weekdays": BadInput(_NOT_THIS_DAY)})
        stored = await change_to(work, meeting, draft, override)
        house = await house_of(work, made, actor.now, zone)
        await work.series.add(made)
        await work.series.add_occurrence(Occurrence(meeting_id, made.id, day, day, 0))
        await work.audit("series.scheduled", subject=made.id, detail=draft.title)
        await settle_some(work, made, house)
    return stored


async def change(
    store: Store,
    actor: Actor,
    meeting_id: str,
    version: int,
    draft: Draft,
    scope: Scope,
    rule: Rule | None,
    zone: ZoneInfo,
    reason: str = "",
    override: Override = NO_OVERRIDE,
) -> Meeting:
    """The occurrence with the draft's content, and so those that follow it, or all ahead; each
    keeps what somebody changed of it alone. HostedElsewhere where some are another unit's.

    `rule` None: the one it had, moved along with this occurrence. `reason`: why it is put off, for
    everybody to read. FieldErrors as `series_edits.changed`; NotOfTheSeries.
    """
    async with store.work(actor) as work:
        meeting, one, series = await _hold_with_series(work, meeting_id, version)
        house = await house_of(work, series, actor.now, zone)
        asked = _asked(meeting, draft, rule, reason, house)
        base = series.owner(one.original).content
        if reason and draft.answer_by is None:  # a move says nothing of deadlines
            asked = replace(asked, content=replace(asked.content, answer=base.answer))
            answer_by = asked.content.answer_by(asked.day, house.calendar, zone)
            draft = replace(draft, answer_by=answer_by)
        edited, moved = series_edits.changed(series, one, asked, scope, house)
        await require_hosts(work, series, edited.last_part.since)
        edited = await _handed_on(work, series, edited, one, house)
        edited = await work.series.update(edited)
        if moved != one:
            await work.series.put_occurrence(moved)
        # Before anything is booked, as the job does, so that neither waits for the other.
        await _hold_all(work, await still_to_do(work, edited, house))
        stored = await change_to(work, meeting, draft, override, reason)
        await work.audit("series.changed", subject=series.id, detail=reason or draft.title)
        await settle_some(work, edited, house)
    return stored


async def end(
    store: Store,
    actor: Actor,
    meeting_id: str,
    version: int | None,
    scope: Scope,
    reason: str,
    zone: ZoneInfo,
) -> Meeting:
    """This occurrence and those that follow called off, or all ahead; FieldErrors (`reason`),
    HostedElsewhere."""
    async with store.work(actor) as work:
        meeting, one, series = await _hold_with_series(work, meeting_id, version)
        over = changes.cancelled(meeting, reason)
        house = await house_of(work, series, actor.now, zone)
        ended = series_edits.ended(series, one, scope, reason, house)
        await require_hosts(work, series, ended.ended_on or one.original)
        ended = await work.series.update(ended)
        stored = await work.meetings.update(over)
        await finish(work, stored, "meeting.cancelled", reason)
        await work.audit("series.ended", subject=series.id, detail=reason)
        await settle_some(work, ended, house)
    return stored


async def settle(work: Work, series_id: str, zone: ZoneInfo) -> bool:
    """In a work of the house: some of what is still to be done until the series' meetings are as
    it says; whether there is more."""
    await rights.require_the_house(work)
    series = await work.series.hold(series_id)
    house = await house_of(work, series, work.actor.now, zone)
    if await _settle_piece(work, series, house):
        return True
    if series.is_open and is_over(series, house.today):
        await work.series.update(replace(series, is_open=False))
    return False


async def house_of(record: Repositories, series: Series, now: dt.datetime, zone: ZoneInfo) -> House:
    """What the series stand in, as it is on record."""
    named = {site for part in series.living for site in part.content.sites}
    active = {site.id for site in await record.sites.get_many(named) if site.active}
    ends = await record.leaving.ends_of(named)
    return House(now, zone, await record.special_days.calendar(), named - active, ends=ends)


async def still_to_do(record: Repositories, series: Series, house: House) -> list[Task]:
    """What a job is still to do until the series' meetings are as it says."""
    known = await record.series.occurrences(series.id, first_looked_at(house.today))
    return unsettled(series, known, house)


async def rule_after(
    record: Repositories,
    meeting: Meeting,
    draft: Draft,
    scope: Scope,
    now: dt.datetime,
    zone: ZoneInfo,
) -> Rule:
    """By which its series would go on, were `change` to move the meeting to the draft's time;
    NotOfTheSeries, FieldErrors (`date`)."""
    one = await record.series.of_meeting(meeting.id)
    if one is None or one.state not in STANDING:
        raise NotOfTheSeries
    series = await record.series.get(one.series_id)
    house = await house_of(record, series, now, zone)
    asked = _asked(meeting, draft, None, "", house)
    edited, _ = series_edits.changed(series, one, asked, scope, house)
    return edited.last_part.rule


def _asked(meeting: Meeting, draft: Draft, rule: Rule | None, reason: str, house: House) -> Asked:
    old, new = (one.starts_at.astimezone(house.zone).date() for one in (meeting, draft))
    return Asked(content_of(draft, house.calendar, house.zone), old, new, rule, reason)


async def _hold_with_series(
    work: Work, meeting_id: str, version: int | None
) -> tuple[Meeting, Occurrence, Series]:
    """The series first, as the job does, so that neither waits for the other."""
    known = await work.series.of_meeting(meeting_id)
    series = await work.series.hold(known.series_id) if known is not None else None
    meeting = await hold(work, meeting_id, version)
    one = await work.series.of_meeting(meeting_id)
    if series is None or one is None or one.state not in STANDING:
        raise NotOfTheSeries
    return meeting, one, series


async def require_hosts(work: Work, series: Series, since: dt.date) -> None:
    """HostedElsewhere unless the actor may plan for all units that host the series from that
    original date on, or for one into which they went."""
    for host in {part.content.host_unit_id for part in series.from_then(since)}:
        for unit_id in (host, *await work.leaving.heirs(host)):
            if await rights.allows(work, "schedule", unit_id):
                break
        else:
            raise HostedElsewhere


async def _handed_on(
    work: Work, series: Series, edited: Series, one: Occurrence, house: House
) -> Series:
    hosts = {part.content.host_unit_id for part in series.living}
    ends = await work.leaving.unit_ends(hosts)
    heirs = {host: await work.leaving.heirs(host) for host in ends}
    house = replace(house, heirs=heirs)
    return series_edits.handed_on(series, edited, one.original, ends, house)


async def settle_some(work: Work, series: Series, house: House) -> None:
    """A piece at once; a job is ordered for the rest."""
    if await _settle_piece(work, series, house):
        job_id = part_id(series.id, f"version {series.version}")
        await work.jobs.add(job_id, JOB, {"series_id": series.id}, work.actor.now, None)


async def _settle_piece(work: Work, series: Series, house: House) -> bool:
    """Whether there is more to do."""
    tasks = await still_to_do(work, series, house)
    piece = settled_first(tasks, MOST_ROWS)
    house = replace(house, heirs=await _heirs(work, series, piece))
    await _hold_all(work, piece)
    await work.takings.hold()
    for task in piece:
        await _settle_one(work, task, series, house)
    return len(piece) < len(tasks)


async def _heirs(work: Work, series: Series, tasks: Sequence[Task]) -> Mapping[str, Sequence[str]]:
    """Of the units that host, or hosted, what of the series is to be touched."""
    touched = (task.occurrence for task in tasks if task.occurrence is not None)
    parts = (
        part for one in touched for part in (series.parts[one.part], series.owner(one.original))
    )
    hosts = {part.content.host_unit_id for part in parts}
    return {host: await work.leaving.heirs(host) for host in hosts}


async def _settle_one(work: Work, task: Task, series: Series, house: House) -> None:
    one, slot = task.occurrence, task.slot
    if one is None:
        if slot is not None and slot.day is not None:
            made = _made(series, slot, slot.day, house, new_id())
            made = await _if_free(work, made, None, house.zone)
            await work.meetings.add(made)
            await _keep_made(work, series, slot, slot.day, made)
        return
    meeting = await work.meetings.get(one.meeting_id)
    there = settled(task, meeting, series, house)
    await work.series.put_occurrence(there.occurrence)
    if there.meeting == meeting:
        return
    stored = await work.meetings.update(await _if_free(work, there.meeting, meeting, house.zone))
    action = "meeting.changed"
    if stored.status == "cancelled":
        action = "meeting.cancelled"
    elif stored.postponed_from != meeting.postponed_from:
        action = "meeting.postponed"
    await finish(work, stored, action, stored.status_reason or stored.title)


async def _hold_all(work: Work, tasks: Sequence[Task]) -> None:
    for task in tasks:
        if task.occurrence is not None:
            await work.meetings.hold(task.occurrence.meeting_id)


async def _if_free(work: Work, wanted: Meeting, before: Meeting | None, zone: ZoneInfo) -> Meeting:
    """`wanted`, put off if it would take somebody who is taken, but for whom `before` has, and as
    `hindering` says."""
    if wanted.status not in TAKING:
        return wanted
    accepted = await clashes_of(work, before, zone, before.id) if before is not None else []
    clashes = await clashes_of(work, wanted, zone, wanted.id)
    clashes = await hindering(work, wanted, clashes, zone)
    if {clash.fact for clash in clashes} <= {clash.fact for clash in accepted}:
        return wanted
    return changes.held_over(wanted, _TAKEN, work.actor.now)


def _made(series: Series, slot: Slot, day: dt.date, house: House, meeting_id: str) -> Meeting:
    made = new_meeting(meeting_id, series, slot, day, house.calendar, house.zone)
    return replace(made, sites=invited(slot, house))


async def _keep_made(
    work: Work, series: Series, slot: Slot, day: dt.date, made: Meeting
) -> Meeting:
    one = Occurrence(made.id, series.id, slot.original, day, slot.part.number)
    await work.series.add_occurrence(one)
    await finish(work, made, "meeting.scheduled", made.title)
    return made
