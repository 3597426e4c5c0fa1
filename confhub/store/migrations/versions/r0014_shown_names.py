"""Names that were stored before every door had one spelling: composed, nothing hidden, trimmed.

A name of which nothing would be left stays as it is, and the log says whose.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from confhub.words.texts import fold, many_lines, one_line

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

log = logging.getLogger(__name__)

# Columns that must tell something; then those that may be empty.
NAMES = {
    "unit_name": ("name",),
    "site": ("name",),
    "account": ("name",),
    "person": ("name",),
    "meeting": ("title",),
    "agenda_item": ("title",),
    "special_day": ("name",),
}
LINES = {
    "site": ("contact_name", "technician_name", "contact_phone", "technician_phone", "room_phone"),
    "site_line": ("provider", "note"),
    "person": ("title", "email", "phone"),
    "meeting": ("chair_name", "status_reason"),
    "agenda_item": ("presenter",),
    "account_grant": ("reason",),
}
NOTES = {"site": ("equipment_note",), "meeting": ("note",)}
KEYS = {"special_day": "day"}  # of all others it is the id
FOLDED = ("unit_name", "site")  # found by their folded names


def upgrade() -> None:
    for table in {**NAMES, **LINES}:
        _mend(table)


def _mend(name: str) -> None:
    key = KEYS.get(name, "id")
    required = NAMES.get(name, ())
    spellings: dict[str, Callable[[str], str]] = dict.fromkeys(
        (*required, *LINES.get(name, ())), one_line
    )
    spellings |= dict.fromkeys(NOTES.get(name, ()), many_lines)
    columns: list[sa.ColumnClause[Any]] = [sa.column(one) for one in (key, *spellings)]
    table = sa.table(name, *columns, sa.column("folded"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(*columns)).mappings().all():
        changed = {
            column: spelt
            for column, spell in spellings.items()
            if row[column] and (spelt := spell(row[column])) != row[column]
        }
        for column in required:
            if column in changed and not changed[column]:
                del changed[column]
                log.warning(
                    "nothing shows of the %s of %s %s: kept as it is", column, name, row[key]
                )
        if not changed:
            continue
        if name in FOLDED and "name" in changed:
            changed["folded"] = fold(changed["name"])
        connection.execute(sa.update(table).where(table.c[key] == row[key]).values(changed))
