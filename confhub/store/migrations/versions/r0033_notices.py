"""Notices of times to confirm; technicians who have an account; lines of units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("in_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(254), server_default=sa.text("''"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_notice_meeting_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_account_id"),
    )
    op.create_index("ix_notice_meeting_id", "notice", ["meeting_id"])
    op.create_index("ix_notice_account_id", "notice", ["account_id"])
    op.create_index("ix_notice_state", "notice", ["state", "settled_at"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["next_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "unit_line",
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_line"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_line_unit_id"),
    )
    op.add_column(
        "site",
        sa.Column("technician_id", sa.String(16), server_default=sa.text("''"), nullable=False),
    )
    op.create_index("ix_site_technician_id", "site", ["technician_id"])
