"""Until when sites answer to their invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    chosen: sa.Column[object] = sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True)
    op.add_column("meeting", chosen)
    op.create_table(
        "answer_deadline",
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_answer_deadline"),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_answer_deadline_meeting_id"
        ),
    )
