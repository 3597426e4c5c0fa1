"""Rows that belong to another row, changed by difference: what stays keeps its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import Table, and_, bindparam, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.identity import new_id
from confhub.meetings.meeting import AgendaItem
from confhub.same_parts import same_parts
from confhub.store.database.database import fitting

Row: TypeAlias = Mapping[str, Any]
# A form that knows the ids of items sends them; who does not know them means one by its title.
_ALIKE = (
    lambda item: item.id or None,
    lambda item: (item.title, item.presenter),
    lambda item: item.title,
)


def with_ids(old: Sequence[AgendaItem], new: Sequence[AgendaItem]) -> tuple[AgendaItem, ...]:
    """`new`, each item with the id that it had in `old`, else with a new one."""
    return tuple(
        replace(item, id=known.id if known else new_id())
        for item, known in zip(new, same_parts(old, new, _ALIKE), strict=True)
    )


async def change_children(
    connection: AsyncConnection, table: Table, stored: Sequence[Row], wanted: Sequence[Row]
) -> None:
    """Make of the `stored` rows the `wanted` ones, which hold every column each.

    Rows of one primary key are the same: they are updated where they differ. Others refer to
    them, so none is deleted and written anew.
    """
    keys = [column.name for column in table.primary_key]
    have = {_key(row, keys): row for row in stored}
    want = {_key(row, keys): fitting(table, row) for row in wanted}
    gone = [row for key, row in have.items() if key not in want]
    changed = [row for key, row in want.items() if key in have and dict(have[key]) != row]
    # All wanted ones, so that one that is named twice is refused by its key.
    new = [fitting(table, row) for row in wanted if _key(row, keys) not in have]
    same = and_(*(table.c[name] == bindparam(f"old_{name}") for name in keys))
    if gone:
        await connection.execute(delete(table).where(same), [_named(row, keys) for row in gone])
    if changed:
        values: Row = {
            c.name: bindparam(f"new_{c.name}") for c in table.columns if c.name not in keys
        }
        await connection.execute(
            update(table).where(same).values(values),
            [_named(row, keys) | {f"new_{name}": row[name] for name in values} for row in changed],
        )
    if new:
        await connection.execute(insert(table), new)


def _key(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _named(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {f"old_{name}": row[name] for name in names}
