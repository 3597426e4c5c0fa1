"""Alembic's environment: works on the connection, and in the transaction, of its caller."""

from __future__ import annotations

from typing import Literal

from alembic import context

from confhub.store.tables import UtcDateTime, metadata


def _plain_type(kind: str, item: object, _autogenerate: object) -> str | Literal[False]:
    """Migrations must not change with our code: write our own type as what it is in SQL."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite alters a table by building it anew; PostgreSQL ignores this.
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_plain_type,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
