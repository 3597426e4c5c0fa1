"""People without an account: how often changed, and when they left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "person",
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
    )
