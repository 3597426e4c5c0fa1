"""What comes back by mail: answers and reports, and how far each mailbox was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_reply",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False, server_default=sa.text("''")),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("sender", sa.String(254), nullable=False, server_default=sa.text("''")),
        sa.Column("subject", sa.String(300), nullable=False, server_default=sa.text("''")),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mail_reply"),
        sa.UniqueConstraint("digest", name="uq_mail_reply_digest"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_mail_reply_meeting_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_mail_reply_site_id"),
    )
    op.create_index(
        "ix_mail_reply_meeting_id", "mail_reply", ["meeting_id", "site_id", "received_at"]
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("read_to", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox"),
    )
