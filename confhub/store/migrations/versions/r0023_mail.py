"""Invitations by mail: which meetings are told so, what is told, and each mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailing",
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_mailing"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_mailing_meeting_id"),
    )
    op.create_table(
        "mail_letter",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_letter"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_mail_letter_meeting_id"),
    )
    op.create_index("ix_mail_letter_meeting_id", "mail_letter", ["meeting_id"])
    op.create_table(
        "mail",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("meeting_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("letter_id", sa.String(16), nullable=False),
        sa.Column("before_id", sa.String(16), nullable=True),
        sa.Column("link_id", sa.String(16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("in_hand", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(254), nullable=False, server_default=sa.text("''")),
        sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sa.UniqueConstraint(
            "meeting_id", "site_id", "number", name="uq_mail_meeting_id_site_id_number"
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_mail_meeting_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_mail_site_id"),
        sa.ForeignKeyConstraint(["letter_id"], ["mail_letter.id"], name="fk_mail_letter_id"),
        sa.ForeignKeyConstraint(["before_id"], ["mail_letter.id"], name="fk_mail_before_id"),
    )
    op.create_index("ix_mail_state", "mail", ["state"])
    op.create_index(
        "ix_mail_waiting",
        "mail",
        ["next_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
