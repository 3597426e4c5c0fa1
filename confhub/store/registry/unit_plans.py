"""Carrying out the changes of a plan of units: few statements, however many units.

A country's file changes ten thousand units, and everybody else waits to write meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict
from confhub.identity import new_id
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.registry.unit_changes import end_rows, end_units, prolong_units
from confhub.store.registry.unit_queries import valid
from confhub.units.records import UnitChange
from confhub.units.tree import on_a_cycle
from confhub.units.unit import Succession
from confhub.words.texts import fold

UNITS_CHANGED = N_("Danh mục đơn vị vừa được người khác thay đổi. Xin kiểm tra lại tệp.")

Key = TypeVar("Key", bound=Hashable)


async def change_units(
    database: Transactions, connection: AsyncConnection, changes: Sequence[UnitChange]
) -> None:
    """Do every change; Conflict if a unit is gone. At most one change a unit."""
    c = t.unit.c
    known = database.among(c.id, [change.unit_id for change in changes])
    rows = await connection.execute(select(c.id, c.valid_to).where(known))
    ends: dict[str, dt.date | None] = {row.id: row.valid_to for row in rows}
    if any(change.unit_id not in ends for change in changes):
        raise Conflict(UNITS_CHANGED)
    names = {
        change: {"name": change.name, "folded": fold(change.name)}
        for change in changes
        if change.name is not None
    }
    parents = {
        change: {"parent_id": change.parent_id}
        for change in changes
        if change.parent_id is not None
    }
    for table, values in ((t.unit_name, names), (t.unit_parent, parents)):
        fitted = {change: fitting(table, row) for change, row in values.items()}
        await _correct(database, connection, table, fitted, ends)
        await _replace(database, connection, table, fitted, ends)
    await _end(database, connection, changes, ends)


async def follow_units(
    database: Transactions, connection: AsyncConnection, successions: Sequence[Succession]
) -> None:
    """Record which unit goes into which, in the place of all that these old units went into."""
    c, old = t.unit_succession.c, {one.old_unit_id for one in successions}
    if not successions:
        return
    await connection.execute(delete(t.unit_succession).where(database.among(c.old_unit_id, old)))
    rows = [
        {
            "id": new_id(),
            "old_unit_id": one.old_unit_id,
            "new_unit_id": one.new_unit_id,
            "effective_on": one.effective_on,
        }
        for one in successions
    ]
    await connection.execute(insert(t.unit_succession), rows)


async def check_rings(connection: AsyncConnection, changes: Sequence[UnitChange]) -> None:
    """Conflict if units stand in a ring on a day from which one of them has a new parent."""
    c = t.unit_parent.c
    moved = [change for change in changes if change.parent_id is not None]
    for day in {change.since or change.corrects for change in moved}:
        rows = await connection.execute(
            select(c.unit_id, c.parent_id).where(valid(t.unit_parent, day))
        )
        if on_a_cycle({row.unit_id: row.parent_id for row in rows}):
            raise Conflict(UNITS_CHANGED)


async def _correct(
    database: Transactions,
    connection: AsyncConnection,
    table: Table,
    values: dict[UnitChange, dict[str, Any]],
    ends: dict[str, dt.date | None],
) -> None:
    """Put the values in place of those that hold; a unit that has none (a root) gets its first."""
    corrections = [change for change in values if change.since is None]
    key = table.c.unit_id
    for day, some in _grouped(corrections, lambda change: change.corrects).items():
        ids = database.among(key, [change.unit_id for change in some])
        held = set(await connection.scalars(select(key).where(ids, valid(table, day))))
        present = [change for change in some if change.unit_id in held]
        if present:
            await connection.execute(
                update(table).where(key == bindparam("own"), valid(table, day)),
                [values[change] | {"own": change.unit_id} for change in present],
            )
        absent = [change for change in some if change.unit_id not in held]
        await _insert(connection, table, absent, values, ends)


async def _replace(
    database: Transactions,
    connection: AsyncConnection,
    table: Table,
    values: dict[UnitChange, dict[str, Any]],
    ends: dict[str, dt.date | None],
) -> None:
    """Let the values hold from each change's own day on."""
    for since, some in _grouped(values, lambda change: change.since).items():
        if since is not None:
            ids = [change.unit_id for change in some]
            await end_rows(connection, table, database.among(table.c.unit_id, ids), since)
            await _insert(connection, table, some, values, ends)


async def _insert(
    connection: AsyncConnection,
    table: Table,
    changes: Sequence[UnitChange],
    values: dict[UnitChange, dict[str, Any]],
    ends: dict[str, dt.date | None],
) -> None:
    rows = [
        {
            "id": new_id(),
            "unit_id": change.unit_id,
            "valid_from": change.since,
            "valid_to": ends[change.unit_id],
            **values[change],
        }
        for change in changes
    ]
    if rows:
        await connection.execute(insert(table), rows)


async def _end(
    database: Transactions,
    connection: AsyncConnection,
    changes: Sequence[UnitChange],
    ends: dict[str, dt.date | None],
) -> None:
    ending = [change for change in changes if change.close_on is not None]
    spans = _grouped(ending, lambda change: (ends[change.unit_id], change.close_on))
    for (ended, on), some in spans.items():
        which = partial(database.among, ids=[change.unit_id for change in some])
        if on is not None and ended is not None and ended < on:
            await prolong_units(connection, which, ended, on)
        elif on is not None:
            await end_units(connection, which, on)


def _grouped(
    changes: Iterable[UnitChange], key: Callable[[UnitChange], Key]
) -> dict[Key, list[UnitChange]]:
    groups: dict[Key, list[UnitChange]] = {}
    for change in changes:
        groups.setdefault(key(change), []).append(change)
    return groups
