"""Meetings ahead that others, or blockings, are in the way of, in SQL.

What a unit has ahead, and who else meets then, may be thousands: few of its own are looked at, and
of the others those at just their times, by the index on starts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.planning.blocking import blocked
from confhub.planning.conflicts import Clash, clashes_within
from confhub.planning.precedence import SOON, InTheWay
from confhub.planning.takings import HUB, Need, Resource, Takings
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.planning.blockings import blockings_at
from confhub.store.planning.takings import LONGEST_TAKING, hours_within

# More on one page would only say that a unit's whole plan has to be made anew.
MOST_ROWS = 20
# Of a unit's own meetings so many are looked at, some weeks' worth, and none that is further away:
# it is told of when it comes nearer, and on its own page at any time.
MOST_AHEAD = 60
AHEAD = dt.timedelta(weeks=8)
# Others that want their sites at their times, the first ones: ten times what is told of.
MOST_OTHERS = 200

Rows: TypeAlias = list[InTheWay]
Kind: TypeAlias = Literal["higher", "live"]
Told: TypeAlias = tuple[
    str, str, dt.datetime, dt.datetime, str, str, dt.datetime, dt.datetime
]  # of a meeting, and of what is in its way: id, title, from when to when
Sites: TypeAlias = Mapping[str, Collection[str]]  # of meetings


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
        """Of the next meetings that one of the units hosts, or of the one, what is in their way, by
        time; a higher level is one of lower rank. `now`: in the zone of who meets."""
        m = t.meeting.c
        near = and_(m.starts_at < now + AHEAD, self._database.among(m.host_unit_id, unit_ids))
        query = (
            _with_rank()
            .where(m.id == meeting_id if meeting_id else near)
            .where(m.starts_at >= now, _plain(m.status) == "scheduled")
            .order_by(m.starts_at, m.id)
            .limit(MOST_AHEAD)
        )

        async def read(connection: AsyncConnection) -> Rows:
            own = (await connection.execute(query)).all()
            if not own:
                return []
            sites = await self._sites(connection, [row.id for row in own])
            found = await self._meetings(connection, own, sites, now)
            on = own[0].starts_at.astimezone(now.tzinfo).date()
            return found + await self._blocked(connection, own, sites, on)

        return await self._database.read_aside(read)

    async def _sites(
        self, connection: AsyncConnection, ids: Collection[str], wanted: Collection[str] = ()
    ) -> Sites:
        """Whom the meetings invite; only the `wanted` ones if given."""
        i = t.invitation.c
        query = select(i.meeting_id, i.site_id).where(self._database.among(i.meeting_id, ids))
        if wanted:
            query = query.where(self._database.among(_plain(i.site_id), wanted))
        sites: dict[str, list[str]] = {}
        for meeting_id, site_id in await connection.execute(query):
            sites.setdefault(meeting_id, []).append(site_id)
        return sites

    async def _meetings(
        self, connection: AsyncConnection, own: Sequence[Any], sites: Sites, now: dt.datetime
    ) -> Rows:
        """Others that are higher, or held and not over."""
        every = {site_id for some in sites.values() for site_id in some}
        others = [
            row
            for where in _at_their_times(own, now)
            for row in await connection.execute(self._wanting(every).where(*where))
        ]
        wanted = await self._sites(connection, [other.id for other in others], every)
        found: Rows = []
        for row in own:
            for other in others:
                both = set(sites.get(row.id, ())).intersection(wanted.get(other.id, ()))
                if both and row.id != other.id and _is_in_the_way(row, other, now):
                    kind: Kind = "live" if other.status == "live" else "higher"
                    found.append(InTheWay(kind, *_told(row, other), other.host_unit_id, len(both)))
        return found[:MOST_ROWS]

    def _wanting(self, sites: Collection[str]) -> Select[Any]:
        """The first meetings, by start, that want one of the sites."""
        o, i = t.meeting.c, t.invitation.c
        among = self._database.among(_plain(i.site_id), sites)
        wants = select(i.site_id).where(i.meeting_id == o.id, among).exists()
        return _with_rank().where(wants).order_by(o.starts_at, o.id).limit(MOST_OTHERS)

    async def _blocked(
        self, connection: AsyncConnection, own: Sequence[Any], sites: Sites, on: dt.date
    ) -> Rows:
        """Each meeting is compared with what blocks its own sites at its own time: all weeks of all
        blockings between the first and the last may be a hundred thousand."""
        every = {site_id for some in sites.values() for site_id in some}
        known, homes = await blockings_at(connection, self._database, every, _merged(own), on)
        found: Rows = []
        for row in own:
            if len(found) >= MOST_ROWS:
                break
            its = sites.get(row.id, ())
            of_these = {site_id: homes[site_id] for site_id in its}
            takings = Takings(blocked(known, of_these, row.starts_at, row.ends_at))
            needs = [*(Need(Resource("site", site_id)) for site_id in its), Need(HUB)]
            by_holder: dict[str, list[Clash]] = {}
            hours = hours_within(row, row.starts_at, row.ends_at)
            for clash in clashes_within(needs, takings, hours):
                by_holder.setdefault(clash.holder.id, []).append(clash)
            for clashes in by_holder.values():
                other = clashes[0].holder
                count = len(its) if clashes[0].need.resource == HUB else len(clashes)
                found.append(InTheWay("blocked", *_told(row, other), "", count, other.cause))
        return found[:MOST_ROWS]


def _with_rank() -> Select[Any]:
    """Meetings with the rank of their host."""
    m = t.meeting.c
    return (
        select(m.id, m.title, m.starts_at, m.ends_at, m.sittings, m.host_unit_id, m.status)
        .add_columns(t.level.c.rank)
        .join_from(t.meeting, t.unit, t.unit.c.id == m.host_unit_id)
        .join(t.level, t.level.c.id == t.unit.c.level_id)
    )


def _plain(column: ColumnElement[str]) -> ColumnElement[str]:
    """What is no plain column is not looked up in an index: SQLite would go by the status, which
    nearly all have, or by a site, which may be invited to everything, instead of by the time."""
    return func.coalesce(column, "")


def _at_their_times(own: Sequence[Any], now: dt.datetime) -> list[tuple[ColumnElement[bool], ...]]:
    """Questions for who may be in the way of meetings: at their times, or running over soon."""
    o = t.meeting.c
    first, last = own[0].starts_at, max(row.ends_at for row in own)
    lowest = max(row.rank for row in own)
    may_be = or_(
        _plain(o.status) == "live", and_(_plain(o.status) == "scheduled", t.level.c.rank < lowest)
    )
    near = and_(o.starts_at > first - LONGEST_TAKING, o.starts_at < last)
    times = or_(*(and_(o.ends_at > starts, o.starts_at < ends) for starts, ends in _merged(own)))
    found: list[tuple[ColumnElement[bool], ...]] = [(near, o.ends_at > first, times, may_be)]
    if first <= now + SOON:
        over = (o.starts_at > now - LONGEST_TAKING, o.starts_at < now, o.ends_at <= now)
        found.append((*over, _plain(o.status) == "live"))
    return found


def _merged(own: Sequence[Any]) -> list[tuple[dt.datetime, dt.datetime]]:
    """The times of meetings, those that overlap as one."""
    spans: list[tuple[dt.datetime, dt.datetime]] = []
    for row in own:
        if spans and row.starts_at <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], row.ends_at))
        else:
            spans.append((row.starts_at, row.ends_at))
    return spans


def _told(row: Any, other: Any) -> Told:
    mine = (row.id, row.title, row.starts_at, row.ends_at)
    return (*mine, other.id, other.title, other.starts_at, other.ends_at)


def _is_in_the_way(row: Any, other: Any, now: dt.datetime) -> bool:
    held = hours_within(other, row.starts_at, row.ends_at)
    overlaps = any(hours_within(row, *hours) for hours in held)
    if other.status == "live":
        return overlaps or bool(other.ends_at <= now and row.starts_at <= now + SOON)
    return overlaps and bool(other.rank < row.rank)
