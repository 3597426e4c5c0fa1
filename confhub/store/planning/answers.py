"""What sites answered to their invitations, in SQL: one answer for each site and meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.answers.answer import Answer, AnsweredElsewhere, By
from confhub.answers.given import Attendee, Given
from confhub.meetings.sitting import Sitting, all_sittings, same_begins
from confhub.store import tables as t
from confhub.store.children import change_children
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

# Meetings that were answered and of which a sitting is over or lasts longer since: who reads them
# finds that nobody waits.
_ANSWERED = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A meeting that waits for a site's answer."""

    meeting_id: str
    site_id: str
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime


class AnswerStore:
    """Answers of sites that are not invited any more stay: who reads them knows who is."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def find(self, meeting_id: str, site_id: str) -> Answer | None:
        """None: the site did not answer."""
        found = await self.of_sites(meeting_id, [site_id])
        return found.get(site_id)

    async def of_sites(self, meeting_id: str, site_ids: Collection[str]) -> Mapping[str, Answer]:
        """By site; a meeting of the country has thousands."""
        a, p = t.answer.c, t.answer_person.c
        among = self._database.among
        answers = select(t.answer).where(a.meeting_id == meeting_id, among(a.site_id, site_ids))
        people = (
            select(t.answer_person)
            .where(p.meeting_id == meeting_id, among(p.site_id, site_ids))
            .order_by(p.position)
        )

        async def read(connection: AsyncConnection) -> Mapping[str, Answer]:
            named: dict[str, list[Attendee]] = {}
            for row in await connection.execute(people):
                named.setdefault(row.site_id, []).append(_attendee(row))
            return {
                row.site_id: _answer(row, named.get(row.site_id, ()))
                for row in await connection.execute(answers)
            }

        return await self._database.read_many(len(site_ids), read)

    async def wanted(
        self, site_ids: Collection[str], start: dt.datetime, end: dt.datetime, limit: int
    ) -> Sequence[Wanted]:
        """Meetings that begin in [start, end), by time, which one of the sites is invited to and
        gave no answer to their present days; not those over which it presides. Of several sittings
        counts the first that is ahead."""
        m, i, a = t.meeting.c, t.invitation.c, t.answer.c
        own = and_(a.meeting_id == i.meeting_id, a.site_id == i.site_id)
        is_silent = a.site_id.is_(None)
        waits = or_(is_silent, a.starts_at != m.starts_at, a.sittings != m.sittings)
        begins_then = and_(m.starts_at >= start, m.starts_at < end)
        goes_on = and_(m.sittings != "", m.starts_at < start, m.ends_at > start)
        query = (
            select(i.meeting_id, i.site_id, m.title, m.starts_at, m.ends_at, m.sittings)
            .add_columns(a.starts_at.label("answered"), a.sittings.label("known"))
            .select_from(
                t.invitation.join(t.meeting, m.id == i.meeting_id).outerjoin(t.answer, own)
            )
            .where(
                self._database.among(i.site_id, site_ids),
                m.status == "scheduled",
                or_(begins_then, goes_on),
                m.chair_site_id != i.site_id,
                waits,
            )
            .order_by(m.starts_at, m.title, i.meeting_id, i.site_id)
            .limit(limit + _ANSWERED)
        )
        async with self._database.read() as connection:
            found = [_wanted(row, start, end) for row in await connection.execute(query)]
        waiting = [one for one in found if one is not None]
        return sorted(waiting, key=lambda one: one.starts_at)[:limit]

    async def put(self, answer: Answer) -> None:
        """In place of the one before it, or as the first; AnsweredElsewhere if there is another by
        now."""
        row = fitting(t.answer, _row(answer))
        a = t.answer.c
        own = (a.meeting_id == answer.meeting_id, a.site_id == answer.site_id)
        before = update(t.answer).where(*own, a.version == answer.version - 1).values(row)
        first = self._database.insert(t.answer).values(row).on_conflict_do_nothing()
        async with self._database.write() as connection:
            done = await connection.execute(first if answer.version == 1 else before)
            if done.rowcount == 0:
                raise AnsweredElsewhere
            p = t.answer_person.c
            own = (p.meeting_id == answer.meeting_id, p.site_id == answer.site_id)
            stored = await connection.execute(select(t.answer_person).where(*own))
            rows = [dict(one._mapping) for one in stored]
            await change_children(connection, t.answer_person, rows, _people(answer))


def _wanted(row: Row[Any], start: dt.datetime, end: dt.datetime) -> Wanted | None:
    sittings = all_sittings(row.starts_at, row.ends_at, row.sittings)
    if row.answered == row.starts_at:
        known = row.known or (Sitting(row.starts_at, row.starts_at),)
        if same_begins(known, sittings):
            return None
    ahead = [one for one in sittings if not one.is_over and start <= one.starts_at < end]
    if not ahead:
        return None
    return Wanted(row.meeting_id, row.site_id, row.title, ahead[0].starts_at, ahead[0].ends_at)


def _answer(row: Row[Any], people: Sequence[Attendee]) -> Answer:
    given = Given(
        row.state,
        tuple(people),
        row.technician_name,
        row.technician_phone,
        None if row.items is None else tuple(row.items),
        row.has_documents,
        row.remark,
    )
    return Answer(
        row.meeting_id,
        row.site_id,
        given,
        By(row.way, row.account_id, row.unit_id),
        row.answered_at,
        row.meeting_version,
        row.starts_at,
        row.version,
        row.sequence,
        row.sittings,
    )


def _attendee(row: Row[Any]) -> Attendee:
    return Attendee(row.name, row.title, row.part, row.reason)


def _row(answer: Answer) -> dict[str, Any]:
    given, by = answer.given, answer.by
    return {
        "meeting_id": answer.meeting_id,
        "site_id": answer.site_id,
        "state": given.state,
        "technician_name": given.technician_name,
        "technician_phone": given.technician_phone,
        "items": None if given.items is None else list(given.items),
        "has_documents": given.has_documents,
        "remark": given.remark,
        "way": by.way,
        "account_id": by.account_id,
        "unit_id": by.unit_id,
        "answered_at": answer.answered_at,
        "meeting_version": answer.meeting_version,
        "starts_at": answer.starts_at,
        "version": answer.version,
        "sequence": answer.sequence,
        "sittings": answer.sittings,
    }


def _people(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "meeting_id": answer.meeting_id,
            "site_id": answer.site_id,
            "position": position,
            "name": person.name,
            "title": person.title,
            "part": person.part,
            "reason": person.reason,
        }
        for position, person in enumerate(answer.given.people)
    ]
