"""Draft a migration from the difference between the tables and the last migration.

    .venv/bin/python tools/revise.py 0002 "minutes of a meeting"

Read the draft, mend it, and keep it beside the others: migrations only go up, since the copy
made before each one is the way back.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile

from alembic import command
from sqlalchemy import Connection

from confhub.config import Settings
from confhub.store.database.engines import sqlite_engine
from confhub.store.database.location import database_url
from confhub.store.database.migration import alembic_config, migrate


async def draft(revision: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder)
        await migrate(settings)
        engine = sqlite_engine(database_url(settings))
        async with engine.begin() as connection:
            await connection.run_sync(_draft, revision, message)
        await engine.dispose()


def _draft(connection: Connection, revision: str, message: str) -> None:
    config = alembic_config()
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    command.revision(config, message, rev_id=revision, autogenerate=True)


if __name__ == "__main__":
    asyncio.run(draft(*sys.argv[1:]))
