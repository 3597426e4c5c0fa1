"""How units' letters begin: letterheads and texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_form",
        sa.Column("unit_id", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_letter_form"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_letter_form_unit_id"),
    )
