"""The tables of meetings' papers, beside those of the package, which knows them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from confhub.store.columns import UtcDateTime, metadata, own_id, reference

paper = Table(
    "paper",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    Column("shown_to", String(8), nullable=False),
    Column("levels", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

# Rows never change. Their bytes lie in the vault, under the digest.
paper_version = Table(
    "paper_version",
    metadata,
    own_id(),
    reference("paper_id", "paper.id"),
    reference("meeting_id", "meeting.id", index=True),
    Column("number", Integer, nullable=False),
    Column("name", String(220), nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", String(16), nullable=False),
    Column("is_scanned", Boolean, nullable=False),
    UniqueConstraint("paper_id", "number"),
)

# How much of it has come is the length of its file.
paper_upload = Table(
    "paper_upload",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    Column("account_id", String(16), nullable=False),
    Column("paper_id", String(16), nullable=False),
    Column("name", String(220), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("shown_to", String(8), nullable=False),
    Column("levels", JSON, nullable=False),
    Column("touched_at", UtcDateTime, nullable=False),
    Column("version_id", String(16), nullable=False),
    Column("refused", String(32), nullable=False),
    Index("ix_paper_upload_touched_at", "touched_at"),
)

paper_opening = Table(
    "paper_opening",
    metadata,
    reference("version_id", "paper_version.id", primary_key=True),
    Column("account_id", String(16), primary_key=True),
    Column("site_id", String(16), primary_key=True),
    Column("address", String(64), nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
)
