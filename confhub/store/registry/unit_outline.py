"""A tree of units as far as a page shows it, with counts of all that is below."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

from sqlalchemy import CTE, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.store import tables as t
from confhub.store.registry.unit_queries import MAX_DEPTH, below, valid

Counts: TypeAlias = dict[str, int]


async def fitting_depth(connection: AsyncConnection, root_id: str, on: dt.date, most: int) -> int:
    """How many whole generations below the root fit into `most` units; 1 at least."""
    down = below(root_id, on)
    query = select(down.c.depth, func.count()).group_by(down.c.depth).order_by(down.c.depth)
    shown, fitting = 0, 1
    for depth, count in await connection.execute(query):
        shown += count
        if shown > most:
            break
        fitting = max(fitting, depth)
    return fitting


async def count_below(
    connection: AsyncConnection, root_id: str, on: dt.date, depth: int
) -> tuple[Counts, Counts]:
    """Of each unit at `depth` generations below the root: how many units are below it, and how
    many sites it and they have."""
    branches = _branches(root_id, on, depth)
    units = select(branches.c.branch, func.count() - 1).group_by(branches.c.branch)
    sites = (
        select(branches.c.branch, func.count())
        .join(t.site, t.site.c.unit_id == branches.c.id)
        .group_by(branches.c.branch)
    )
    return await _counts(connection, units), await _counts(connection, sites)


async def count_own_sites(
    connection: AsyncConnection, root_id: str, on: dt.date, depth: int
) -> Counts:
    """How many sites each unit down to `depth` has itself."""
    shown = select(below(root_id, on, depth).c.id)
    c = t.site.c
    query = select(c.unit_id, func.count()).where(c.unit_id.in_(shown)).group_by(c.unit_id)
    return await _counts(connection, query)


def _branches(root_id: str, on: dt.date, depth: int) -> CTE:
    """Ids of the units from `depth` down, each with the unit at `depth` that it is under."""
    heads = below(root_id, on, depth)
    start = select(heads.c.id.label("id"), heads.c.id.label("branch"), literal(0).label("depth"))
    down = start.where(heads.c.depth == depth).cte("branches", recursive=True)
    parent = t.unit_parent
    return down.union_all(
        select(parent.c.unit_id, down.c.branch, down.c.depth + 1)
        .join(down, parent.c.parent_id == down.c.id)
        .where(valid(parent, on), down.c.depth < MAX_DEPTH)
    )


async def _counts(connection: AsyncConnection, query: Select[Any]) -> Counts:
    return {row[0]: row[1] for row in await connection.execute(query)}
