"""Whether a meeting stands on the open page of its host."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    public: sa.Column[bool] = sa.Column(
        "is_public", sa.Boolean, nullable=False, server_default=sa.false()
    )
    op.add_column("meeting", public)
