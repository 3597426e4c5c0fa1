"""Since when a deadline of answers is set, and when its sites are reminded next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("since", "next_at"):
        moment: sa.Column[object] = sa.Column(name, sa.DateTime(timezone=True), nullable=True)
        op.add_column("answer_deadline", moment)
    op.create_index("ix_answer_deadline_next_at", "answer_deadline", ["next_at"])
