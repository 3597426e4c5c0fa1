"""Use cases of letters: one is issued with the next number; where a unit's register begins.

By who may change the meeting; the register by who administers the unit.
"""

from __future__ import annotations

import msgspec

from confhub.desks import agreements, rights
from confhub.desks.mail.following import follow
from confhub.errors import N_, Conflict, NotFound
from confhub.letters.invitation import written
from confhub.letters.issued import Issued, Kept, Wanted, check_first, check_names
from confhub.meetings.changes import check_changeable
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.store import Store, Work

_BEGAN = N_("Sổ đăng ký giấy mời năm %(year)s đã bắt đầu; số đầu không đổi được nữa.")


async def issue(store: Store, actor: Actor, key: str, meeting_id: str, letter: Wanted) -> Issued:
    """The letter with the next number of the host's register, dated today, kept for good; `key` is
    its id. The same one sent twice is one; Conflict for another under its key.

    Number and letter are one commit: what fails leaves no gap. Sites that hear of the
    meeting by mail get it so. FieldErrors (`closing`) where a correction does not name the letter
    in whose place it comes; Conflict where that has another one, or the meeting's time is not
    confirmed yet; NoMoreChanges.
    """
    sent = (meeting_id, letter.typed, bool(letter.annex), letter.corrects)
    async with store.work(actor, key, sent=sent) as work:
        if work.done:
            return await work.letters.get(meeting_id, key)
        meeting = await work.meetings.hold(meeting_id)
        await rights.require_meeting(work, "schedule", meeting)
        check_changeable(meeting)
        await agreements.check_released(work, meeting_id)
        if letter.corrects:
            check_names(letter.typed, await work.letters.get(meeting_id, letter.corrects))
        return await _issue(work, key, meeting, letter)


async def begin_register(store: Store, actor: Actor, unit_id: str, first: int | None) -> None:
    """This year's letters of the unit are numbered from `first` on: once, before the first of them.

    FieldErrors (`first`); Conflict where the register began already, but with the same number.
    """
    year = actor.today.year
    async with store.work(actor) as work:
        if not await rights.path_to(work, unit_id, actor.today):
            raise NotFound
        await rights.require_reach(work, "edit_units", unit_id)
        number = check_first(first)
        if await work.letters.begin(unit_id, year, number):
            changes = {"first_number": (None, number), "year": (None, year)}
            await work.audit("register.begun", subject=unit_id, changes=changes)
            return
        known = await work.letters.register(unit_id, year)
        if known is None or (known.first, known.last) != (number, number - 1):
            raise Conflict(_BEGAN, code="register_began", values={"year": year})


async def _issue(work: Work, key: str, meeting: Meeting, wanted: Wanted) -> Issued:
    today, unit_id = work.actor.today, meeting.host_unit_id
    number = await work.letters.take_number(unit_id, today.year)
    typed = msgspec.structs.replace(wanted.typed, number=str(number))
    issued = Issued(
        key,
        meeting.id,
        unit_id,
        today.year,
        number,
        typed.symbol,
        today,
        work.actor.now,
        work.actor.account_id,
        wanted.template,
        wanted.corrects,
        meeting.starts_at,
    )
    letter = written(typed, today, wanted.annex, dated=True)
    await work.letters.add(issued, Kept(letter, wanted.typed, meeting.starts_at))
    await work.audit("letter.issued", subject=meeting.id, detail=issued.said)
    await follow(work, meeting.id)
    return issued
