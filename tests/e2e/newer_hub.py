"""A hub of the next version, as far as the database knows: it has one more migration.

`NewerHub` starts this module as a program in place of `confhub`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

import confhub.__main__
from confhub.store.database import migration
from tests.e2e.hub_process import HubProcess

REVISION = "next"
FOLDER = "NEXT_VERSION_MIGRATIONS"
# What the next version may do to what this one uses: it expands.
NEWER = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("room_name", sa.Text(), nullable=True))
    op.add_column("room", sa.Column("speed", sa.Integer(), nullable=False, server_default="1"))
    op.create_table("of_the_next_version", sa.Column("id", sa.String(16), primary_key=True))
"""


class NewerHub(HubProcess):
    program = ("-m", __name__)


def newer_config() -> Config:
    config = present_config()
    config.set_main_option("path_separator", "newline")
    versions = Path(ScriptDirectory.from_config(present_config()).versions)
    config.set_main_option("version_locations", f"{versions}\n{os.environ[FOLDER]}")
    return config


present_config = migration.alembic_config

if __name__ == "__main__":
    folder = Path(os.environ[FOLDER])
    head = ScriptDirectory.from_config(present_config()).get_current_head()
    (folder / "newer.py").write_text(NEWER.format(revision=REVISION, head=head), "utf-8")
    migration.alembic_config = newer_config
    sys.exit(confhub.__main__.main())
