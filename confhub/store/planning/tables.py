"""The tables of planning. Ids are our own."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, Text, text

from confhub.store.columns import UtcDateTime, metadata, own_id, reference

# What meetings are made from again and again: of kind "sites" only name and sites are used.
pattern = Table(
    "pattern",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("title", String(300), nullable=False, server_default=text("''")),
    reference("level_id", "level.id", nullable=True),
    reference("chair_site_id", "site.id", nullable=True),
    Column("chair_name", String(120), nullable=False, server_default=text("''")),
    Column("starts", String(5), nullable=False, server_default=text("''")),  # local HH:MM
    Column("length_min", Integer, nullable=False, server_default=text("0")),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("agenda", JSON, nullable=False),  # title, presenter and minutes of each item
    Column("ended_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default=text("1")),
)

pattern_site = Table(
    "pattern_site",
    metadata,
    Column("pattern_id", String(16), ForeignKey("pattern.id"), primary_key=True),
    Column("site_id", String(16), ForeignKey("site.id"), primary_key=True),
    Column("position", Integer, nullable=False),
)

# Calendars at secret addresses.
calendar_feed = Table(
    "calendar_feed",
    metadata,
    own_id(),
    reference("account_id", "account.id", index=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("made_at", UtcDateTime, nullable=False),
    reference("unit_id", "unit.id", nullable=True),
    reference("site_id", "site.id", nullable=True),
    Column("ended_at", UtcDateTime),
)
