"""A database that a newer program has migrated, seen by this one: can it still work there?

Migrations expand: they add tables, and columns that may be left out. So hubs of one version go on,
and may start, while another has moved the database one ahead; only a migration that contracts
takes away what nobody needs any more, versions later (docs/operations.md).
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect

from confhub.store.tables import metadata


def hindrances(connection: Connection) -> list[str]:
    """What this program needs and does not find, or would have to write and does not know."""
    found = inspect(connection)
    present = set(found.get_table_names())
    wrong: list[str] = []
    for table in metadata.sorted_tables:
        if table.name not in present:
            wrong.append(f"no table {table.name}")
            continue
        columns = {column["name"]: column for column in found.get_columns(table.name)}
        wrong += [f"no {table.name}.{name}" for name in table.columns.keys() - columns.keys()]
        wrong += [
            f"{table.name}.{name} must be written"
            for name, column in columns.items()
            if name not in table.columns and not column["nullable"] and column["default"] is None
        ]
    return sorted(wrong)
