"""Patterns of meetings and lists of sites in the store."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict, NotFound
from confhub.meetings.meeting import AgendaItem
from confhub.planning.pattern import ListedPattern, Pattern
from confhub.store import tables as t
from confhub.store.children import change_children
from confhub.store.database.database import fitting
from confhub.store.database.failures import FORM_USED
from confhub.store.database.transactions import Transactions

_NOT_FOUND = N_("Không tìm thấy mẫu này.")


class PatternStore:
    """Lists are by name. A pattern's `sites` keep the order in which they were given."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def of(self, unit_ids: Collection[str]) -> list[ListedPattern]:
        """The patterns that belong to just these units, those that have ended too."""
        c, s = t.pattern.c, t.pattern_site.c
        count = select(func.count()).where(s.pattern_id == c.id).scalar_subquery()
        query = select(t.pattern, count.label("site_count"))
        query = query.where(self._database.among(c.unit_id, unit_ids)).order_by(c.name, c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [ListedPattern(_pattern(row, ()), row.site_count) for row in rows]

    async def get(self, pattern_id: str) -> Pattern:
        """NotFound."""
        async with self._database.read() as connection:
            query = select(t.pattern).where(t.pattern.c.id == pattern_id)
            row = (await connection.execute(query)).first()
            if row is None:
                raise NotFound(_NOT_FOUND)
            return _pattern(row, await _sites(connection, pattern_id))

    async def count(self, unit_id: str) -> int:
        """How many belong to a unit, those that have ended too."""
        query = select(func.count()).where(t.pattern.c.unit_id == unit_id)
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def add(self, pattern: Pattern) -> None:
        """A new one, under an id of the caller's; Conflict where that is taken."""
        async with self._database.write(FORM_USED) as connection:
            await connection.execute(insert(t.pattern).values(_values(pattern)))
            await _change_sites(connection, pattern)

    async def update(self, pattern: Pattern) -> Pattern:
        """Replace all of it; returns it with its new version. Conflict if it changed meanwhile,
        NotFound."""
        c = t.pattern.c
        values = _values(pattern) | {"version": pattern.version + 1}
        async with self._database.write() as connection:
            done = await connection.execute(
                update(t.pattern)
                .where(c.id == pattern.id, c.version == pattern.version)
                .values(values)
            )
            if done.rowcount == 0:
                there = await connection.scalar(select(c.id).where(c.id == pattern.id))
                raise Conflict() if there else NotFound(_NOT_FOUND)
            await _change_sites(connection, pattern)
        return dataclasses.replace(pattern, version=pattern.version + 1)


async def _sites(connection: AsyncConnection, pattern_id: str) -> tuple[str, ...]:
    c = t.pattern_site.c
    query = select(c.site_id).where(c.pattern_id == pattern_id).order_by(c.position)
    return tuple(await connection.scalars(query))


async def _change_sites(connection: AsyncConnection, pattern: Pattern) -> None:
    stored = await _sites(connection, pattern.id)
    rows = [
        [
            {"pattern_id": pattern.id, "site_id": site_id, "position": position}
            for position, site_id in enumerate(sites)
        ]
        for sites in (stored, pattern.sites)
    ]
    await change_children(connection, t.pattern_site, *rows)


def _values(pattern: Pattern) -> dict[str, Any]:
    values = {column.name: getattr(pattern, column.name) for column in t.pattern.columns}
    agenda = [[item.title, item.presenter, item.duration_min] for item in pattern.agenda]
    return fitting(t.pattern, values) | {
        "level_id": pattern.level_id or None,
        "chair_site_id": pattern.chair_site_id or None,
        "agenda": agenda,
    }


def _pattern(row: Row[Any], sites: tuple[str, ...]) -> Pattern:
    values = {name: row._mapping[name] for name in t.pattern.columns.keys()}  # noqa: SIM118
    values |= {name: values[name] or "" for name in ("level_id", "chair_site_id")}
    values["agenda"] = tuple(AgendaItem(*item) for item in values["agenda"])
    return Pattern(**values, sites=sites)
