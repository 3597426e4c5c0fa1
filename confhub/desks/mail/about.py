"""What sites are told of a meeting, and whom they call about it: asked of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from confhub.desks.answers.deadlines import due
from confhub.letters.issued import in_force as letter_in_force
from confhub.mail.letter import Letter, Paper
from confhub.meetings.admission import doors_of
from confhub.meetings.changes import passed
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from confhub.people.calls import Call, calls_of
from confhub.people.grant import in_force
from confhub.people.person import Person
from confhub.people.policy import rights_of
from confhub.store.repositories import Repositories


async def calls_about(record: Repositories, meeting: Meeting, now: dt.datetime) -> Sequence[Call]:
    """The meeting's secretary, who stands in for them, and the presiding site's people."""
    people = await record.accounts.people([meeting.created_by])
    chairs = await record.sites.get_many([meeting.chair_site_id])
    return calls_of(
        people.get(meeting.created_by),
        await standing_in(record, meeting.created_by, now),
        chairs[0] if chairs else None,
    )


async def standing_in(
    record: Repositories, secretary_id: str, now: dt.datetime
) -> Sequence[Person]:
    """Those to whom the secretary handed that role over for now."""
    given = await record.grants.handed_over_by(secretary_id) if secretary_id else []
    able = [grant for grant in in_force(given, now) if "drive" in rights_of(grant)]
    people = await record.accounts.people([grant.account_id for grant in able])
    return list(people.values())


def _as_told(meeting: Meeting) -> tuple[Sitting, ...]:
    """Nobody is told by mail that a sitting is over."""
    sittings = meeting.all_sittings
    return tuple(replace(one, is_over=False) for one in sittings) if len(sittings) > 1 else ()


async def letter_about(
    record: Repositories,
    meeting: Meeting,
    now: dt.datetime,
    *,
    letter_id: str,
    origin: str,
    early_min: int,
    paper: Paper | None = None,
) -> Letter:
    """The meeting as it stands, its host and place by their names of that day. `early_min`: how
    long before the start the doors open; `paper` as `paper_of` finds it."""
    zone = now.tzinfo or dt.UTC
    day = meeting.starts_at.astimezone(zone).date()
    names = await record.units.names_on([(meeting.host_unit_id, day)])
    places = await record.sites.on_days([chair := (meeting.chair_site_id, day)], zone)
    return Letter(
        id=letter_id,
        meeting=replace(meeting, sites=(), sittings=_as_told(meeting)),
        made_at=now,
        host=names.get((meeting.host_unit_id, day), ""),
        place=places[chair].name if chair in places else "",
        opens_at=doors_of(meeting, passed(meeting, now).coming, early_min),
        calls=tuple(await calls_about(record, meeting, now)),
        origin=origin,
        answer_by=await due(record, meeting, zone),
        paper=paper,
    )


async def paper_of(record: Repositories, meeting: Meeting) -> Paper | None:
    """The official letter that invites to the meeting as it stands."""
    found = letter_in_force(await record.letters.of_meeting(meeting.id), meeting.starts_at)
    return Paper(found.id, found.said, found.file_name) if found is not None else None
