"""Units in the store: dated views of the tree, search, and changes to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

from sqlalchemy import (
    Select,
    Table,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, BadInput, NotFound
from confhub.identity import new_id
from confhub.meetings.calendar import Within
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.registry.unit_changes import check_codes, end_rows, end_units, is_within
from confhub.store.registry.unit_outline import count_below, count_own_sites, fitting_depth
from confhub.store.registry.unit_queries import (
    above,
    below,
    closeness,
    holds_words,
    in_scopes,
    in_use,
    valid,
    view,
)
from confhub.units.names import unit_name_on
from confhub.units.tree import add_up, arrange, name_key, on_a_cycle, way_down
from confhub.units.unit import GSO_SCHEME, Branch, Level, NewUnit, Succession, Unit
from confhub.words.texts import fold

Units: TypeAlias = list[Unit]

_NOT_FOUND = N_("Không tìm thấy đơn vị.")
_LEVEL_IN_USE = N_("Đã có cấp đơn vị với thứ bậc hoặc mã này.")
_UNIT_IN_USE = N_("Đơn vị này đã có.")
_CYCLE = N_("Một đơn vị không thể trực thuộc chính nó.")


class UnitStore:
    """Views are of one day, `on`; a unit's `code` is the one of `scheme` on that day.

    Sites, accounts and meetings outlive their units. With `ended`, a unit that stands no more is
    found as well, as it stood on its last day, under whom it stood then.
    """

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def levels(self) -> list[Level]:
        """All levels, the highest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(t.level).order_by(t.level.c.rank))
            return [Level(**row._mapping) for row in rows]

    async def add_level(self, level: Level) -> None:
        """Add a level; Conflict if its id or rank is taken."""
        row = {"id": level.id, "rank": level.rank, "name": level.name, "name_en": level.name_en}
        async with self._database.write(_LEVEL_IN_USE) as connection:
            await connection.execute(insert(t.level).values(fitting(t.level, row)))

    async def get(
        self, unit_id: str, on: dt.date, *, scheme: str = GSO_SCHEME, ended: bool = False
    ) -> Unit:
        """The unit as it stands on a day; NotFound if it does not stand then."""
        query = view(on, scheme, ended=ended).where(t.unit.c.id == unit_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(_NOT_FOUND)
        return _unit(row)

    async def names(self, unit_ids: Collection[str], on: dt.date) -> dict[str, str]:
        """By their ids the names of units on a day, or the last ones of those that have ended."""
        return {unit.id: unit.name for unit in await self.get_many(unit_ids, on, ended=True)}

    async def names_on(
        self, wanted: Collection[tuple[str, dt.date]]
    ) -> dict[tuple[str, dt.date], str]:
        """Each unit on a day of its own, by the rule of confhub/units/names.py."""
        n = t.unit_name.c
        ids = {unit_id for unit_id, _on in wanted}
        query = select(n.unit_id, n.name, n.valid_from).where(self._database.among(n.unit_id, ids))
        spans: dict[str, list[tuple[dt.date, str]]] = {}

        async def read(connection: AsyncConnection) -> None:
            for row in await connection.execute(query):
                begins = row.valid_from or dt.date.min
                spans.setdefault(row.unit_id, []).append((begins, row.name))

        await self._database.read_many(len(ids), read)
        return {
            (unit_id, on): unit_name_on(spans[unit_id], on)
            for unit_id, on in wanted
            if unit_id in spans
        }

    async def get_many(
        self,
        unit_ids: Collection[str],
        on: dt.date,
        *,
        scheme: str = GSO_SCHEME,
        ended: bool = False,
    ) -> Units:
        """Those of the units that stand on a day, by name."""
        query = view(on, scheme, ended=ended).where(self._database.among(t.unit.c.id, unit_ids))

        async def units(connection: AsyncConnection) -> Units:
            found = [_unit(row) for row in await connection.execute(query)]
            return sorted(found, key=lambda unit: name_key(unit.name))

        return await self._database.read_many(len(unit_ids), units)

    async def tree(
        self,
        root_id: str | None,
        on: dt.date,
        depth: int | None = None,
        *,
        scheme: str = GSO_SCHEME,
        ended: bool = False,
    ) -> Units:
        """The root first, parents before children, siblings by name; None: the whole forest.

        `depth` counts generations below the root. NotFound if the root does not stand then.
        `ended`: of the units that stand no more, those that have sites, accounts or meetings,
        and the units over them.
        """
        every = view(on, scheme, ended=ended)
        query = every
        if ended:
            query = query.where(or_(valid(t.unit, on), in_use(), t.unit.c.id == root_id))
        if root_id is not None:
            inside = below(root_id, on, depth, ended=ended)
            query = query.where(t.unit.c.id.in_(select(inside.c.id)))

        async def arranged(connection: AsyncConnection) -> Units:
            units = [_unit(row) for row in await connection.execute(query)]
            if ended:
                units += await self._between(connection, every, units, root_id)
            return arrange(units, depth)

        # A country's 11,000 rows take a third of a second, which live rooms must not wait.
        units = await self._database.read_aside(arranged)
        if root_id is not None and (not units or units[0].id != root_id):
            raise NotFound(_NOT_FOUND)
        return units

    async def after(self, scopes: Sequence[Within], on: dt.date, after: str, limit: int) -> Units:
        """At most `limit` units of the scopes that stand on a day, by id, behind the id `after`."""
        query = view(on, GSO_SCHEME).where(in_scopes(t.unit.c.id, scopes, on), t.unit.c.id > after)
        query = query.order_by(t.unit.c.id).limit(limit)

        async def read(connection: AsyncConnection) -> Units:
            return [_unit(row) for row in await connection.execute(query)]

        return await self._database.read_aside(read)

    async def outline(
        self, root_id: str, on: dt.date, most: int, *, scheme: str = GSO_SCHEME
    ) -> list[Branch]:
        """As `tree`, of as many whole generations as make at most `most` units, with counts of all
        that is below. The root's children are always in it."""

        async def outlined(connection: AsyncConnection) -> list[Branch]:
            depth = await fitting_depth(connection, root_id, on, most)
            query = view(on, scheme).where(t.unit.c.id.in_(select(below(root_id, on, depth).c.id)))
            units = arrange(map(_unit, await connection.execute(query)), depth)
            own = await count_own_sites(connection, root_id, on, depth)
            ends = await count_below(connection, root_id, on, depth)
            return add_up(units, own, *ends)

        branches = await self._database.read_aside(outlined)
        if not branches or branches[0].unit.id != root_id:
            raise NotFound(_NOT_FOUND)
        return branches

    async def _between(
        self,
        connection: AsyncConnection,
        every: Select[Any],
        units: Sequence[Unit],
        root_id: str | None,
    ) -> Units:
        """The units that are missing between some units and the root, or the tops."""
        known = {unit.id for unit in units}
        found: Units = []
        last: Sequence[Unit] = units
        while (
            missing := {unit.parent_id for unit in last if unit.parent_id and unit.id != root_id}
            - known
        ):
            rows = await connection.execute(every.where(self._database.among(t.unit.c.id, missing)))
            last = [_unit(row) for row in rows]
            known |= missing
            found += last
        return found

    async def path(
        self, unit_id: str, on: dt.date, *, scheme: str = GSO_SCHEME, ended: bool = False
    ) -> Units:
        """From the root down to the unit itself; NotFound if it does not stand then."""
        up = above(unit_id, on, ended=ended)
        query = view(on, scheme, ended=ended).join(up, up.c.id == t.unit.c.id)
        query = query.order_by(up.c.height.desc())
        async with self._database.read() as connection:
            units = [_unit(row) for row in await connection.execute(query)]
        if not units or units[-1].id != unit_id:
            raise NotFound(_NOT_FOUND)
        return units

    async def paths(
        self,
        unit_ids: Collection[str],
        on: dt.date,
        *,
        scheme: str = GSO_SCHEME,
        ended: bool = False,
    ) -> dict[str, Units]:
        """`path` of each of the units that stands on a day, by id."""

        async def read(connection: AsyncConnection) -> dict[str, Units]:
            known: dict[str, Unit] = {}
            asked = set(unit_ids)
            while asked:
                among = self._database.among(t.unit.c.id, asked)
                query = view(on, scheme, ended=ended).where(among)
                found = [_unit(row) for row in await connection.execute(query)]
                known |= {unit.id: unit for unit in found}
                asked = {unit.parent_id for unit in found if unit.parent_id} - known.keys()
            return {unit_id: way_down(unit_id, known) for unit_id in unit_ids if unit_id in known}

        return await self._database.read_many(len(unit_ids), read)

    async def by_code(self, scheme: str, code: str, on: dt.date) -> Unit | None:
        """The unit that bears a code on a day; codes are used again over the years."""
        query = view(on, scheme).where(t.unit_code.c.code == code)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else _unit(row)

    async def search(
        self,
        text: str,
        on: dt.date,
        within: str | None = None,
        limit: int = 20,
        *,
        scheme: str = GSO_SCHEME,
    ) -> Units:
        """Units whose name holds every word of `text`, diacritics or not; best first.

        "nam po" finds "Huyện Nậm Pồ". A whole name (with or without its kind) comes first, then
        one that begins so, then a word that begins so; among equals the higher level.
        """
        sought = fold(text)
        if not sought:
            return []
        query = (
            view(on, scheme)
            .join(t.level, t.level.c.id == t.unit.c.level_id)
            .where(*holds_words(t.unit_name.c.folded, sought))
            .order_by(
                closeness(t.unit_name.c.folded, sought),
                t.level.c.rank,
                t.unit_name.c.folded,
                t.unit.c.id,
            )
            .limit(limit)
        )
        if within is not None:
            query = query.where(t.unit.c.id.in_(select(below(within, on).c.id)))
        async with self._database.read() as connection:
            return [_unit(row) for row in await connection.execute(query)]

    async def add_many(self, rows: Sequence[NewUnit]) -> None:
        """Add units, all or none. Parents may stand in `rows`, in any order, or in the store.

        Conflict if an id exists or a code is borne by another unit within the same span.
        """

        async def add(connection: AsyncConnection) -> None:
            await self.add_on(connection, rows)

        await self._database.write_aside(add, _UNIT_IN_USE, alone=t.unit)

    async def add_on(self, connection: AsyncConnection, rows: Sequence[NewUnit]) -> None:
        """As `add_many`, within somebody's write transaction that is `alone` on units."""
        if on_a_cycle({row.id: row.parent_id for row in rows}):
            raise BadInput(_CYCLE, code="unit_cycle")
        batches = _batches(rows)
        for table, values in batches:
            if values:
                await connection.execute(insert(table), [fitting(table, v) for v in values])
        c, codes = t.unit_code.c, batches[-1][1]
        await check_codes(
            connection,
            self._database.among(c.scheme, {row["scheme"] for row in codes}),
            self._database.among(c.code, {row["code"] for row in codes}),
        )

    async def close_units(self, unit_ids: Collection[str], on: dt.date) -> None:
        """Let units stand no more from `on`; their names, parents and codes end with them."""

        async def end(connection: AsyncConnection) -> None:
            await end_units(connection, lambda key: self._database.among(key, unit_ids), on)

        await self._database.write_aside(end, alone=t.unit)

    async def move(self, unit_id: str, parent_id: str | None, on: dt.date) -> None:
        """Put a unit under another parent from a day on; BadInput under its own descendant."""
        async with self._database.write(alone=t.unit) as connection:
            standing = select(t.unit.c.valid_to).where(t.unit.c.id == unit_id, valid(t.unit, on))
            unit = (await connection.execute(standing)).first()
            if unit is None:
                raise NotFound(_NOT_FOUND)
            if parent_id and await is_within(connection, parent_id, unit_id, on):
                raise BadInput(_CYCLE, code="unit_cycle")
            table = t.unit_parent
            await end_rows(connection, table, table.c.unit_id == unit_id, on)
            if parent_id is not None:
                row = fitting(table, {"id": new_id(), "unit_id": unit_id, "parent_id": parent_id})
                span = {"valid_from": on, "valid_to": unit.valid_to}
                await connection.execute(insert(table).values(row | span))

    async def add_successions(self, rows: Sequence[Succession]) -> None:
        """Record which unit went into which, all or none."""
        values = [
            {
                "id": new_id(),
                "old_unit_id": row.old_unit_id,
                "new_unit_id": row.new_unit_id,
                "effective_on": row.effective_on,
            }
            for row in rows
        ]
        if values:
            async with self._database.write() as connection:
                await connection.execute(insert(t.unit_succession), values)

    async def successors(self, unit_id: str, *, scheme: str = GSO_SCHEME) -> Units:
        """The units a unit went into, each as it stood on the day of the change."""
        c = t.unit_succession.c
        query = select(c.new_unit_id, c.effective_on).where(c.old_unit_id == unit_id)
        return await self._dated(query, scheme)

    async def predecessors(self, unit_id: str, *, scheme: str = GSO_SCHEME) -> Units:
        """The units that went into a unit, each as it stood on the day before the change."""
        c = t.unit_succession.c
        query = select(c.old_unit_id, c.effective_on).where(c.new_unit_id == unit_id)
        return await self._dated(query, scheme, days_before=1)

    async def _dated(self, query: Select[Any], scheme: str, days_before: int = 0) -> Units:
        ids_on: dict[dt.date, list[str]] = {}
        units: Units = []
        async with self._database.read() as connection:
            for unit_id, day in await connection.execute(query):
                ids_on.setdefault(day - dt.timedelta(days=days_before), []).append(unit_id)
            for day, ids in ids_on.items():
                query = view(day, scheme).where(self._database.among(t.unit.c.id, ids))
                units += [_unit(row) for row in await connection.execute(query)]
        return sorted(units, key=lambda unit: name_key(unit.name))


def _batches(rows: Sequence[NewUnit]) -> list[tuple[Table, list[dict[str, Any]]]]:
    units, names, parents, codes = [], [], [], []
    for row in rows:
        span = {"valid_from": row.valid_from, "valid_to": row.valid_to}
        units.append({"id": row.id, "level_id": row.level_id, **span})
        own = {"unit_id": row.id, **span}
        names.append({"id": new_id(), "name": row.name, "folded": fold(row.name), **own})
        if row.parent_id is not None:
            parents.append({"id": new_id(), "parent_id": row.parent_id, **own})
        for scheme, code in row.codes:
            codes.append({"id": new_id(), "scheme": scheme, "code": code, **own})
    return [(t.unit, units), (t.unit_name, names), (t.unit_parent, parents), (t.unit_code, codes)]


def _unit(row: Any) -> Unit:
    return Unit(*row)  # `view` has the columns in the order of Unit's fields
