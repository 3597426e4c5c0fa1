"""What programs were answered under keys of their choice, so that no act is done twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from confhub.store.columns import UtcDateTime

revision = "0052"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("token_id", sa.String(16), nullable=False),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_kept_answer"),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name="fk_kept_answer_token_id"),
    )
    op.create_index("ix_kept_answer_made_at", "kept_answer", ["made_at"])
    op.create_index("ix_kept_answer_token_id", "kept_answer", ["token_id", "made_at"])
