"""Passwords that somebody else made, to be changed at the first sign-in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made: sa.Column[bool] = sa.Column(
        "password_issued", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("account", made)
