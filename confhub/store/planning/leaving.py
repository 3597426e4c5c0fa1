"""Meetings ahead whose sites will not be there, in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import zip_longest
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.meetings.meeting import PLANNED
from confhub.meetings.sitting import all_sittings
from confhub.planning.leaving import Ahead, HostAhead, Named
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.planning.takings import hours_ahead, is_ahead
from confhub.store.registry.unit_queries import below

# More than anybody goes through by hand; the rest comes once these are done.
MOST_ROWS = 1000
# Of series, each of some hundred bytes: a year's of all units of a province.
MOST_PARTS = 5000
# Days on which units end, the nearest: nobody plans meetings further ahead than a year.
MOST_DAYS = 366

Rows: TypeAlias = list[Ahead]
Hosts: TypeAlias = list[HostAhead]
Names: TypeAlias = list[Named]


class LeavingStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def ahead(
        self, unit_id: str, now: dt.datetime, zone: dt.tzinfo, *, alone: bool = False
    ) -> Rows:
        """Of meetings ahead that the unit hosts, or one below it (`alone`: itself only), each
        invitation that its site will not follow, at the first sitting without it; by time."""
        m, site, unit = t.meeting.c, t.site.c, t.unit.c
        on = now.astimezone(zone).date()
        hosts = select(below(unit_id, on, 0 if alone else None, ended=True).c.id)
        query = (
            select(
                m.id, m.title, m.starts_at, m.ends_at, m.sittings, m.version, m.chair_site_id,
                t.invitation.c.site_id, site.name, site.unit_id, site.active, unit.valid_to,
            )
            .join_from(t.meeting, t.invitation, t.invitation.c.meeting_id == m.id)
            .join(t.site, site.id == t.invitation.c.site_id)
            .join(t.unit, unit.id == site.unit_id)
            .where(is_ahead(now), _is_planned(), m.host_unit_id.in_(hosts))
            .order_by(m.starts_at, m.id, t.invitation.c.position)
            .limit(MOST_ROWS)
        )  # fmt: skip

        async def ahead(connection: AsyncConnection) -> Rows:
            leaves = or_(site.active.is_(False), await _is_gone(connection, on, zone))
            found: Rows = []
            for row in await connection.execute(query.where(leaves)):
                ends_on = row.valid_to if row.active else None
                is_chair = row.chair_site_id == row.site_id
                own = (row.site_id, row.name, row.unit_id, ends_on)
                if begins := _first_without(row, ends_on, now, zone):
                    head = (row.id, row.title, begins, row.version)
                    several = len(all_sittings(row.starts_at, row.ends_at, row.sittings)) > 1
                    found.append(Ahead(*head, is_chair, *own, several=several))
            return found

        rows = await self._database.read_aside(ahead)
        seen_to = await self._with_heirs([one for one in rows if one.several])
        return [one for one in rows if (one.meeting_id, one.site_id) not in seen_to]

    async def _with_heirs(self, rows: Rows) -> set[tuple[str, str]]:
        """Meetings, and sites in them which do not preside, beside which one that follows is
        invited, for the sittings after their end."""
        rows = [one for one in rows if not one.is_chair]
        if not rows:
            return set()
        heirs = {unit_id: await self.heirs(unit_id) for unit_id in {one.unit_id for one in rows}}
        i = t.invitation.c
        query = (
            select(i.meeting_id, t.site.c.unit_id)
            .join_from(t.invitation, t.site, t.site.c.id == i.site_id)
            .where(
                self._database.among(i.meeting_id, {one.meeting_id for one in rows}),
                self._database.among(
                    t.site.c.unit_id, {one for some in heirs.values() for one in some}
                ),
            )
        )
        async with self._database.read() as connection:
            there = {(row.meeting_id, row.unit_id) for row in await connection.execute(query)}
        return {
            (one.meeting_id, one.site_id)
            for one in rows
            if any((one.meeting_id, heir) in there for heir in heirs[one.unit_id])
        }

    async def hosts_ahead(
        self, unit_id: str, now: dt.datetime, zone: dt.tzinfo, *, alone: bool = False
    ) -> Hosts:
        """Meetings ahead of the unit, or of one below it (`alone`: itself only), whose host ends
        by their day; by time."""
        m, unit = t.meeting.c, t.unit.c
        on = now.astimezone(zone).date()
        hosts = select(below(unit_id, on, 0 if alone else None, ended=True).c.id)
        query = (
            select(m.id, m.title, m.starts_at, m.ends_at, m.sittings, m.host_unit_id, unit.valid_to)
            .join_from(t.meeting, t.unit, unit.id == m.host_unit_id)
            .where(is_ahead(now), _is_planned(), m.host_unit_id.in_(hosts))
            .order_by(m.starts_at, m.id)
            .limit(MOST_ROWS)
        )

        async def ahead(connection: AsyncConnection) -> Hosts:
            ending = query.where(await _is_gone(connection, on, zone))
            return [
                HostAhead(row.id, row.title, begins, row.host_unit_id, row.valid_to)
                for row in await connection.execute(ending)
                if (begins := _first_without(row, row.valid_to, now, zone))
            ]

        return await self._database.read_aside(ahead)

    async def in_series(
        self, unit_id: str, now: dt.datetime, zone: dt.tzinfo, *, alone: bool = False
    ) -> Names:
        """Of series that are open and that the unit hosts, or one below it (`alone`: itself only),
        each host and site whose unit ends or has ended; of a part that another follows before the
        unit's end, or has by now, nothing is told."""
        part, on = t.series_part.c, now.astimezone(zone).date()
        hosts = select(below(unit_id, on, 0 if alone else None, ended=True).c.id)
        host = part.content["host_unit_id"].as_string()
        query = (
            select(part.series_id, part.since)
            .add_columns(host.label("host"), part.content["sites"].label("sites"))
            .join_from(t.series, t.series_part, part.series_id == t.series.c.id)
            .where(t.series.c.is_open, part.superseded.is_(False), host.in_(hosts))
            .order_by(part.series_id, part.since, part.number)
            .limit(MOST_PARTS)
        )

        async def named(connection: AsyncConnection) -> Names:
            rows = (await connection.execute(query)).all()
            units = await self._ends(connection, {row.host for row in rows})
            sites = await self._sites(connection, {one for row in rows for one in row.sites})
            found: dict[Named, None] = {}
            for row, after in zip_longest(rows, rows[1:]):
                is_followed = after is not None and after.series_id == row.series_id
                until = after.since if is_followed else dt.date.max
                if row.host in units and until > max(units[row.host], on):
                    found[Named(row.series_id, row.host, units[row.host])] = None
                for site_id in row.sites:
                    name, unit, ends_on = sites.get(site_id, ("", "", dt.date.max))
                    if until > max(ends_on, on):
                        found[Named(row.series_id, unit, ends_on, site_id, name)] = None
            return list(found)

        return await self._database.read_aside(named)

    async def ends_of(self, site_ids: Collection[str]) -> dict[str, dt.date]:
        """Of those of the sites whose unit ends, the first day on which it stands no more."""
        async with self._database.read() as connection:
            found = await self._sites(connection, site_ids)
        return {site_id: ends_on for site_id, (_name, _unit, ends_on) in found.items()}

    async def unit_ends(self, unit_ids: Collection[str]) -> dict[str, dt.date]:
        """Of those of the units that end, the first day on which they stand no more."""
        async with self._database.read() as connection:
            return await self._ends(connection, unit_ids)

    async def _ends(
        self, connection: AsyncConnection, unit_ids: Collection[str]
    ) -> dict[str, dt.date]:
        unit = t.unit.c
        among = self._database.among(unit.id, unit_ids)
        query = select(unit.id, unit.valid_to).where(unit.valid_to.is_not(None), among)
        return {row.id: row.valid_to for row in await connection.execute(query)}

    async def _sites(
        self, connection: AsyncConnection, site_ids: Collection[str]
    ) -> dict[str, tuple[str, str, dt.date]]:
        site, unit = t.site.c, t.unit.c
        query = (
            select(site.id, site.name, site.unit_id, unit.valid_to)
            .join_from(t.site, t.unit, unit.id == site.unit_id)
            .where(unit.valid_to.is_not(None), self._database.among(site.id, site_ids))
        )
        return {
            row.id: (row.name, row.unit_id, row.valid_to) for row in await connection.execute(query)
        }

    async def heirs(self, unit_id: str) -> list[str]:
        """Ids of the units that a unit goes into, and of those that these go into, last first.

        A commune that became a part of one which was merged again has only the last."""
        c = t.unit_succession.c
        ids, seen, left = [unit_id], {unit_id}, list[str]()
        async with self._database.read() as connection:
            while ids:
                query = select(c.old_unit_id, c.new_unit_id).where(
                    self._database.among(c.old_unit_id, ids)
                )
                rows = (await connection.execute(query)).all()
                went = {row.old_unit_id for row in rows}
                left += [one for one in ids if one not in went and one != unit_id]
                ids = list(dict.fromkeys(r.new_unit_id for r in rows if r.new_unit_id not in seen))
                seen.update(ids)
        return left


