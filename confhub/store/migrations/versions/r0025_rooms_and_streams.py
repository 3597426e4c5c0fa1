"""In which room a site stands, and how many streams its line carries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    room: sa.Column[str] = sa.Column(
        "room", sa.String(120), nullable=False, server_default=sa.text("''")
    )
    op.add_column("site", room)
    op.add_column("site", sa.Column("streams", sa.Integer(), nullable=True))
