"""Where invitations of a site go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    email: sa.Column[str] = sa.Column(
        "email", sa.String(254), nullable=False, server_default=sa.text("''")
    )
    op.add_column("site", email)