def _is_planned() -> ColumnElement[bool]:
    # SQLite would go by the status, which nearly all have, instead of by the time or the host.
    return func.coalesce(t.meeting.c.status, "").in_(PLANNED)


async def _is_gone(
    connection: AsyncConnection, on: dt.date, zone: dt.tzinfo
) -> ColumnElement[bool]:
    """Whether the unit of a row stands no more on the day of its meeting, as it is here; or may
    not on that of a further sitting, which `_first_without` knows."""
    ends, m = t.unit.c.valid_to, t.meeting.c
    ahead = select(ends).where(ends > on).distinct().order_by(ends).limit(MOST_DAYS)
    by_then = []
    for day in await connection.scalars(ahead):
        begins = dt.datetime.combine(day, dt.time(), zone)
        lasts = or_(m.starts_at >= begins, and_(m.sittings != "", m.ends_at > begins))
        by_then.append(and_(ends == day, lasts))
    return or_(ends <= on, *by_then)


def _first_without(
    row: Any, ends_on: dt.date | None, now: dt.datetime, zone: dt.tzinfo
) -> dt.datetime | None:
    """When the first sitting ahead begins that lies after the end of a unit, or (None) any."""
    gone = dt.datetime.combine(ends_on, dt.time(), zone) if ends_on is not None else now
    return next((begins for begins, _ in hours_ahead(row, max(now, gone))), None)
