"""Ends sessions of hubs that fell silent in the middle of a statement.

A hub whose machine is paused keeps its locks for as long as the server waits for it. Between two
statements PostgreSQL bounds that (`idle_in_transaction_session_timeout`). But the driver sends a
statement in two parts, its text and then its values, and no timeout counts between them.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.store.database.engines import APPLICATION

# Of ours only: a dump, or a person at a prompt, may take its time. Since `state_change` a statement
# runs; where it waits for its client, the rest of it was never sent.
_END_SILENT = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
      AND application_name = :application
      AND state = 'active' AND wait_event = 'ClientRead'
      AND state_change < clock_timestamp() - make_interval(secs => :silent_s)
""")


async def end_silent(connection: AsyncConnection, silent_s: float) -> int:
    """On PostgreSQL: how many were ended."""
    values = {"application": APPLICATION, "silent_s": silent_s}
    return len((await connection.execute(_END_SILENT, values)).all())
