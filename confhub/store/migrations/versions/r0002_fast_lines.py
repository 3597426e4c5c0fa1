"""Lines faster than 2 Gbit/s."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site_line") as table:
        for name in ("down_bps", "up_bps"):
            table.alter_column(name, existing_type=sa.Integer(), type_=sa.BigInteger())
