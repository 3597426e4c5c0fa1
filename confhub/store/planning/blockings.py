"""When sites cannot meet, in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, NotFound
from confhub.meetings.sitting import LONGEST_WHOLE, all_sittings
from confhub.meetings.times import LONGEST
from confhub.planning.blocking import Blocking, Hit, blocked
from confhub.planning.takings import TAKING, Taking
from confhub.store import tables as t
from confhub.store.database.failures import FORM_USED
from confhub.store.database.transactions import Transactions
from confhub.store.registry.unit_queries import MAX_DEPTH, above, below, valid

_NOT_FOUND = N_("Không tìm thấy lịch chặn này.")
# More on one page nobody reads; a unit's own is a few.
MOST_ROWS = 200
# Whose secretaries are told: more are a whole plan, which is made anew by the calendar.
MOST_HIT = 100
# Meetings are made a quarter ahead: what comes for good is looked for so far.
HORIZON = dt.timedelta(days=92)

Blockings: TypeAlias = list[Blocking]
Hits: TypeAlias = list[Hit]
Homes: TypeAlias = Mapping[str, list[str]]  # by site: its unit and those above it, its own first
Span: TypeAlias = tuple[dt.datetime, dt.datetime]


class BlockingStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, blocking: Blocking) -> None:
        """A new one, under an id of the caller's; Conflict where that is taken."""
        async with self._database.write(FORM_USED) as connection:
            await connection.execute(insert(t.blocking).values(_values(blocking)))

    async def get(self, blocking_id: str) -> Blocking:
        """NotFound."""
        query = select(t.blocking).where(t.blocking.c.id == blocking_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(_NOT_FOUND)
        return _blocking(row)

    async def end(self, blocking_id: str, now: dt.datetime) -> None:
        """In nobody's way any more."""
        c = t.blocking.c
        living = (c.id == blocking_id, c.ended_at.is_(None))
        async with self._database.write() as connection:
            await connection.execute(update(t.blocking).where(*living).values(ended_at=now))

    async def concerning(
        self,
        unit_id: str,
        on: dt.date,
        start: dt.datetime,
        end: dt.datetime,
        *,
        site_id: str = "",
        alone: bool = False,
    ) -> Blockings:
        """What blocks the site, or sites of the unit and (unless `alone`) of those below it, within
        [start, end): entered for them, for a unit above them or for the hub; by start."""
        c, own = t.blocking.c, t.site.alias()
        uppers = select(above(unit_id, on, ended=True).c.id)
        from_above = and_(c.reach == "below", c.unit_id.in_(uppers))
        if site_id:
            here = or_(c.site_id == site_id, and_(c.reach == "unit", c.unit_id == unit_id))
        else:
            units = select(below(unit_id, on, 0 if alone else None, ended=True).c.id)
            sites = select(own.c.id).where(own.c.unit_id.in_(units))
            here = or_(c.site_id.in_(sites), c.unit_id.in_(units))
        query = select(t.blocking).where(_within(start, end), or_(here, from_above, _HUB))

        async def read(connection: AsyncConnection) -> Blockings:
            rows = await connection.execute(query.order_by(c.starts_at, c.id).limit(MOST_ROWS))
            return [_blocking(row) for row in rows]

        return await self._database.read_aside(read)

    async def count(self, blocking: Blocking, now: dt.datetime) -> int:
        """How many there are of just its unit or site that are neither ended nor over."""
        c = t.blocking.c
        mine = c.unit_id == blocking.unit_id
        if blocking.reach in ("site", "hub"):
            mine = c.site_id == blocking.site_id if blocking.site_id else _HUB
        lasts = and_(c.ended_at.is_(None), or_(c.over_at.is_(None), c.over_at > now))
        async with self._database.read() as connection:
            query = select(func.count()).select_from(t.blocking).where(mine, lasts)
            return await connection.scalar(query) or 0

    async def hits(self, blocking: Blocking, now: dt.datetime) -> Hits:
        """The first MOST_HIT meetings ahead that hold time within it, by time; none once it is
        ended, and none that is further from its begin, or from now, than HORIZON. `now`: in the
        zone of who meets."""
        start = max(now, blocking.starts_at)
        end = start + HORIZON
        times = list(blocking.times(start, end))
        if blocking.ended_at is not None or not times:
            return []
        m, i = t.meeting.c, t.invitation.c
        wanted = and_(i.meeting_id == m.id, *_sites_of(blocking, now.date()))
        count = select(func.count()).select_from(t.invitation).where(wanted)
        within = or_(*(and_(m.starts_at < ends, m.ends_at > begins) for begins, ends in times))
        # What is no plain column is not looked up in an index: SQLite would go by the status, which
        # nearly all have, instead of by the time, in whose order it may stop.
        holds = func.coalesce(m.status, "").in_(TAKING)
        query = (
            select(m.id, m.title, m.starts_at, m.ends_at, m.host_unit_id, count.scalar_subquery())
            .add_columns(m.sittings)
            .where(m.starts_at >= start - LONGEST_WHOLE, m.starts_at < end, within)
            .where(or_(m.starts_at >= max(now, start - LONGEST), m.sittings != ""))
            .where(holds, select(i.site_id).where(wanted).exists())
            .order_by(m.starts_at, m.id)
            .limit(MOST_HIT)
        )

        async def read(connection: AsyncConnection) -> Hits:
            rows = await connection.execute(query)
            return [Hit(*row[:-1]) for row in rows if _is_held_within(row, times)]

        return await self._database.read_aside(read)


def _is_held_within(row: Any, times: Collection[Span]) -> bool:
    sittings = all_sittings(row.starts_at, row.ends_at, row.sittings)
    return any(
        one.starts_at < ends and one.ends_at > begins
        for one in sittings
        if not one.is_over
        for begins, ends in times
    )


async def blocked_sites(
    connection: AsyncConnection,
    database: Transactions,
    site_ids: Collection[str],
    start: dt.datetime,
    end: dt.datetime,
    on: dt.date,
) -> list[Taking]:
    """What blockings take of the sites within [start, end), as units stand on a day."""
    found, homes = await blockings_at(connection, database, site_ids, [(start, end)], on)
    return list(blocked(found, homes, start, end))


async def blockings_at(
    connection: AsyncConnection,
    database: Transactions,
    site_ids: Collection[str],
    spans: Sequence[Span],
    on: dt.date,
) -> tuple[Blockings, Homes]:
    """Those that may be in the way of one of the sites within one of the spans, which ascend; and
    where the sites belong on a day."""
    homes = await homes_of(connection, database, site_ids, on)
    units = {unit_id for path in homes.values() for unit_id in path}
    c, among = t.blocking.c, database.among
    # One question for each index: SQLite reads the whole table for an `or` of them.
    questions: tuple[ColumnElement[bool], ...] = (
        _HUB,
        among(c.unit_id, units),
        among(c.site_id, homes.keys()),
    )
    found: Blockings = []
    within = or_(*(_within(start, end) for start, end in spans))
    for question in questions:
        query = select(t.blocking).where(question, within)
        found += [_blocking(row) for row in await connection.execute(query)]
    return found, homes


async def homes_of(
    connection: AsyncConnection, database: Transactions, site_ids: Collection[str], on: dt.date
) -> Homes:
    """By site: its unit and those above it on a day, its own first."""
    c, parent = t.site.c, t.unit_parent
    query = select(c.id, c.unit_id).where(database.among(c.id, site_ids))
    unit_of = {row.id: row.unit_id for row in await connection.execute(query)}
    # Each step once, however many units take it: a province is above a thousand.
    is_step = and_(valid(parent, on), parent.c.parent_id.is_not(None))
    start = select(parent.c.unit_id, parent.c.parent_id).where(is_step)
    up = start.where(database.among(parent.c.unit_id, {*unit_of.values()}))
    steps = up.cte("up", recursive=True)
    higher = select(parent.c.unit_id, parent.c.parent_id)
    steps = steps.union(higher.join(steps, parent.c.unit_id == steps.c.parent_id).where(is_step))
    upper = {row[0]: row[1] for row in await connection.execute(select(steps))}
    paths = {unit_id: _path(unit_id, upper) for unit_id in set(unit_of.values())}
    return {site_id: paths[unit_id] for site_id, unit_id in unit_of.items()}


def _path(unit_id: str, upper: Mapping[str, str]) -> list[str]:
    path = [unit_id]
    while len(path) <= MAX_DEPTH and (above_it := upper.get(path[-1])) is not None:
        path.append(above_it)
    return path


_HUB = t.blocking.c.reach == "hub"


def _within(start: dt.datetime, end: dt.datetime) -> ColumnElement[bool]:
    c = t.blocking.c
    lasts = or_(c.over_at.is_(None), c.over_at > start)
    return and_(c.ended_at.is_(None), c.starts_at < end, lasts)


def _sites_of(blocking: Blocking, on: dt.date) -> list[ColumnElement[bool]]:
    """Which invitations a blocking is in the way of."""
    site_id = t.invitation.c.site_id
    if blocking.reach == "hub":
        return []
    if blocking.reach == "site":
        return [site_id == blocking.site_id]
    depth = None if blocking.reach == "below" else 0
    units: Select[Any] = select(below(blocking.unit_id, on, depth, ended=True).c.id)
    return [site_id.in_(select(t.site.c.id).where(t.site.c.unit_id.in_(units)))]


def _values(blocking: Blocking) -> dict[str, Any]:
    values = {column.name: getattr(blocking, column.name) for column in t.blocking.columns}
    return values | {name: values[name] or None for name in ("unit_id", "site_id")}


def _blocking(row: Row[Any]) -> Blocking:
    values = dict(row._mapping)
    values.pop("over_at")
    values |= {name: values[name] or "" for name in ("unit_id", "site_id")}
    return Blocking(**values)
