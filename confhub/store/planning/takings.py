"""Who is taken when, read from the schedule."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.meetings.sitting import LONGEST_WHOLE, all_sittings
from confhub.planning.shared.capacity import Capacity, Load
from confhub.planning.takings import (
    LOAD,
    SHARED,
    TAKING,
    Along,
    Holder,
    Need,
    Resource,
    Taking,
    Takings,
    chair_of,
    shares_of,
    streams_of,
)
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.planning.along import digits, read_along, sharing
from confhub.store.planning.blockings import blocked_sites
from confhub.store.registry.unit_queries import below

# A plan is two weeks at most, and what is forgotten is ended within days. It lets a question look
# at the meetings that begin near by, instead of at all that end later.
LONGEST_TAKING = LONGEST_WHOLE + dt.timedelta(days=2)
_LOCK = "confhub schedule"

Hours: TypeAlias = tuple[dt.datetime, dt.datetime]


class TakingStore:
    def __init__(self, database: Transactions, capacity: Capacity) -> None:
        self._database = database
        self.capacity = capacity

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
        self, needs: Collection[Need], start: dt.datetime, end: dt.datetime, on: dt.date
    ) -> Takings:
        """Whatever takes one of the needs' resources within [start, end), as units stand on a day,
        as an index."""

        async def read(connection: AsyncConnection) -> Takings:
            found = await self._takings(connection, needs, start, end, on)
            await asyncio.sleep(0)  # of 780 sites each half takes 8 ms, which live rooms wait for
            return Takings(found)

        return await self._database.read_aside(read)

    async def along(self, site_ids: Collection[str], on: dt.date) -> Along:
        """What the sites take along into a meeting, as units stand on a day."""

        async def read(connection: AsyncConnection) -> Along:
            return await read_along(connection, self._database, site_ids, on)

        return await self._database.read_aside(read)

    async def served_by(
        self, numbers: Collection[str], unit_id: str, on: dt.date, limit: int
    ) -> list[tuple[str, str, str]]:
        """Whom technicians look after, of a unit and those below it, by their accounts or telephone
        numbers as resources have them: id and name of the site, and which; by name."""
        if not numbers:
            return []
        c = t.site.c
        number = case((c.technician_id != "", c.technician_id), else_=digits()).label("number")
        units = select(below(unit_id, on).c.id)
        query = select(c.id, c.name, number).where(
            self._database.among(number, numbers), c.unit_id.in_(units), c.active
        )

        async def read(connection: AsyncConnection) -> list[tuple[str, str, str]]:
            rows = await connection.execute(query.order_by(c.folded, c.id).limit(limit))
            return [(row.id, row.name, row.number) for row in rows]

        return await self._database.read_aside(read)

    async def loads(self, start: dt.datetime, end: dt.datetime, own: str = "") -> list[Load]:
        """How large the meetings are that hold time within [start, end), but for `own`."""

        async def read(connection: AsyncConnection) -> list[Load]:
            meetings = await _holding(connection, start, end)
            sizes = await self._sizes(connection, meetings.keys() - {own})
            return [
                Load(*hours, count)
                for one, count in sizes.items()
                for hours in hours_within(meetings[one], start, end)
            ]

        return await self._database.read_aside(read)

    async def _takings(
        self,
        connection: AsyncConnection,
        needs: Collection[Need],
        start: dt.datetime,
        end: dt.datetime,
        on: dt.date,
    ) -> list[Taking]:
        wanted = {need.resource for need in needs}
        meetings = await _holding(connection, start, end)
        sites = {resource.id for resource in wanted if resource.kind == "site"}
        near: set[str] = set()
        if any(resource.kind in SHARED for resource in wanted):
            near = await self._meeting(connection, meetings.keys())
            near |= {row.chair_site_id for row in meetings.values()}
        others = await sharing(connection, self._database, wanted, near, on)
        held = await self._invited(connection, meetings.keys(), sites | others.keys())
        found = await blocked_sites(connection, self._database, sites, start, end, on)
        sizes = await self._sizes(connection, meetings.keys()) if LOAD in wanted else {}
        for row in meetings.values():
            invited = held.get(row.id, set()) | {row.chair_site_id}
            shares = shares_of(invited, others) if others else {}
            chair = chair_of(row.host_unit_id, row.chair_name)
            for hours in hours_within(row, start, end):
                holder = Holder(row.id, *hours, row.title, host=row.host_unit_id)
                found += [Taking(Resource("site", one), holder) for one in invited & sites]
                found += [Taking(of, holder, amount=amount) for of, amount in shares.items()]
                if size := sizes.get(row.id):
                    found.append(Taking(LOAD, holder, amount=streams_of(size)))
                if chair is not None and chair.resource in wanted:
                    found.append(Taking(chair.resource, holder, chair.name))
        return found

    async def _sizes(
        self, connection: AsyncConnection, meeting_ids: Collection[str]
    ) -> dict[str, int]:
        """Of how many sites each of the meetings is."""
        c = t.invitation.c
        query = select(c.meeting_id, func.count()).group_by(c.meeting_id)
        query = query.where(self._database.among(c.meeting_id, meeting_ids))
        return {row[0]: row[1] for row in await connection.execute(query)}

    async def _meeting(self, connection: AsyncConnection, meeting_ids: Collection[str]) -> set[str]:
        """Sites that one of the meetings invites."""
        c = t.invitation.c
        query = select(c.site_id).where(self._database.among(c.meeting_id, meeting_ids))
        return set(await connection.scalars(query.distinct()))

    async def _invited(
        self, connection: AsyncConnection, meeting_ids: Collection[str], sites: Collection[str]
    ) -> dict[str, set[str]]:
        """Which of the sites are invited, by meeting."""
        c, among = t.invitation.c, self._database.among
        # What is no plain column is not looked up in an index: SQLite would look for each site in
        # each meeting, which are millions where four weeks are asked for a thousand sites.
        invited = func.coalesce(c.site_id, "")
        query = select(c.meeting_id, c.site_id).where(
            among(c.meeting_id, meeting_ids), among(invited, sites)
        )
        held: dict[str, set[str]] = {}
        for meeting_id, site_id in await connection.execute(query):
            held.setdefault(meeting_id, set()).add(site_id)
        return held


async def _holding(
    connection: AsyncConnection, start: dt.datetime, end: dt.datetime
) -> dict[str, Any]:
    """Meetings that hold time within [start, end), by id."""
    c = t.meeting.c
    columns = (c.id, c.starts_at, c.ends_at, c.sittings, c.title, c.host_unit_id, c.chair_name)
    near = (c.starts_at < end, c.starts_at > start - LONGEST_TAKING, c.ends_at > start)
    # SQLite would go by the status, which nearly all have, if it were asked for.
    rows = await connection.execute(select(*columns, c.chair_site_id, c.status).where(*near))
    return {row.id: row for row in rows if row.status in TAKING}


def is_ahead(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a meeting begins from `now` on, or one in several sittings lasts until then: of the
    latter `hours_ahead` knows more. By the index on begins."""
    c = t.meeting.c
    may_go_on = and_(c.sittings != "", c.ends_at > now)
    return and_(c.starts_at > now - LONGEST_TAKING, or_(c.starts_at >= now, may_go_on))


def hours_ahead(row: Any, since: dt.datetime) -> list[Hours]:
    """When a meeting, of which the row has times and sittings, is held that begin from `since`
    on, in order."""
    sittings = all_sittings(row.starts_at, row.ends_at, row.sittings)
    hours = ((one.starts_at, one.ends_at) for one in sittings if not one.is_over)
    return [one for one in hours if one[0] >= since]


def hours_within(row: Any, start: dt.datetime, end: dt.datetime) -> list[Hours]:
    """When a meeting, of which the row has times and sittings, holds time within [start, end)."""
    sittings = all_sittings(row.starts_at, row.ends_at, row.sittings)
    hours = ((one.starts_at, one.ends_at) for one in sittings if not one.is_over)
    return [(begins, ends) for begins, ends in hours if begins < end and ends > start]
