"""When somebody last ran a room that nobody runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seen: sa.Column[object] = sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("room", seen)
