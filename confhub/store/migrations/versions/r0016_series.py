"""Meetings that come again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=16), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_is_open"), "series", ["is_open"], unique=False)
    op.create_table(
        "series_part",
        sa.Column("series_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_part_series_id")
        ),
        sa.PrimaryKeyConstraint("series_id", "number", name=op.f("pk_series_part")),
    )
    op.create_table(
        "occurrence",
        sa.Column("meeting_id", sa.String(length=16), nullable=False),
        sa.Column("series_id", sa.String(length=16), nullable=False),
        sa.Column("original", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_occurrence_meeting_id")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_occurrence_series_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_occurrence")),
    )
    op.create_index(op.f("ix_occurrence_series_id"), "occurrence", ["series_id"], unique=False)
    op.create_index(
        "uq_occurrence_held",
        "occurrence",
        ["series_id", "original"],
        unique=True,
        sqlite_where=sa.text("state != 'dropped'"),
        postgresql_where=sa.text("state != 'dropped'"),
    )
