"""What sites take along into meetings, read from the registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.planning.shared.along import BETWEEN_DIGITS, Fittings, Uplink, along
from confhub.planning.takings import Along, Resource, Share
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.planning.blockings import homes_of
from confhub.store.registry.unit_queries import valid


async def read_along(
    connection: AsyncConnection, database: Transactions, site_ids: Collection[str], on: dt.date
) -> Along:
    """Of the sites, as units stand on a day."""
    homes = await homes_of(connection, database, site_ids, on)
    sites = await _fittings(connection, homes, database.among(t.site.c.id, site_ids))
    units = {unit_id for path in homes.values() for unit_id in path}
    return along(sites, await _lines(connection, database.among(t.site.c.unit_id, units)))


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
        query = theirs.where(among(digits(), ids["technician"]))
        found |= set(await connection.scalars(query))
    lines = await _lines(connection, among(c.id, ids["line"])) if ids["line"] else []
    if lines:
        found |= set(ids["line"]).intersection(near)
        units = {line.unit_id for line in lines}
        query = theirs.where(c.unit_id.in_(_below(database, units, on)))
        found |= set(await connection.scalars(query))
    if not found:
        return {}
    homes = await homes_of(connection, database, found, on)
    sites = await _fittings(connection, homes, among(c.id, found))
    shares: dict[str, list[Share]] = {}
    for site_id, taken in along(sites, lines).items():
        if own := [share for share in taken if share.resource in wanted]:
            shares[site_id] = own
    return shares


async def _fittings(
    connection: AsyncConnection, homes: Mapping[str, list[str]], which: ColumnElement[bool]
) -> list[Fittings]:
    c = t.site.c
    query = select(c.id, c.room, c.technician_name, c.technician_phone).where(which)
    rows = await connection.execute(query)
    return [Fittings(row[0], homes[row[0]], *row[1:]) for row in rows]


async def _lines(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Uplink]:
    c = t.site.c
    query = select(c.id, c.unit_id, c.name, c.streams).where(which, c.streams.is_not(None))
    return [Uplink(*row) for row in await connection.execute(query)]


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
