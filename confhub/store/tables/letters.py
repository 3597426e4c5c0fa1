"""The tables of issued letters, beside those of the package, which knows them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint

from confhub.store.columns import UtcDateTime, metadata, own_id, reference

# Numbers of a unit's letters: whoever takes the next one holds the row until the letter is kept.
letter_register = Table(
    "letter_register",
    metadata,
    Column("unit_id", String(16), ForeignKey("unit.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
)

# How a unit's letters begin, where it has something of its own.
letter_form = Table(
    "letter_form",
    metadata,
    Column("unit_id", String(16), ForeignKey("unit.id"), primary_key=True),
    Column("content", JSON, nullable=False),
)

# Rows are only ever added.
letter = Table(
    "letter",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    reference("unit_id", "unit.id"),
    Column("kind", String(8), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("symbol", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_by", String(16), nullable=False),
    Column("template", String(32), nullable=False),
    Column("template_digest", String(64), nullable=False),
    Column("content", JSON, nullable=False),
    # One takes the place of another at most.
    reference("corrects", "letter.id", nullable=True, unique=True),
    UniqueConstraint("unit_id", "kind", "year", "number"),
)
