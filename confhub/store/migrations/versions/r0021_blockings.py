"""Blockings: when sites cannot meet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from confhub.store.columns import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocking",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("reach", sa.String(length=8), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=True),
        sa.Column("site_id", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("over_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_blocking_unit_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_blocking_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocking")),
    )
    for column in ("reach", "unit_id", "site_id"):
        op.create_index(op.f(f"ix_blocking_{column}"), "blocking", [column], unique=False)
