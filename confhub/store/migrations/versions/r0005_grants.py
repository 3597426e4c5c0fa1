"""Several rights per account, and who stands behind it. Every account's post becomes a grant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from confhub.store.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_grant",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("starts_at", UtcDateTime()),
        sa.Column("ends_at", UtcDateTime()),
        sa.Column("given_by", sa.String(16), nullable=False),
        sa.Column("given_at", UtcDateTime()),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("source_id", sa.String(16)),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_account_grant_account_id_account"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_account_grant_unit_id_unit"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["account_grant.id"], name="fk_account_grant_source_id_account_grant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_grant"),
    )
    for name in ("account_id", "unit_id", "given_by", "source_id"):
        op.create_index(f"ix_account_grant_{name}", "account_grant", [name])
    op.create_table(
        "person",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16)),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("unit_id", sa.String(16)),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_person_account_id_account"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_person_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("account_id", name="uq_person_account_id"),
    )
    op.create_index("ix_person_unit_id", "person", ["unit_id"])
    op.execute(
        "INSERT INTO account_grant (id, account_id, role, unit_id, given_by, reason)"
        " SELECT id, id, role, unit_id, '', '' FROM account"
    )
    op.execute(
        "INSERT INTO person (id, account_id, name, title, unit_id, email, phone)"
        " SELECT id, id, name, '', unit_id, '', '' FROM account"
    )
