"""Letters that were issued, and the registers of their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_register",
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "kind", "year", name="pk_letter_register"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_letter_register_unit_id"),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(16), nullable=False),
        sa.Column("template", sa.String(32), nullable=False),
        sa.Column("template_digest", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("corrects", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint(
            "unit_id", "kind", "year", "number", name="uq_letter_unit_id_kind_year_number"
        ),
        sa.UniqueConstraint("corrects", name="uq_letter_corrects"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_letter_meeting_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_letter_unit_id"),
        sa.ForeignKeyConstraint(["corrects"], ["letter.id"], name="fk_letter_corrects"),
    )
    op.create_index("ix_letter_meeting_id", "letter", ["meeting_id"])
