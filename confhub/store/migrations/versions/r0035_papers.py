"""Papers of meetings: their versions, uploads on their way, and who opened them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("shown_to", sa.String(8), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_paper_meeting_id"),
    )
    op.create_index("ix_paper_meeting_id", "paper", ["meeting_id"])
    op.create_table(
        "paper_version",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("paper_id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(220), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(16), nullable=False),
        sa.Column("is_scanned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper_version"),
        sa.UniqueConstraint("paper_id", "number", name="uq_paper_version_paper_id_number"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_paper_version_paper_id"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_paper_version_meeting_id"),
    )
    op.create_index("ix_paper_version_meeting_id", "paper_version", ["meeting_id"])
    op.create_index("ix_paper_version_digest", "paper_version", ["digest"])
    op.create_table(
        "paper_upload",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("paper_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(220), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("shown_to", sa.String(8), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.String(16), nullable=False),
        sa.Column("refused", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper_upload"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_paper_upload_meeting_id"),
    )
    op.create_index("ix_paper_upload_meeting_id", "paper_upload", ["meeting_id"])
    op.create_index("ix_paper_upload_touched_at", "paper_upload", ["touched_at"])
    op.create_table(
        "paper_opening",
        sa.Column("version_id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "account_id", "site_id", name="pk_paper_opening"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["paper_version.id"], name="fk_paper_opening_version_id"
        ),
    )
