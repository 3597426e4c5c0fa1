"""Changes to dated units, shared by the stores of units and of imports.

All of them want a write transaction that is `alone` on units: their rules are over many rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict
from confhub.store import tables as t
from confhub.store.registry.unit_queries import above

_CODE_IN_USE = N_("Mã %(code)s (%(scheme)s) đã thuộc về một đơn vị khác trong cùng thời gian.")

# What a unit has for a span of days, each in a table of its own.
DATED = (t.unit_name, t.unit_parent, t.unit_code)

Condition: TypeAlias = Callable[[ColumnElement[str]], ColumnElement[bool]]


async def end_units(connection: AsyncConnection, which: Condition, on: dt.date) -> None:
    """Let the units whose id is as `which` says stand no more from a day on."""
    for table in DATED:
        await end_rows(connection, table, which(table.c.unit_id), on)
    await connection.execute(
        update(t.unit).where(which(t.unit.c.id), _open_at(t.unit, on)).values(valid_to=on)
    )


async def end_rows(
    connection: AsyncConnection, table: Table, where: ColumnElement[bool], on: dt.date
) -> None:
    """End names, parents or codes; what was planned for later gives way."""
    await connection.execute(delete(table).where(where, table.c.valid_from >= on))
    await connection.execute(update(table).where(where, _open_at(table, on)).values(valid_to=on))


async def prolong_units(
    connection: AsyncConnection, which: Condition, ended: dt.date, on: dt.date
) -> None:
    """Let units, and what ended with them, end later. Conflict if a code went to another."""
    for table in (t.unit, *DATED):
        key = table.c.id if table is t.unit else table.c.unit_id
        await connection.execute(
            update(table).where(which(key), table.c.valid_to == ended).values(valid_to=on)
        )
    c = t.unit_code.c
    await check_codes(connection, c.code.in_(select(c.code).where(which(c.unit_id))))


async def check_codes(connection: AsyncConnection, *where: ColumnElement[bool]) -> None:
    """Conflict if one of these codes is borne twice on some day."""
    c = t.unit_code.c
    query = select(c.scheme, c.code, c.valid_from, c.valid_to).where(*where)
    bearers: dict[tuple[str, str], list[tuple[dt.date, dt.date]]] = {}
    for scheme, code, valid_from, valid_to in await connection.execute(query):
        start, end = valid_from or dt.date.min, valid_to or dt.date.max
        others = bearers.setdefault((scheme, code), [])
        if any(start < other_end and other_start < end for other_start, other_end in others):
            raise Conflict(
                _CODE_IN_USE, code="code_in_use", values={"code": code, "scheme": scheme}
            )
        others.append((start, end))


async def is_within(
    connection: AsyncConnection, unit_id: str, ancestor_id: str, on: dt.date
) -> bool:
    """Whether the unit is the ancestor or stands below it on a day."""
    up = above(unit_id, on)
    query = select(func.count()).select_from(up).where(up.c.id == ancestor_id)
    return bool(await connection.scalar(query))


def _open_at(table: Table, on: dt.date) -> ColumnElement[bool]:
    return or_(table.c.valid_to.is_(None), table.c.valid_to > on)
