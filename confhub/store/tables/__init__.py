"""The tables. Ids are our own; dates of validity are half open: [valid_from, valid_to)."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
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
    UniqueConstraint,
    false,
    text,
)

from confhub.store.columns import Sittings, own_id, reference
from confhub.store.columns import UtcDateTime as UtcDateTime
from confhub.store.columns import metadata as metadata
from confhub.store.tables.answers import answer as answer
from confhub.store.tables.answers import answer_deadline as answer_deadline
from confhub.store.tables.answers import answer_person as answer_person
from confhub.store.tables.letters import letter as letter
from confhub.store.tables.letters import letter_form as letter_form
from confhub.store.tables.letters import letter_register as letter_register
from confhub.store.tables.mail import mail as mail
from confhub.store.tables.mail import mail_letter as mail_letter
from confhub.store.tables.mail import mail_reply as mail_reply
from confhub.store.tables.mail import mailbox as mailbox
from confhub.store.tables.mail import mailing as mailing
from confhub.store.tables.mail import notice as notice
from confhub.store.tables.papers import paper as paper
from confhub.store.tables.papers import paper_opening as paper_opening
from confhub.store.tables.papers import paper_upload as paper_upload
from confhub.store.tables.papers import paper_version as paper_version
from confhub.store.tables.planning import agreement as agreement
from confhub.store.tables.planning import agreement_rule as agreement_rule
from confhub.store.tables.planning import api_token as api_token
from confhub.store.tables.planning import blocking as blocking
from confhub.store.tables.planning import calendar_feed as calendar_feed
from confhub.store.tables.planning import kept_answer as kept_answer
from confhub.store.tables.planning import occurrence as occurrence
from confhub.store.tables.planning import pattern as pattern
from confhub.store.tables.planning import pattern_site as pattern_site
from confhub.store.tables.planning import series as series
from confhub.store.tables.planning import series_part as series_part
from confhub.store.tables.planning import special_day as special_day
from confhub.store.tables.planning import unit_line as unit_line
from confhub.store.tables.queue import job as job
from confhub.store.tables.queue import outbox as outbox

level = Table(
    "level",
    metadata,
    own_id(),
    Column("rank", Integer, nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("name_en", String(64), nullable=False),
)

unit = Table(
    "unit",
    metadata,
    own_id(),
    reference("level_id", "level.id"),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

unit_name = Table(
    "unit_name",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    Column("name", String(200), nullable=False),
    Column("folded", String(200), nullable=False, index=True),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

unit_parent = Table(
    "unit_parent",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    reference("parent_id", "unit.id", index=True),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

unit_code = Table(
    "unit_code",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    Column("scheme", String(32), nullable=False),
    Column("code", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Index("ix_unit_code_scheme_code", "scheme", "code"),
)

unit_succession = Table(
    "unit_succession",
    metadata,
    own_id(),
    reference("old_unit_id", "unit.id", index=True),
    reference("new_unit_id", "unit.id", index=True),
    Column("effective_on", Date, nullable=False),
    UniqueConstraint("old_unit_id", "new_unit_id"),
)

site = Table(
    "site",
    metadata,
    own_id(),
    reference("unit_id", "unit.id", index=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("folded", String(200), nullable=False, index=True),
    Column("contact_name", String(120), nullable=False, default=""),
    Column("contact_phone", String(40), nullable=False, default=""),
    Column("technician_name", String(120), nullable=False, default=""),
    Column("technician_phone", String(40), nullable=False, default=""),
    # An account; empty: somebody from outside.
    Column(
        "technician_id",
        String(16),
        nullable=False,
        default="",
        server_default=text("''"),
        index=True,
    ),
    Column("room_phone", String(40), nullable=False, default=""),
    Column("email", String(254), nullable=False, default="", server_default=text("''")),
    Column("room", String(120), nullable=False, default="", server_default=text("''")),
    Column("streams", Integer),
    Column("equipment_note", Text, nullable=False, default=""),
    Column("active", Boolean, nullable=False, default=True),
    Column("version", Integer, nullable=False, default=1),
)

site_line = Table(
    "site_line",
    metadata,
    own_id(),
    reference("site_id", "site.id", index=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("provider", String(80), nullable=False, default=""),
    # 32 bits end at 2 Gbit/s.
    Column("down_bps", BigInteger),
    Column("up_bps", BigInteger),
    Column("backup", Boolean, nullable=False, default=False),
    Column("note", String(200), nullable=False, default=""),
)

account = Table(
    "account",
    metadata,
    own_id(),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    reference("unit_id", "unit.id", index=True),
    Column("language", String(2), nullable=False, default="vi"),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("version", Integer, nullable=False, default=1),
    # Somebody else made the password and knows it.
    Column("password_issued", Boolean, nullable=False, default=False, server_default=false()),
)

# The account's role and unit above are its post. Hubs of before the grants read and write only
# these, so they stay true: a post's row below follows them.
account_grant = Table(
    "account_grant",
    metadata,
    own_id(),  # of a post: the account's
    reference("account_id", "account.id", index=True),
    Column("role", String(16), nullable=False),
    reference("unit_id", "unit.id", index=True),
    Column("starts_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("given_by", String(16), nullable=False, default="", index=True),
    Column("given_at", UtcDateTime),
    Column("reason", String(200), nullable=False, default=""),
    reference("source_id", "account_grant.id", nullable=True, index=True),  # handed over from
)

# Of somebody with an account, name and unit follow the account's, for the same reason.
person = Table(
    "person",
    metadata,
    own_id(),
    reference("account_id", "account.id", nullable=True, unique=True),
    Column("name", String(120), nullable=False),
    Column("title", String(120), nullable=False, default=""),
    reference("unit_id", "unit.id", nullable=True, index=True),
    Column("email", String(254), nullable=False, default=""),
    Column("phone", String(40), nullable=False, default=""),
    # Of somebody without an account.
    Column("ended_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1, server_default=text("1")),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the cookie's secret
    reference("account_id", "account.id", index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("last_seen_at", UtcDateTime, nullable=False),
)

meeting = Table(
    "meeting",
    metadata,
    own_id(),
    Column("title", String(300), nullable=False),
    reference("level_id", "level.id"),
    reference("host_unit_id", "unit.id", index=True),
    reference("chair_site_id", "site.id"),
    Column("chair_name", String(120), nullable=False, default=""),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("status_reason", Text, nullable=False, default=""),
    Column("postponed_from", UtcDateTime),
    Column("note", Text, nullable=False, default=""),
    Column("created_by", String(16), nullable=False, default=""),
    Column("version", Integer, nullable=False, default=1),
    Column("is_public", Boolean, nullable=False, default=False, server_default=false()),
    Column("answer_by", UtcDateTime),
    Column("sittings", Sittings, nullable=False, default=(), server_default=text("''")),
    # Who is taken is asked of all that begin within weeks before: with the end, few are read.
    Index("ix_meeting_times", "starts_at", "ends_at"),
    # A few among all: strangers ask for these alone. SQLite takes it for the words of a query only.
    Index(
        "ix_meeting_public",
        "starts_at",
        sqlite_where=text("is_public = 1"),
        postgresql_where=text("is_public"),
    ),
)

agenda_item = Table(
    "agenda_item",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    Column("position", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("presenter", String(200), nullable=False, default=""),
    Column("duration_min", Integer),
)

invitation = Table(
    "invitation",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("site_id", String(16), ForeignKey("site.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

join_link = Table(
    "join_link",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    reference("site_id", "site.id"),
    Column("expires_at", UtcDateTime, nullable=False),  # by plan; decides nothing: links last
    Column("revoked_at", UtcDateTime),
    # One living link per site and meeting, however many hubs make them at once.
    Index(
        "uq_join_link_living",
        "meeting_id",
        "site_id",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
)

attendance = Table(
    "attendance",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    Column("member_id", String(20), nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime),
    Column("reason", String(32), nullable=False, default=""),
)

room_snapshot = Table(
    "room_snapshot",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

hub = Table(
    "hub",
    metadata,
    Column("id", String(96), primary_key=True),  # name and boot, see meetings/ownership.py
    Column("name", String(64), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # by the database's clock
    Column("alive_until", UtcDateTime, nullable=False),
    Column("address", String(300)),  # its own, for browsers
    Column("relay", String(300)),  # for other hubs
)

known_key = Table(
    "known_key",
    metadata,
    Column("name", String(32), primary_key=True),  # the key's file
    Column("fingerprint", String(64), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

room = Table(
    "room",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("epoch", Integer, nullable=False),  # how often a hub took it
    Column("hub_id", String(96), nullable=False, index=True),  # "": nobody runs it
    Column("taken_at", UtcDateTime),
    Column("seen_at", UtcDateTime),  # the last sign of life of who ran it, once nobody does
)

# What was done in a meeting's room, in order; rows are only ever added.
room_event = Table(
    "room_event",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),  # of the hub that ran it
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("payload", JSON, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    own_id(),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("account_id", String(16), nullable=False, default=""),
    Column("action", String(64), nullable=False),
    Column("subject", String(64), nullable=False, default="", index=True),
    Column("detail", Text, nullable=False, default=""),
    Column("address", String(64), nullable=False, default=""),
    Column("changes", Text, nullable=False, default="", server_default=text("''")),
    # Its place in the chain, once it is sealed. See confhub/trail/chain.py
    Column("seq", BigInteger, index=True),
    Column("hash", String(64)),
    Index(
        "ix_audit_waiting",
        "at",
        sqlite_where=text("seq IS NULL"),
        postgresql_where=text("seq IS NULL"),
    ),
)

# One row: where the chain begins and ends. Who holds it seals, or forgets.
audit_chain = Table(
    "audit_chain",
    metadata,
    own_id(),
    Column("first", BigInteger, nullable=False),
    Column("anchor", String(64), nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
)

# The words by which each thing is found, kept true by triggers (migration 0019). SQLite has an
# index of its kind beside it, PostgreSQL one over an expression.
search_entry = Table(
    "search_entry",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("words", Text, nullable=False),
    UniqueConstraint("kind", "subject"),
)
