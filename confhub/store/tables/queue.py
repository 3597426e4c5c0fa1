"""The tables of what is to be told and done, beside those of the package, which knows them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, text

from confhub.store.columns import UtcDateTime, metadata, own_id

# What is to be told to others, written with the change itself. Rows are delivered at least once.
outbox = Table(
    "outbox",
    metadata,
    own_id(),
    Column("topic", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("position", Integer, nullable=False),  # among the rows of one change
    Column("delivered_at", UtcDateTime),
    Column("tries", Integer, nullable=False, default=0, server_default=text("0")),
    # Not to be tried before; while somebody tries, the end of its lease, whose epoch is `tries`.
    Column("next_at", UtcDateTime, nullable=False),
    Column("dead_at", UtcDateTime),  # given up
    Column("error", Text, nullable=False, default="", server_default=text("''")),
    Index(
        "ix_outbox_waiting",
        "next_at",
        sqlite_where=text("delivered_at IS NULL"),
        postgresql_where=text("delivered_at IS NULL"),
    ),
)

# What is to be done once, by whichever hub; rows that are done keep it from being done again.
job = Table(
    "job",
    metadata,
    own_id(),
    Column("kind", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),  # as in the outbox
    Column("tries", Integer, nullable=False, default=0, server_default=text("0")),
    # Grows with each claim and each outcome: an outcome under an old one is refused.
    Column("epoch", Integer, nullable=False, default=0, server_default=text("0")),
    Column("holder", String(64), nullable=False, default="", server_default=text("''")),
    Column("done_at", UtcDateTime, index=True),
    Column("dead_at", UtcDateTime),
    Column("error", Text, nullable=False, default="", server_default=text("''")),
    Index(
        "ix_job_waiting",
        "next_at",
        sqlite_where=text("done_at IS NULL AND dead_at IS NULL"),
        postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
    ),
)
