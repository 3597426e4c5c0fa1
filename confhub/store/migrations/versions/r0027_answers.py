"""What sites answer when they are invited, and whom they name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("technician_name", sa.String(120), nullable=False),
        sa.Column("technician_phone", sa.String(40), nullable=False),
        sa.Column("items", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("has_documents", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meeting_version", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("meeting_id", "site_id", name="pk_answer"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_answer_meeting_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_answer_site_id"),
    )
    op.create_index("ix_answer_site_id", "answer", ["site_id"])
    op.create_table(
        "answer_person",
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "site_id", "position", name="pk_answer_person"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_answer_person_meeting_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_answer_person_site_id"),
    )
