"""Jobs, and what could not be delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("epoch", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("holder", sa.String(length=64), nullable=False, server_default=sa.text("''")),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    waiting = sa.text("done_at IS NULL AND dead_at IS NULL")
    op.create_index(
        "ix_job_waiting", "job", ["next_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index(op.f("ix_job_done_at"), "job", ["done_at"])
    op.add_column("outbox", sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "outbox", sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
