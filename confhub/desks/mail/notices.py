"""Who is told by mail of a time that has to be confirmed: the people of the centre when it is asked
or reminded, whoever plans the meeting when it answered or did not.

In the work of a job, after the change: who has no address reads it in the pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from confhub.desks import rights
from confhub.desks.mail.about import standing_in
from confhub.errors import NotFound
from confhub.mail.notice import (
    GATHERED,
    TO_CENTRE,
    Asking,
    Notice,
    is_mailed,
    is_true,
    notice_id,
)
from confhub.meetings.meeting import Meeting
from confhub.people.grant import in_force
from confhub.people.policy import Action, rights_of
from confhub.planning.agreement.states import Agreement
from confhub.store import Work
from confhub.store.repositories import Repositories
from confhub.words.addresses import can_be_sent_to

# More people than a centre has at its desks.
MOST_TOLD = 30
# What is asked for in one go, as a series is, is planned within seconds and told in one mail.
GATHER = dt.timedelta(seconds=20)


async def plan(work: Work, meeting_id: str, version: int, what: str, by: str) -> None:
    """Notices of that version for who is to know and has an address, unless they have it; none
    where something happened since. `by`: the account that did it."""
    await rights.require_the_house(work)
    now = work.actor.now
    asking = await asking_about(work, meeting_id, work.actor.today)
    if asking is None or not is_mailed(what):
        return
    told = await _told(work, asking, what, now)
    people = await work.accounts.people([one for one in told if one != by])
    named = [one for one in told if one in people and can_be_sent_to(people[one].email)]
    at = now + GATHER if what in GATHERED else now
    notices = [
        Notice(notice_id(meeting_id, version, what, one), meeting_id, one, version, what, now, at)
        for one in named[:MOST_TOLD]
    ]
    await work.notices.add_many([one for one in notices if is_true(one, asking, now)])


async def asking_about(record: Repositories, meeting_id: str, day: dt.date) -> Asking | None:
    """The question as it stands, its units by their names of the day; None: there is none."""
    known = await record.agreements.find(meeting_id)
    if known is None:
        return None
    try:
        meeting = await record.meetings.get(meeting_id)
    except NotFound:
        return None
    names = await record.units.names({meeting.host_unit_id, known.centre_id}, day)
    asks = known.asked_by or meeting.created_by
    people = await record.accounts.people({asks, known.answered_by} - {""})
    return Asking(
        known,
        meeting,
        names.get(meeting.host_unit_id, ""),
        names.get(known.centre_id, ""),
        people.get(asks),
        people.get(known.answered_by),
    )


async def still_told(
    record: Repositories, asking: Asking, notice: Notice, now: dt.datetime
) -> bool:
    """Whether whom it is for may still do what it asks for, or plan the meeting: the mail server
    may have been away for a day, and people leave a centre."""
    agreement, host_id = asking.agreement, asking.meeting.host_unit_id
    if notice.what in TO_CENTRE:
        return bool(
            await _able(record, [notice.account_id], [agreement.centre_id], "confirm_times", now)
        )
    path = [one.id for one in await rights.path_to(record, host_id, now.date())]
    return bool(await _able(record, [notice.account_id], path, "schedule", now))


async def _told(work: Work, asking: Asking, what: str, now: dt.datetime) -> list[str]:
    """Ids of accounts, each once."""
    if what in TO_CENTRE:
        return await _holding(work, asking.agreement.centre_id, "confirm_times", now)
    return await _planners(work, asking.agreement, asking.meeting, now)


async def _planners(
    work: Work, agreement: Agreement, meeting: Meeting, now: dt.datetime
) -> list[str]:
    """Who asked and who stands in for them, as long as they may plan; else those of the unit."""
    asked_by = agreement.asked_by or meeting.created_by
    standing = await standing_in(work, asked_by, now)
    wanted = dict.fromkeys((asked_by, *(person.id for person in standing)))
    path = [one.id for one in await rights.path_to(work, meeting.host_unit_id, now.date())]
    found = await _able(work, [one for one in wanted if one], path, "schedule", now)
    return found or await _holding(work, meeting.host_unit_id, "schedule", now)


async def _holding(work: Work, unit_id: str, action: Action, now: dt.datetime) -> list[str]:
    """Those with a role in just this unit that allows it: its administrators only where there is
    nobody else."""
    posts = [one.id for one in await work.accounts.list([unit_id])]
    further = [one.account_id for one in await work.grants.in_units([unit_id])]
    ids = list(dict.fromkeys((*posts, *further)))
    everybody = await _able(work, ids, [unit_id], action, now)
    workers = await _able(work, ids, [unit_id], action, now, but="admin")
    return workers or everybody


async def _able(
    record: Repositories,
    ids: Collection[str],
    units: Iterable[str],
    action: Action,
    now: dt.datetime,
    but: str = "",
) -> list[str]:
    """Those of the accounts that may do it by a grant in one of the units that is of another role
    than `but`."""
    held, within = await record.grants.of_many(ids), set(units)
    return [
        one
        for one in ids
        if any(
            grant.unit_id in within and grant.role != but and action in rights_of(grant)
            for grant in in_force(held.get(one, ()), now)
        )
    ]
