"""Meetings, their agenda and their invitations in the store."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, false, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict, NotFound
from confhub.meetings.calendar import Within
from confhub.meetings.meeting import AgendaItem, Listed, Meeting, MeetingStatus
from confhub.store import tables as t
from confhub.store.children import change_children, with_ids
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.registry.unit_queries import below

Meetings: TypeAlias = list[Meeting]

_NOT_FOUND = N_("Không tìm thấy cuộc họp.")
_IN_USE = N_("Cuộc họp này đã có, hoặc một điểm cầu được mời hai lần.")


class MeetingStore:
    """Lists are by start. A meeting's `sites` keep the order in which they were given."""

    def __init__(self, database: Transactions) -> None:
        self._database = database
        self.held: dict[str, Meeting] = {}  # as they stood when a work held them

    async def add(self, meeting: Meeting) -> None:
        """Add a meeting with its agenda and invitations."""
        async with self._database.write(_IN_USE) as connection:
            await connection.execute(insert(t.meeting).values(_row(meeting)))
            await self._change_parts(connection, meeting)

    async def get(self, meeting_id: str) -> Meeting:
        """The meeting; NotFound."""
        async with self._database.read() as connection:
            found = await self._read(connection, t.meeting.c.id == meeting_id)
        if not found:
            raise NotFound(_NOT_FOUND)
        return found[0]

    async def hold(self, meeting_id: str) -> Meeting:
        """In a work: the meeting, which nobody else changes until the work is through; NotFound."""
        own = t.meeting.c.id == meeting_id
        async with self._database.write() as connection:
            await connection.execute(select(t.meeting.c.id).where(own).with_for_update())
        self.held[meeting_id] = await self.get(meeting_id)
        return self.held[meeting_id]

    async def at_door(self, meeting_id: str, site_ids: Collection[str]) -> Meeting:
        """The meeting as its door asks for it; NotFound: without its agenda, and of its sites only
        those of `site_ids` that are invited. A thousand pages ask every minute."""
        c = t.invitation.c
        invited = select(c.site_id).where(
            c.meeting_id == meeting_id, self._database.among(c.site_id, site_ids)
        )
        async with self._database.read() as connection:
            query = select(t.meeting).where(t.meeting.c.id == meeting_id)
            row = (await connection.execute(query)).first()
            if row is None:
                raise NotFound(_NOT_FOUND)
            sites = tuple(await connection.scalars(invited.order_by(c.position)))
        return Meeting(**row._mapping, sites=sites)

    async def update(self, meeting: Meeting) -> Meeting:
        """Change a meeting, its agenda and invitations; returns it with its new version.

        Items that it had and sites that were invited keep their ids. Conflict if
        `meeting.version` is not the stored one: somebody else changed it meanwhile.
        """
        c = t.meeting.c
        values = _row(meeting) | {"version": meeting.version + 1}
        same = (c.id == meeting.id, c.version == meeting.version)
        async with self._database.write(_IN_USE) as connection:
            done = await connection.execute(update(t.meeting).where(*same).values(values))
            if done.rowcount == 0:
                known = await connection.scalar(select(c.id).where(c.id == meeting.id))
                raise Conflict() if known else NotFound(_NOT_FOUND)
            agenda = await self._change_parts(connection, meeting)
        return dataclasses.replace(meeting, version=meeting.version + 1, agenda=agenda)

    async def many(self, meeting_ids: Collection[str]) -> Meetings:
        """Those of the ids that there are."""
        return await self._select(self._database.among(t.meeting.c.id, meeting_ids))

    async def live_past(self, end: dt.datetime) -> Meetings:
        """Live meetings that should have ended by `end`, and all in several sittings."""
        c = t.meeting.c
        return await self._select(c.status == "live", or_(c.ends_at <= end, c.sittings != ""))

    async def between(
        self,
        start: dt.datetime,
        end: dt.datetime,
        *,
        unit_ids: Collection[str] | None = None,
        site_ids: Collection[str] | None = None,
    ) -> Meetings:
        """Meetings of any status that overlap [start, end).

        With `unit_ids` or `site_ids`: those hosted by one of the units or inviting one of the
        sites. With neither: all.
        """
        where = [t.meeting.c.starts_at < end, t.meeting.c.ends_at > start]
        if unit_ids is not None or site_ids is not None:
            concerned: list[ColumnElement[bool]] = [false()]
            if unit_ids is not None:
                concerned.append(self._database.among(t.meeting.c.host_unit_id, unit_ids))
            if site_ids is not None:
                concerned.append(self._inviting(site_ids))
            where.append(or_(*concerned))
        return await self._select(*where)

    async def listed(
        self, start: dt.datetime, end: dt.datetime, *, unit_id: str, on: dt.date, alone: bool
    ) -> list[Listed]:
        """Meetings of any status that overlap [start, end) and concern a unit or one below it on a
        day, as host or by a site of theirs; `alone`: the unit itself only."""
        c = t.meeting.c
        hosted, concerned = _concerning(unit_id, on, alone=alone)
        count = select(func.count()).where(t.invitation.c.meeting_id == c.id).scalar_subquery()
        query = (
            select(t.meeting, count.label("site_count"), hosted.label("hosted"))
            .where(c.starts_at < end, c.ends_at > start)
            .where(concerned)
            .order_by(c.starts_at, c.title, c.id)
        )

        async def listed(connection: AsyncConnection) -> list[Listed]:
            found = []
            for row in await connection.execute(query):
                values = dict(row._mapping)
                site_count, is_hosted = values.pop("site_count"), values.pop("hosted")
                found.append(Listed(Meeting(**values), site_count, bool(is_hosted)))
            return found

        return await self._database.read_aside(listed)

    async def page(
        self,
        scopes: Sequence[Within],
        on: dt.date,
        span: tuple[dt.datetime, dt.datetime],
        *,
        status: MeetingStatus | None,
        after: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> Meetings:
        """At most `limit` of those that overlap `span` and concern one of `scopes`, without their
        agenda and their sites, by start and id; `after` the one of that start and id."""
        c = t.meeting.c
        concerned = [
            _concerning(one.unit_id, on, alone=one.alone, name=f"below_{number}")[1]
            for number, one in enumerate(scopes)
        ]
        query = select(t.meeting).where(c.starts_at < span[1], c.ends_at > span[0])
        query = query.where(or_(false(), *concerned))
        if status is not None:
            query = query.where(c.status == status)
        if after is not None:
            later = and_(c.starts_at == after[0], c.id > after[1])
            query = query.where(or_(c.starts_at > after[0], later))
        query = query.order_by(c.starts_at, c.id).limit(limit)

        async def read(connection: AsyncConnection) -> Meetings:
            return [Meeting(**row._mapping) for row in await connection.execute(query)]

        return await self._database.read_aside(read)

    async def concerns(
        self, meeting_ids: Collection[str], *, unit_id: str, on: dt.date, alone: bool
    ) -> set[str]:
        """Those of the meetings that concern a unit, as `listed` has it."""
        c = t.meeting.c
        _hosted, concerned = _concerning(unit_id, on, alone=alone)
        query = select(c.id).where(self._database.among(c.id, meeting_ids), concerned)
        async with self._database.read() as connection:
            return set(await connection.scalars(query))

    def _inviting(self, site_ids: Collection[str]) -> ColumnElement[bool]:
        among = self._database.among
        invited = select(t.invitation.c.meeting_id).where(among(t.invitation.c.site_id, site_ids))
        return or_(t.meeting.c.id.in_(invited), among(t.meeting.c.chair_site_id, site_ids))

    async def _select(self, *where: ColumnElement[bool]) -> Meetings:
        """A province's week is some thousands of invitations, which live rooms must not wait."""

        async def meetings(connection: AsyncConnection) -> Meetings:
            return await self._read(connection, *where)

        return await self._database.read_aside(meetings)

    async def _read(self, connection: AsyncConnection, *where: ColumnElement[bool]) -> Meetings:
        query = select(t.meeting).where(*where)
        query = query.order_by(t.meeting.c.starts_at, t.meeting.c.title, t.meeting.c.id)
        rows = (await connection.execute(query)).all()
        ids = [row.id for row in rows]
        agenda = await self._agenda(connection, ids) if ids else {}
        sites = await self._sites(connection, ids) if ids else {}
        return [
            Meeting(
                **row._mapping,
                agenda=tuple(agenda.get(row.id, ())),
                sites=tuple(sites.get(row.id, ())),
            )
            for row in rows
        ]

    async def _agenda(
        self, connection: AsyncConnection, ids: Collection[str]
    ) -> dict[str, list[AgendaItem]]:
        c = t.agenda_item.c
        query = select(t.agenda_item).where(self._database.among(c.meeting_id, ids))
        agenda: dict[str, list[AgendaItem]] = {}
        for row in await connection.execute(query.order_by(c.position)):
            item = AgendaItem(row.title, row.presenter, row.duration_min, row.id)
            agenda.setdefault(row.meeting_id, []).append(item)
        return agenda

    async def _change_parts(
        self, connection: AsyncConnection, meeting: Meeting
    ) -> tuple[AgendaItem, ...]:
        """Returns the agenda with its ids."""
        old = (await self._agenda(connection, [meeting.id])).get(meeting.id, [])
        agenda = with_ids(old, meeting.agenda)
        await change_children(
            connection,
            t.agenda_item,
            [_agenda_row(meeting.id, *one) for one in enumerate(old)],
            [_agenda_row(meeting.id, *one) for one in enumerate(agenda)],
        )
        invited = (await self._sites(connection, [meeting.id])).get(meeting.id, [])
        rows = [
            [
                {"meeting_id": meeting.id, "site_id": site_id, "position": position}
                for position, site_id in enumerate(sites)
            ]
            for sites in (invited, meeting.sites)
        ]
        await change_children(connection, t.invitation, *rows)
        return agenda

    async def _sites(
        self, connection: AsyncConnection, ids: Collection[str]
    ) -> dict[str, list[str]]:
        c = t.invitation.c
        query = select(c.meeting_id, c.site_id).where(self._database.among(c.meeting_id, ids))
        sites: dict[str, list[str]] = {}
        for meeting_id, site_id in await connection.execute(query.order_by(c.position)):
            sites.setdefault(meeting_id, []).append(site_id)
        return sites


def _concerning(
    unit_id: str, on: dt.date, *, alone: bool, name: str = "below"
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a meeting is hosted by the unit or one below, and whether it concerns them.

    Units that stand no more are below those under whom they stood last.
    """
    c = t.meeting.c
    own = select(below(unit_id, on, 0 if alone else None, ended=True, name=name).c.id)
    own_sites = select(t.site.c.id).where(t.site.c.unit_id.in_(own))
    inviting = select(t.invitation.c.meeting_id).where(t.invitation.c.site_id.in_(own_sites))
    hosted = c.host_unit_id.in_(own)
    return hosted, or_(hosted, c.chair_site_id.in_(own_sites), c.id.in_(inviting))


def _agenda_row(meeting_id: str, position: int, item: AgendaItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "meeting_id": meeting_id,
        "position": position,
        "title": item.title,
        "presenter": item.presenter,
        "duration_min": item.duration_min,
    }


def _row(meeting: Meeting) -> dict[str, Any]:
    names = (column.name for column in t.meeting.columns)
    return fitting(t.meeting, {name: getattr(meeting, name) for name in names})
