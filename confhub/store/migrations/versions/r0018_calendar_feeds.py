"""Calendars at secret addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.String(16), nullable=True),
        sa.Column("site_id", sa.String(16), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feed"),
        sa.UniqueConstraint("secret_hash", name="uq_calendar_feed_secret_hash"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_calendar_feed_account_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_calendar_feed_unit_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_calendar_feed_site_id"),
    )
    op.create_index("ix_calendar_feed_account_id", "calendar_feed", ["account_id"])
