"""Find the meetings of an hour by begin and end, without reading all that began weeks before."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_meeting_times", "meeting", ["starts_at", "ends_at"])
    # The new one begins with the same column, and answers all that this one did.
    op.drop_index("ix_meeting_starts_at", "meeting")
