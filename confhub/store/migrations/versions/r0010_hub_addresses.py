"""Where a hub is reached, by browsers and by other hubs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("address", "relay"):
        column: sa.Column[str] = sa.Column(name, sa.String(300), nullable=True)
        op.add_column("hub", column)
