"""Who is taken when, read from the schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.planning.takings import TAKING, Holder, Need, Resource, Taking, Takings, chair_of
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions

# A plan is half a day at most, and what is forgotten is ended within days. It lets a question look
# at the meetings that begin near by, instead of at all that end later.
LONGEST_TAKING = dt.timedelta(days=14)
_LOCK = "confhub schedule"


class TakingStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def hold(self) -> None:
        """In a work: nobody else books until it is through, so that what `during` finds stays true.

        Bookings are a few a minute and take milliseconds, so that one line for all is short, and
        has no circle in which two wait for each other.
        """
        async with self._database.write() as connection:
            if not self._database.is_sqlite:  # which has one writer anyway
                number = func.hashtextextended(literal(_LOCK), 0)
                await connection.execute(select(func.pg_advisory_xact_lock(number)))

    async def during(
        self, needs: Collection[Need], start: dt.datetime, end: dt.datetime
    ) -> Takings:
        """Whatever takes one of the needs' resources within [start, end), as an index."""

        async def read(connection: AsyncConnection) -> Takings:
            return Takings(await self._takings(connection, needs, start, end))

        return await self._database.read_aside(read)

    async def _takings(
        self,
        connection: AsyncConnection,
        needs: Collection[Need],
        start: dt.datetime,
        end: dt.datetime,
    ) -> list[Taking]:
        wanted = {need.resource for need in needs}
        m, i = t.meeting.c, t.invitation.c
        busy = (
            m.starts_at < end,
            m.starts_at > start - LONGEST_TAKING,
            m.ends_at > start,
            m.status.in_(TAKING),
        )
        sites = [resource.id for resource in wanted if resource.kind == "site"]
        invited = (
            select(i.meeting_id, i.site_id)
            .join(t.meeting, m.id == i.meeting_id)
            .where(*busy, self._database.among(i.site_id, sites))
        )
        held: dict[str, set[str]] = {}
        for meeting_id, site_id in await connection.execute(invited):
            held.setdefault(meeting_id, set()).add(site_id)
        columns = (m.id, m.starts_at, m.ends_at, m.title, m.host_unit_id, m.chair_name)
        meetings = select(*columns, m.chair_site_id).where(
            *busy,
            or_(
                self._database.among(m.id, held),
                self._database.among(m.chair_site_id, sites),
                m.chair_name != "",
            ),
        )
        found = []
        for row in await connection.execute(meetings):
            holder = Holder(row.id, row.starts_at, row.ends_at, row.title)
            places = held.get(row.id, set()) | {row.chair_site_id}.intersection(sites)
            found += [Taking(Resource("site", site_id), holder) for site_id in places]
            chair = chair_of(row.host_unit_id, row.chair_name)
            if chair is not None and chair.resource in wanted:
                found.append(Taking(chair.resource, holder, chair.name))
        return found
