"""Meetings ahead that others, or blockings, are in the way of, in SQL.

What a unit has ahead, and who else meets then, may be thousands: few of its own are looked at, and
of the others those at just their times, by the index on starts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from confhub.store.planning.takings import (
    LONGEST_TAKING,
    Hours,
    hours_ahead,
    hours_within,
    is_ahead,
)

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
# Of a meeting, and of what is in its way: id, title, from when to when.
Told: TypeAlias = tuple[str, str, dt.datetime, dt.datetime, str, str, dt.datetime, dt.datetime]
Sites: TypeAlias = Mapping[str, Collection[str]]  # of meetings


@dataclass(frozen=True, slots=True)
class _Own:
    """A meeting with the hours at which it is still to begin, at least one; `rank`: its host's."""

    id: str
    title: str
    rank: int
    hours: Sequence[Hours]

    @property
    def span(self) -> Hours:
        return self.hours[0][0], self.hours[-1][1]


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
        time; a higher level is one of lower rank. Of one that is held in several sittings, what is
        in the way of those that are ahead. `now`: in the zone of who meets."""
        m = t.meeting.c
        near = and_(m.starts_at < now + AHEAD, self._database.among(m.host_unit_id, unit_ids))
        query = (
            _with_rank()
            .where(m.id == meeting_id if meeting_id else near)
            .where(is_ahead(now), _plain(m.status).in_(("scheduled", "live")))
            .order_by(m.starts_at, m.id)
            .limit(MOST_AHEAD)
        )

        async def read(connection: AsyncConnection) -> Rows:
            own = _still_ahead(await connection.execute(query), now)
            if not own:
                return []
            sites = await self._sites(connection, [row.id for row in own])
            found = await self._meetings(connection, own, sites, now)
            on = own[0].hours[0][0].astimezone(now.tzinfo).date()
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
        self, connection: AsyncConnection, own: Sequence[_Own], sites: Sites, now: dt.datetime
    ) -> Rows:
        """Others that are higher, or held and not over."""
        every = {site_id for some in sites.values() for site_id in some}
        others = {
            row.id: row
            for where in _at_their_times(own, now)
            for row in await connection.execute(self._wanting(every).where(*where))
        }
        wanted = await self._sites(connection, others, every)
        found: Rows = []
        for row in own:
            for other in others.values():
                both = set(sites.get(row.id, ())).intersection(wanted.get(other.id, ()))
                way = _in_the_way(row, other, now) if both and row.id != other.id else None
                if way is not None:
                    kind, mine, its = way
                    told: Told = (row.id, row.title, *mine, other.id, other.title, *its)
                    found.append(InTheWay(kind, *told, other.host_unit_id, len(both)))
        return found[:MOST_ROWS]

    def _wanting(self, sites: Collection[str]) -> Select[Any]:
        """The first meetings, by start, that want one of the sites."""
        o, i = t.meeting.c, t.invitation.c
        among = self._database.among(_plain(i.site_id), sites)
        wants = select(i.site_id).where(i.meeting_id == o.id, among).exists()
        return _with_rank().where(wants).order_by(o.starts_at, o.id).limit(MOST_OTHERS)

    async def _blocked(
        self, connection: AsyncConnection, own: Sequence[_Own], sites: Sites, on: dt.date
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
            takings = Takings(blocked(known, of_these, *row.span))
            needs = [*(Need(Resource("site", site_id)) for site_id in its), Need(HUB)]
            by_holder: dict[str, list[Clash]] = {}
            for clash in clashes_within(needs, takings, row.hours):
                by_holder.setdefault(clash.holder.id, []).append(clash)
            for clashes in by_holder.values():
                other = clashes[0].holder
                count = len(its) if clashes[0].need.resource == HUB else len(clashes)
                its_time = other.starts_at, other.ends_at
                mine = next(one for one in row.hours if _overlap(one, its_time))
                told: Told = (row.id, row.title, *mine, other.id, other.title, *its_time)
                found.append(InTheWay("blocked", *told, "", count, other.cause))
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


def _still_ahead(rows: Iterable[Any], now: dt.datetime) -> list[_Own]:
    """Those of which sittings are still to begin, by time; the one that is held early has begun."""
    own = []
    for row in rows:
        held, ahead = hours_within(row, row.starts_at, row.ends_at), hours_ahead(row, now)
        if row.status == "live" and len(ahead) == len(held):
            ahead = ahead[1:]
        if ahead:
            own.append(_Own(row.id, row.title, row.rank, ahead))
    return sorted(own, key=lambda one: (one.hours[0], one.id))


def _at_their_times(own: Sequence[_Own], now: dt.datetime) -> list[tuple[ColumnElement[bool], ...]]:
    """Questions for who may be in the way of meetings: at their times, or running over soon."""
    o = t.meeting.c
    first, last = own[0].span[0], max(row.span[1] for row in own)
    lowest = max(row.rank for row in own)
    may_be = or_(
        _plain(o.status) == "live", and_(_plain(o.status) == "scheduled", t.level.c.rank < lowest)
    )
    near = and_(o.starts_at > first - LONGEST_TAKING, o.starts_at < last)
    times = or_(*(and_(o.ends_at > starts, o.starts_at < ends) for starts, ends in _merged(own)))
    found: list[tuple[ColumnElement[bool], ...]] = [(near, o.ends_at > first, times, may_be)]
    if first <= now + SOON:
        may_be_over = or_(o.ends_at <= now, o.sittings != "")
        over = (o.starts_at > now - LONGEST_TAKING, o.starts_at < now, may_be_over)
        found.append((*over, _plain(o.status) == "live"))
    return found


def _merged(own: Sequence[_Own]) -> list[Hours]:
    """The times of meetings, those that overlap as one; of several sittings from the first that is
    ahead to the last: each by itself would be more than a question may have."""
    spans: list[Hours] = []
    for starts, ends in (row.span for row in own):
        if spans and starts <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], ends))
        else:
            spans.append((starts, ends))
    return spans


def _in_the_way(row: _Own, other: Any, now: dt.datetime) -> tuple[Kind, Hours, Hours] | None:
    """How the other is in the way of the meeting, and when of each."""
    held = hours_within(other, other.starts_at, other.ends_at)
    begun = [hours for hours in held if hours[0] <= now]
    running = (begun or held)[-1 if begun else 0] if other.status == "live" and held else None
    for mine in row.hours:
        for its in held:
            if _overlap(mine, its) and (its == running or other.rank < row.rank):
                return ("live" if its == running else "higher"), mine, its
    first = row.hours[0]
    if running is not None and running[1] <= now and first[0] <= now + SOON:
        return "live", first, running
    return None


def _overlap(one: Hours, other: Hours) -> bool:
    return one[0] < other[1] and one[1] > other[0]
