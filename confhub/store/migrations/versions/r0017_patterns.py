"""Patterns of meetings and lists of sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from confhub.store.columns import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pattern",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("level_id", sa.String(length=16), nullable=True),
        sa.Column("chair_site_id", sa.String(length=16), nullable=True),
        sa.Column(
            "chair_name", sa.String(length=120), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("starts", sa.String(length=5), server_default=sa.text("''"), nullable=False),
        sa.Column("length_min", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_pattern_unit_id")),
        sa.ForeignKeyConstraint(["level_id"], ["level.id"], name=op.f("fk_pattern_level_id")),
        sa.ForeignKeyConstraint(
            ["chair_site_id"], ["site.id"], name=op.f("fk_pattern_chair_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern")),
    )
    op.create_index(op.f("ix_pattern_unit_id"), "pattern", ["unit_id"], unique=False)
    op.create_table(
        "pattern_site",
        sa.Column("pattern_id", sa.String(length=16), nullable=False),
        sa.Column("site_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pattern_id"], ["pattern.id"], name=op.f("fk_pattern_site_pattern_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pattern_site_site_id")),
        sa.PrimaryKeyConstraint("pattern_id", "site_id", name=op.f("pk_pattern_site")),
    )
