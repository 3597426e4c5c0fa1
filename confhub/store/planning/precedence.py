"""Meetings ahead that others, or blockings, are in the way of, in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.planning.conflicts import Clash, find_clashes
from confhub.planning.precedence import SOON, InTheWay
from confhub.planning.takings import HUB, Need, Resource, Takings
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.planning.blockings import blocked_sites
from confhub.store.planning.takings import LONGEST_TAKING

# More on one page would only say that a unit's whole plan has to be made anew.
MOST_ROWS = 20
# Of a unit's own meetings ahead so many are looked at for blockings: some weeks' worth.
MOST_AHEAD = 60

Rows: TypeAlias = list[InTheWay]
_mine = t.meeting.alias()  # meetings that others are in the way of


class PrecedenceStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def in_the_way(
        self,
        now: dt.datetime,
        *,
        unit_ids: Collection[str] = (),
        meeting_id: str = "",
    ) -> Rows:
        """Of meetings ahead that one of the units hosts, or of the one, what is in their way, by
        time; a higher level is one of lower rank."""
        other = t.meeting.alias()
        i, j = t.invitation.alias(), t.invitation.alias()
        my_unit, other_unit = t.unit.alias(), t.unit.alias()
        my_level, other_level = t.level.alias(), t.level.alias()
        m, o = _mine.c, other.c
        overlaps = and_(o.starts_at < m.ends_at, o.ends_at > m.starts_at)
        runs_over = and_(o.status == "live", o.ends_at <= now, m.starts_at <= now + SOON)
        whose = m.id == meeting_id if meeting_id else self._database.among(m.host_unit_id, unit_ids)
        query = (
            select(
                m.id, m.title, m.starts_at, m.ends_at,
                o.id, o.title, o.starts_at, o.ends_at, o.host_unit_id,
                func.count(i.c.site_id), o.status,
            )
            .select_from(_mine)
            .join(i, i.c.meeting_id == m.id)
            .join(j, and_(j.c.site_id == i.c.site_id, j.c.meeting_id != m.id))
            .join(other, o.id == j.c.meeting_id)
            .join(my_unit, my_unit.c.id == m.host_unit_id)
            .join(my_level, my_level.c.id == my_unit.c.level_id)
            .join(other_unit, other_unit.c.id == o.host_unit_id)
            .join(other_level, other_level.c.id == other_unit.c.level_id)
            .where(whose, m.starts_at >= now, m.status == "scheduled")
            .where(o.starts_at > now - LONGEST_TAKING)
            .where(
                or_(
                    and_(o.status == "live", or_(overlaps, runs_over)),
                    and_(
                        o.status == "scheduled", overlaps, other_level.c.rank < my_level.c.rank
                    ),
                )
            )
            .group_by(
                m.id, m.title, m.starts_at, m.ends_at,
                o.id, o.title, o.starts_at, o.ends_at, o.host_unit_id, o.status,
            )
            .order_by(m.starts_at, m.id, o.starts_at, o.id)
            .limit(MOST_ROWS)
        )  # fmt: skip

        async def read(connection: AsyncConnection) -> Rows:
            rows = await connection.execute(query)
            found = [InTheWay("live" if row[-1] == "live" else "higher", *row[:-1]) for row in rows]
            return found + await self._blocked(connection, whose, now)

        return await self._database.read_aside(read)

    async def _blocked(
        self, connection: AsyncConnection, whose: ColumnElement[bool], now: dt.datetime
    ) -> Rows:
        m, i = _mine.c, t.invitation.c
        query = (
            select(m.id, m.title, m.starts_at, m.ends_at)
            .where(whose, m.starts_at >= now, m.status == "scheduled")
            .order_by(m.starts_at, m.id)
            .limit(MOST_AHEAD)
        )
        meetings = {row.id: row for row in await connection.execute(query)}
        if not meetings:
            return []
        invited = select(i.meeting_id, i.site_id)
        invited = invited.where(self._database.among(i.meeting_id, meetings.keys()))
        sites: dict[str, list[str]] = {}
        for meeting_id, site_id in await connection.execute(invited):
            sites.setdefault(meeting_id, []).append(site_id)
        every = {site_id for some in sites.values() for site_id in some}
        span = now, max(row.ends_at for row in meetings.values())
        takings = Takings(await blocked_sites(connection, self._database, every, *span))
        found: Rows = []
        for row in meetings.values():
            own = sites.get(row.id, [])
            needs = [*(Need(Resource("site", site_id)) for site_id in own), Need(HUB)]
            by_holder: dict[str, list[Clash]] = {}
            for clash in find_clashes(needs, takings, row.starts_at, row.ends_at):
                by_holder.setdefault(clash.holder.id, []).append(clash)
            for clashes in by_holder.values():
                other = clashes[0].holder
                count = len(own) if clashes[0].need.resource == HUB else len(clashes)
                about = (other.id, other.title, other.starts_at, other.ends_at)
                found.append(InTheWay("blocked", *row, *about, "", count, other.cause))
        return found[:MOST_ROWS]
