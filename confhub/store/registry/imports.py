"""Imports in the store: units with all their dates, and plans carried out all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import Conflict
from confhub.imports.sites import SitePlan
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.registry.sites import SITE_CODE_IN_USE, change_lines, site_row
from confhub.store.registry.unit_changes import DATED
from confhub.store.registry.unit_plans import (
    UNITS_CHANGED,
    change_units,
    check_rings,
    follow_units,
)
from confhub.store.registry.unit_queries import below
from confhub.store.registry.units import UnitStore
from confhub.units.records import CodeSpan, Span, UnitChange, UnitPlan, UnitRecord
from confhub.units.site import Site
from confhub.units.use import Held, Holdings, UnitUse

Rows: TypeAlias = Sequence[Row[Any]]


class ImportStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database
        self._units = UnitStore(database)

    async def unit_records(self, unit_ids: Collection[str] | None = None) -> list[UnitRecord]:
        """These units with every name, parent and code they ever had; None: all units."""

        async def records(connection: AsyncConnection) -> list[UnitRecord]:
            return await self._records(connection, unit_ids)

        # Half a second for a country, which live rooms must not wait.
        return await self._database.read_aside(records)

    async def _records(
        self, connection: AsyncConnection, unit_ids: Collection[str] | None
    ) -> list[UnitRecord]:
        query, c = select(t.unit), t.unit_succession.c
        follow = select(c.old_unit_id, c.new_unit_id).order_by(c.old_unit_id, c.new_unit_id)
        if unit_ids is not None:
            query = query.where(self._database.among(t.unit.c.id, unit_ids))
            follow = follow.where(self._database.among(c.old_unit_id, unit_ids))
        units = (await connection.execute(query)).all()
        names, parents, codes = [await self._dated(connection, table, unit_ids) for table in DATED]
        successors: dict[str, list[str]] = {}
        for old_id, new_id in await connection.execute(follow):
            successors.setdefault(old_id, []).append(new_id)
        return _records(units, names, parents, codes, successors)

    async def uses(self, unit_ids: Collection[str], now: dt.datetime) -> list[UnitUse]:
        """What these units have: active sites and accounts, and meetings that are not over.

        A unit's meetings are those it hosts and those its sites are invited to. Units that have
        nothing are left out.
        """
        among, s, a, m = self._database.among, t.site.c, t.account.c, t.meeting.c
        sites = select(s.unit_id, s.name).where(among(s.unit_id, unit_ids), s.active)
        accounts = select(a.unit_id, a.login).where(among(a.unit_id, unit_ids), a.active)
        awaited = _awaited(now)
        hosted = select(m.host_unit_id.label("unit_id"), m.id, m.title, m.starts_at)
        invited = select(s.unit_id, m.id, m.title, m.starts_at)
        invited = invited.join(t.invitation, t.invitation.c.site_id == s.id)
        invited = invited.join(t.meeting, m.id == t.invitation.c.meeting_id)
        meetings = union(
            hosted.where(among(m.host_unit_id, unit_ids), awaited),
            invited.where(among(s.unit_id, unit_ids), awaited),
        ).order_by("starts_at", "title")
        found: dict[str, tuple[list[str], list[str], list[Held]]] = {}

        async def read(connection: AsyncConnection) -> list[UnitUse]:
            for unit_id, name in await connection.execute(sites.order_by(s.folded)):
                found.setdefault(unit_id, ([], [], []))[0].append(name)
            for unit_id, login in await connection.execute(accounts.order_by(a.login)):
                found.setdefault(unit_id, ([], [], []))[1].append(login)
            for unit_id, _, title, starts_at in await connection.execute(meetings):
                found.setdefault(unit_id, ([], [], []))[2].append(Held(title, starts_at))
            return [
                UnitUse(unit_id, tuple(sites_of), tuple(accounts_of), tuple(meetings_of))
                for unit_id, (sites_of, accounts_of, meetings_of) in found.items()
            ]

        return await self._database.read_aside(read)

    async def holdings(
        self, unit_id: str, on: dt.date, now: dt.datetime, depth: int | None = None
    ) -> Holdings:
        """How much hangs on a unit and on those down to `depth` generations below it, as `uses`
        counts."""
        s, a, m = t.site.c, t.account.c, t.meeting.c
        ids = select(below(unit_id, on, depth, ended=True).c.id)
        rooms = select(s.id).where(s.unit_id.in_(ids))
        invited = select(t.invitation.c.meeting_id).where(t.invitation.c.site_id.in_(rooms))
        queries = (
            select(func.count() - 1).select_from(ids.subquery()),
            select(func.count()).where(s.unit_id.in_(ids), s.active),
            select(func.count()).where(a.unit_id.in_(ids), a.active),
            select(func.count()).where(
                or_(m.host_unit_id.in_(ids), m.id.in_(invited)), _awaited(now)
            ),
        )

        async def count(connection: AsyncConnection) -> Holdings:
            counts = [await connection.scalar(query) or 0 for query in queries]
            return Holdings(*counts)

        return await self._database.read_aside(count)

    async def carry_out_units(self, plan: UnitPlan, made_of: Collection[UnitRecord] = ()) -> None:
        """Do all of a plan or nothing; `made_of`: records that it was made from.

        Conflict if it no longer fits: one of these is another by now, a unit is gone, a code is
        taken, units would stand in a ring.
        """

        async def carry_out(connection: AsyncConnection) -> None:
            known = {record.id: record for record in made_of}
            found = await self._records(connection, known.keys()) if known else []
            if known != {record.id: record for record in found}:
                raise Conflict(UNITS_CHANGED)
            early, late = _around_new(plan)
            await change_units(self._database, connection, early)
            # Checks the codes again: the plan was made on an older view.
            await self._units.add_on(connection, plan.new)
            await change_units(self._database, connection, late)
            await follow_units(self._database, connection, plan.successions)
            await check_rings(connection, plan.changes)

        await self._database.write_aside(carry_out, UNITS_CHANGED, alone=t.unit)

    async def carry_out_sites(self, plan: SitePlan) -> None:
        """Do all of a plan or nothing. Conflict if a site changed since it was made."""

        async def carry_out(connection: AsyncConnection) -> None:
            if plan.new:
                await connection.execute(insert(t.site), [site_row(site) for site in plan.new])
            await self._change_sites(connection, plan.changed)
            changed = [site.id for site in plan.changed]
            stored = self._database.among(t.site_line.c.site_id, changed)
            await change_lines(connection, [*plan.new, *plan.changed], stored)

        await self._database.write_aside(carry_out, SITE_CODE_IN_USE)

    async def _change_sites(self, connection: AsyncConnection, sites: Sequence[Site]) -> None:
        c = t.site.c
        known = self._database.among(c.id, [site.id for site in sites])
        rows = await connection.execute(select(c.id, c.version).where(known).with_for_update())
        versions = {row.id: row.version for row in rows}
        if any(versions.get(site.id) != site.version for site in sites):
            raise Conflict
        values = [site_row(site) | {"version": site.version + 1, "own": site.id} for site in sites]
        if values:
            await connection.execute(update(t.site).where(c.id == bindparam("own")), values)

    async def _dated(
        self, connection: AsyncConnection, table: Table, unit_ids: Collection[str] | None
    ) -> Rows:
        query = select(table).order_by(
            table.c.unit_id, func.coalesce(table.c.valid_from, dt.date.min), table.c.id
        )
        if unit_ids is not None:
            query = query.where(self._database.among(table.c.unit_id, unit_ids))
        return (await connection.execute(query)).all()


def _around_new(plan: UnitPlan) -> tuple[list[UnitChange], list[UnitChange]]:
    """What changes before the new units are there, which may take codes that it frees, and what
    comes below one of them after."""
    new = {one.id for one in plan.new}
    late = [one for one in plan.changes if one.parent_id in new]
    early = [one for one in plan.changes if one.parent_id not in new]
    early += [replace(one, name=None, parent_id=None) for one in late if one.close_on is not None]
    return early, [replace(one, close_on=None) for one in late]


def _awaited(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a meeting is not over."""
    m = t.meeting.c
    return and_(
        m.status.in_(("scheduled", "live", "postponed")),
        or_(m.ends_at > now, m.status != "scheduled"),
    )


def _records(
    units: Rows,
    names: Rows,
    parents: Rows,
    codes: Rows,
    successors: Mapping[str, Sequence[str]],
) -> list[UnitRecord]:
    names_of, parents_of, codes_of = map(_by_unit, (names, parents, codes))
    return [
        UnitRecord(
            id=unit.id,
            level_id=unit.level_id,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            names=tuple(
                Span(row.name, row.valid_from, row.valid_to) for row in names_of.get(unit.id, ())
            ),
            parents=tuple(
                Span(row.parent_id, row.valid_from, row.valid_to)
                for row in parents_of.get(unit.id, ())
            ),
            codes=tuple(
                CodeSpan(row.code, row.valid_from, row.valid_to, row.scheme)
                for row in codes_of.get(unit.id, ())
            ),
            successors=tuple(successors.get(unit.id, ())),
        )
        for unit in units
    ]


def _by_unit(rows: Rows) -> dict[str, list[Row[Any]]]:
    return {unit_id: list(own) for unit_id, own in groupby(rows, lambda row: str(row.unit_id))}
