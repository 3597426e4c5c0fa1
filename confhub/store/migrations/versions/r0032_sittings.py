"""The sittings of meetings over several days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sittings: sa.Column[str] = sa.Column(
        "sittings", sa.Text(), nullable=False, server_default=sa.text("''")
    )
    op.add_column("meeting", sittings)
