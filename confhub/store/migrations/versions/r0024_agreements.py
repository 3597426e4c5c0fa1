"""Who confirms the times of meetings, and what was asked and answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_rule",
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("centre_id", sa.String(16), nullable=True),
        sa.Column("days", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_agreement_rule"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_agreement_rule_unit_id"),
        sa.ForeignKeyConstraint(["centre_id"], ["unit.id"], name="fk_agreement_rule_centre_id"),
    )
    op.create_table(
        "agreement",
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("centre_id", sa.String(16), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("released", sa.Boolean, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("proposed_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_agreement"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_agreement_meeting_id"),
        sa.ForeignKeyConstraint(["centre_id"], ["unit.id"], name="fk_agreement_centre_id"),
    )
    op.create_index("ix_agreement_centre_id", "agreement", ["centre_id", "state"])
    op.create_index("ix_agreement_state", "agreement", ["state", "due_at"])
