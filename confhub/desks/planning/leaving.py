"""The schedule after units changed: who comes in the place of a site that will not be there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from confhub.desks.planning.clashes import clashes_of
from confhub.desks.rights import allows, mine, see
from confhub.desks.steps import finish, hold
from confhub.errors import N_, BadInput, FieldErrors, NotFound
from confhub.meetings.changes import passed
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.planning.leaving import joined, replaced
from confhub.planning.takings import Holder
from confhub.store import Store, Work

# Some ten milliseconds each, for which others wait who write to SQLite.
AT_ONCE = 10

_TAKEN = N_(
    "Lúc họp “%(title)s”, điểm cầu này đã dự “%(other)s”. Xin mở cuộc họp, bấm “Sửa” để xếp lại."
)
_TAKEN_BY_HIDDEN = N_(
    "Lúc họp “%(title)s”, điểm cầu này đã dự một cuộc họp khác. Xin mở cuộc họp, bấm “Sửa” để xếp"
    " lại."
)
_FOLLOWS_NOT = N_("Đơn vị này không kế tục đơn vị chủ trì. Xin tải lại trang rồi chọn lại.")
_NOT_YOURS = N_("Bạn không lập lịch họp của đơn vị này. Xin nhờ thư ký cấp trên chuyển giúp.")
_NO_HEIR = N_("Điểm cầu này không thuộc đơn vị kế tục. Xin tải lại trang rồi chọn lại.")


async def replace_site(
    store: Store, actor: Actor, meeting_ids: Sequence[str], old_id: str, new_id: str
) -> int:
    """In each of these meetings a site of a unit that `old_id`'s went into, in its place; where
    `new_id` is empty it leaves. Of several sittings it stays for those before its unit's end, and
    the other comes beside it. How many meetings changed: all, or those before the first refusal.

    FieldErrors (`site_id`), as `replaced`, or where the other site is taken by then; NoMoreChanges
    for a meeting that is over.
    """
    done = 0
    for first in range(0, len(meeting_ids), AT_ONCE):
        async with store.work(actor) as work:
            await check_heir(work, old_id, new_id)
            ends_on = await _end_of(work, old_id)
            for meeting_id in meeting_ids[first : first + AT_ONCE]:
                meeting = await hold(work, meeting_id, None)
                if old_id in meeting.sites:
                    turned = joined if _is_there_first(work, meeting, ends_on) else replaced
                    changed = turned(meeting, old_id, new_id)
                    if changed == meeting:
                        continue
                    await _check_free(work, changed, new_id)
                    stored = await work.meetings.update(changed)
                    await finish(work, stored, "meeting.site_replaced")
                    done += 1
    return done


async def replace_host(
    store: Store, actor: Actor, meeting_ids: Sequence[str], old_id: str, new_id: str
) -> int:
    """Each of these meetings becomes one of a unit that its host `old_id` went into. How many
    changed.

    FieldErrors (`unit_id`) for a unit that does not follow it, or in which the actor plans no
    meetings; NoMoreChanges for a meeting that is over.
    """
    done = 0
    for first in range(0, len(meeting_ids), AT_ONCE):
        async with store.work(actor) as work:
            held = [await hold(work, one, None) for one in meeting_ids[first : first + AT_ONCE]]
            await check_host_heir(work, old_id, new_id)
            for meeting in held:
                if meeting.host_unit_id == old_id:
                    stored = await work.meetings.update(replace(meeting, host_unit_id=new_id))
                    await finish(work, stored, "meeting.host_replaced")
                    done += 1
    return done


async def _end_of(work: Work, site_id: str) -> dt.date:
    """The first day on which the site's unit stands no more; of one that is switched off any."""
    site = await work.sites.get(site_id, with_lines=False)
    ends = await work.leaving.ends_of([site_id])
    return ends.get(site_id, dt.date.min) if site.active else dt.date.min


def _is_there_first(work: Work, meeting: Meeting, ends_on: dt.date) -> bool:
    """Whether a sitting is ahead that its unit still stands for, before others."""
    coming = passed(meeting, work.actor.now).coming
    several = len(meeting.all_sittings) > 1
    return several and coming.starts_at.astimezone(work.actor.zone).date() < ends_on


async def check_host_heir(work: Work, old_id: str, new_id: str) -> None:
    """FieldErrors (`unit_id`) unless one unit follows the other, and the actor plans its
    meetings."""
    if new_id not in await work.leaving.heirs(old_id):
        raise FieldErrors({"unit_id": BadInput(_FOLLOWS_NOT)})
    if not await allows(work, "schedule", new_id):
        raise FieldErrors({"unit_id": BadInput(_NOT_YOURS)})


async def check_heir(work: Work, old_id: str, new_id: str) -> None:
    """FieldErrors (`site_id`) unless the site is of a unit that follows the other's, or none."""
    if not new_id:
        return
    old, new = [await work.sites.get(one, with_lines=False) for one in (old_id, new_id)]
    if new.unit_id not in await work.leaving.heirs(old.unit_id) or not new.active:
        raise FieldErrors({"site_id": BadInput(_NO_HEIR)})


async def _check_free(work: Work, meeting: Meeting, new_id: str) -> None:
    """Only the one who comes: whoever else is booked twice was accepted before."""
    await work.takings.hold()
    for clash in await clashes_of(work, meeting, work.actor.zone, meeting.id):
        if clash.site_id == new_id:
            values = {"title": meeting.title, "other": clash.holder.title}
            said = _TAKEN if await _may_name(work, clash.holder) else _TAKEN_BY_HIDDEN
            raise FieldErrors({"site_id": BadInput(said, values=values)})


async def _may_name(work: Work, holder: Holder) -> bool:
    """Whether the actor may read who takes a site."""
    if work.actor.is_house or holder.cause != "meeting":
        return True
    other = await work.meetings.get(holder.id)
    try:
        await see(work, await mine(work), other, work.actor.today)
    except NotFound:
        return False
    return True
