"""Which sittings of a meeting an answer, and a deadline of answers, are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("answer", "answer_deadline"):
        op.add_column(table, sa.Column("sittings", sa.Text()))
