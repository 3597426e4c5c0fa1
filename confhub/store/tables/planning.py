"""The tables of what is planned ahead, beside those of the package, which knows them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy import text as sql

from confhub.store.columns import UtcDateTime, metadata, own_id, reference

# Meetings that come again.
series = Table(
    "series",
    metadata,
    own_id(),
    Column("created_by", String(16), nullable=False, default=""),
    Column("ended_on", Date),  # no occurrence from this original date on
    Column("end_reason", Text, nullable=False, default=""),
    Column("is_open", Boolean, nullable=False, index=True),  # the job looks after it
    Column("version", Integer, nullable=False, default=1),
)

# Never changed but for `superseded`: occurrences are compared with what made them.
series_part = Table(
    "series_part",
    metadata,
    Column("series_id", String(16), ForeignKey("series.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("since", Date, nullable=False),
    Column("rule", JSON, nullable=False),
    Column("content", JSON, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("superseded", Boolean, nullable=False),
)

occurrence = Table(
    "occurrence",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    reference("series_id", "series.id", index=True),
    Column("original", Date, nullable=False),
    Column("day", Date, nullable=False),
    Column("part", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    # However many hubs make them at once: one for each date.
    Index(
        "uq_occurrence_held",
        "series_id",
        "original",
        unique=True,
        sqlite_where=sql("state != 'dropped'"),
        postgresql_where=sql("state != 'dropped'"),
    ),
)

# What meetings are made from again and again: of kind "sites" only name and sites are used.
pattern = Table(
    "pattern",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("title", String(300), nullable=False, server_default=sql("''")),
    reference("level_id", "level.id", nullable=True),
    reference("chair_site_id", "site.id", nullable=True),
    Column("chair_name", String(120), nullable=False, server_default=sql("''")),
    Column("starts", String(5), nullable=False, server_default=sql("''")),  # local HH:MM
    Column("length_min", Integer, nullable=False, server_default=sql("0")),
    Column("note", Text, nullable=False, server_default=sql("''")),
    Column("agenda", JSON, nullable=False),  # title, presenter and minutes of each item
    Column("ended_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default=sql("1")),
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

# By which programs ask, for a unit. Ended ones stay, so that the record can name them.
api_token = Table(
    "api_token",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    reference("account_id", "account.id"),
    Column("name", String(120), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("scopes", String(200), nullable=False),  # with blanks between
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
)

# What a program was answered under a key of its choice: an act asked for twice is done once.
kept_answer = Table(
    "kept_answer",
    metadata,
    own_id(),  # made of the token and the key
    reference("token_id", "api_token.id"),
    Column("asked", String(64), nullable=False),  # a hash of what was asked
    Column("subject", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("status", Integer),  # nothing: done, and the answer never kept
    Column("headers", Text),
    Column("body", LargeBinary),
    Index("ix_kept_answer_token_id", "token_id", "made_at"),
)

# When sites cannot meet. Ended ones stay, so that the record can name them.
blocking = Table(
    "blocking",
    metadata,
    own_id(),
    Column("reach", String(8), nullable=False, index=True),
    reference("unit_id", "unit.id", nullable=True, index=True),
    reference("site_id", "site.id", nullable=True, index=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),  # of the first time
    Column("weekly", Boolean, nullable=False),
    Column("until", Date),
    Column("zone", String(64), nullable=False),
    Column("over_at", UtcDateTime),  # of the last time; none: it comes for good
    Column("ended_at", UtcDateTime),
)

# Who confirms the times of meetings that a unit hosts, and those below it.
agreement_rule = Table(
    "agreement_rule",
    metadata,
    Column("unit_id", String(16), ForeignKey("unit.id"), primary_key=True),
    reference("centre_id", "unit.id", nullable=True),  # None: nobody
    Column("days", Integer, nullable=False),
)

agreement = Table(
    "agreement",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    reference("centre_id", "unit.id"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("remind_at", UtcDateTime, nullable=False),
    Column("asked_by", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("released", Boolean, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_starts_at", UtcDateTime),
    Column("proposed_ends_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index("ix_agreement_centre_id", "centre_id", "state"),
    Index("ix_agreement_state", "state", "due_at"),
)

# So many streams a unit's line carries at once, of its sites and of all below it.
unit_line = Table(
    "unit_line",
    metadata,
    Column("unit_id", String(16), ForeignKey("unit.id"), primary_key=True),
    Column("streams", Integer, nullable=False),
)

# Days that a year's notice of the government moves, and for which its calendar is corrected.
special_day = Table(
    "special_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("is_off", Boolean, nullable=False),
    Column("name", String(200), nullable=False, default=""),
)
