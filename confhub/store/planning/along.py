"""What sites take along into meetings, read from the registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.planning.shared.along import (
    BETWEEN_DIGITS,
    Fittings,
    Uplink,
    along,
    number_of,
    unit_of_line,
)
from confhub.planning.takings import Along, Resource, Share
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.planning.blockings import homes_of
from confhub.store.registry.unit_queries import valid

# Sites below a line, as a guess: a district has fifteen communes. Where fewer meet than stand below
# all the lines that are asked for, it takes less to walk up from them than down from the lines.
_BELOW = 15


async def read_along(
    connection: AsyncConnection, database: Transactions, site_ids: Collection[str], on: dt.date
) -> Along:
    """Of the sites, as units stand on a day."""
    homes = await homes_of(connection, database, site_ids, on)
    sites = await _fittings(connection, homes, database.among(t.site.c.id, site_ids))
    units = {unit_id for path in homes.values() for unit_id in path}
    lines = await _lines(connection, database.among(t.site.c.unit_id, units))
    lines += await _unit_lines(connection, database, units, on)
    return along(sites, lines, await _numbers(connection, database, sites))


async def sharing(
    connection: AsyncConnection,
    database: Transactions,
    wanted: Collection[Resource],
    near: Collection[str],
    on: dt.date,
) -> Along:
    """Of the sites `near` that take one of the wanted resources along, just these."""
    among = database.among
    ids = {
        kind: [r.id for r in wanted if r.kind == kind] for kind in ("room", "technician", "line")
    }
    if not any(ids.values()) or not near:
        return {}
    c = t.site.c
    # A line of a province has a thousand sites below it, of which few meet at any hour.
    theirs = select(c.id).where(among(c.id, near))
    found: set[str] = set()
    if ids["room"]:
        units = {one.partition(" ")[0] for one in ids["room"]}
        query = theirs.where(among(c.unit_id, units), c.room != "")
        found |= set(await connection.scalars(query))
    if ids["technician"]:
        of_these = among(c.technician_id, ids["technician"])
        # Apart: it would be made of every site's number, for each site.
        typed = await connection.scalars(select(digits()).where(of_these))
        numbered = among(digits(), {*ids["technician"], *typed} - {""})
        found |= set(await connection.scalars(theirs.where(or_(of_these, numbered))))
    lines = await _wanted_lines(connection, database, ids["line"], on)
    if lines:
        found |= {line.site_id for line in lines}.intersection(near)
        units = {line.unit_id for line in lines}
        whole = {line.unit_id for line in lines if not line.site_id}
        below = c.unit_id.in_(_below(database, units, on))
        if len(near) < _BELOW * len(units):
            paths = await homes_of(connection, database, near, on)
            found |= {one for one, path in paths.items() if not units.isdisjoint(path)}
        else:
            query = theirs.where(or_(below, among(c.unit_id, whole)) if whole else below)
            found |= set(await connection.scalars(query))
    if not found:
        return {}
    homes = await homes_of(connection, database, found, on)
    sites = await _fittings(connection, homes, among(c.id, found))
    shares: dict[str, list[Share]] = {}
    numbers = await _numbers(connection, database, sites)
    for site_id, taken in along(sites, lines, numbers).items():
        if own := [share for share in taken if share.resource in wanted]:
            shares[site_id] = own
    return shares


async def _fittings(
    connection: AsyncConnection, homes: Mapping[str, list[str]], which: ColumnElement[bool]
) -> list[Fittings]:
    c = t.site.c
    own = (c.room, c.technician_name, c.technician_phone, c.technician_id)
    query = select(c.id, *own).where(which)
    rows = await connection.execute(query)
    return [Fittings(row[0], homes[row[0]], *row[1:]) for row in rows]


async def _numbers(
    connection: AsyncConnection, database: Transactions, sites: Iterable[Fittings]
) -> dict[str, str]:
    """Accounts by the numbers that are written at these sites without one; a number that several
    have, as of an office, is nobody's."""
    typed = {number_of(one.technician_phone) for one in sites if not one.technician_id} - {""}
    if not typed:
        return {}
    c, number = t.site.c, digits()
    query = select(number, func.min(c.technician_id)).where(
        # Looked up in its index, as what differs is not.
        c.technician_id > "",
        database.among(number, typed),
    )
    one = func.count(c.technician_id.distinct()) == 1
    rows = await connection.execute(query.group_by(number).having(one))
    return {row[0]: row[1] for row in rows}


async def _lines(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Uplink]:
    c = t.site.c
    query = select(c.id, c.unit_id, c.name, c.streams).where(which, c.streams.is_not(None))
    return [Uplink(*row) for row in await connection.execute(query)]


async def _unit_lines(
    connection: AsyncConnection, database: Transactions, unit_ids: Collection[str], on: dt.date
) -> list[Uplink]:
    """Of those of the units that have their own, by their names of the day."""
    c, n = t.unit_line.c, t.unit_name
    of_day = and_(n.c.unit_id == c.unit_id, valid(n, on))
    query = select(c.unit_id, func.max(n.c.name), c.streams).group_by(c.unit_id, c.streams)
    query = query.select_from(t.unit_line.outerjoin(n, of_day))
    rows = await connection.execute(query.where(database.among(c.unit_id, unit_ids)))
    return [Uplink("", row[0], row[1] or "", row[2]) for row in rows]


async def _wanted_lines(
    connection: AsyncConnection, database: Transactions, line_ids: Collection[str], on: dt.date
) -> list[Uplink]:
    """By the ids of their resources."""
    units = {one: unit_of_line(one) for one in line_ids}
    sites = [one for one, unit_id in units.items() if unit_id is None]
    whole = [unit_id for unit_id in units.values() if unit_id is not None]
    found = await _lines(connection, database.among(t.site.c.id, sites)) if sites else []
    return found + (await _unit_lines(connection, database, whole, on) if whole else [])


def _below(database: Transactions, unit_ids: Collection[str], on: dt.date) -> Select[tuple[str]]:
    """Ids of the units under these on a day."""
    parent = t.unit_parent
    start = select(parent.c.unit_id.label("id")).where(
        database.among(parent.c.parent_id, unit_ids), valid(parent, on)
    )
    down = start.cte("down", recursive=True)
    children = select(parent.c.unit_id).join(down, parent.c.parent_id == down.c.id)
    down = down.union(children.where(valid(parent, on)))
    return select(down.c.id)


def digits() -> ColumnElement[str]:
    """A technician's number as `technician_of` writes it."""
    text: ColumnElement[str] = t.site.c.technician_phone
    for letter in BETWEEN_DIGITS:
        text = func.replace(text, letter, "")
    return text
