"""The audit trail's chain, and the values that an act changed.

Lines that stand already get their place from the job that gives every line one, a piece at a time:
to do so here would keep everybody from writing for as long.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("''")
    op.add_column("audit", sa.Column("changes", sa.Text(), nullable=False, server_default=empty))
    op.add_column("audit", sa.Column("seq", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("hash", sa.String(64), nullable=True))
    op.create_index("ix_audit_seq", "audit", ["seq"], unique=False)
    is_waiting = sa.text("seq IS NULL")
    op.create_index(
        "ix_audit_waiting",
        "audit",
        ["at"],
        unique=False,
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.String(64), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
