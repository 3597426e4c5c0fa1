"""The tables of invitations by mail, beside those of the package, which knows them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from confhub.store.columns import UtcDateTime, metadata, own_id, reference

# Meetings of which the sites are told by mail, from when somebody sent the first.
mailing = Table(
    "mailing",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("origin", String(300), nullable=False),  # of the addresses in it
)

# What is told of a meeting's version: once, however many sites it goes to.
mail_letter = Table(
    "mail_letter",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    Column("content", JSON, nullable=False),
)

mail = Table(
    "mail",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id"),
    reference("site_id", "site.id"),
    Column("number", Integer, nullable=False),  # of those of the meeting to the site
    Column("kind", String(8), nullable=False),
    reference("letter_id", "mail_letter.id"),
    Column("before_id", String(16), ForeignKey("mail_letter.id")),
    Column("link_id", String(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    # As in the outbox: not to be tried before, or the end of a lease, whose epoch is `tries`.
    Column("next_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0, server_default=text("0")),
    Column("in_hand", Boolean, nullable=False, default=False, server_default=false()),
    Column("state", String(8), nullable=False, index=True),
    Column("settled_at", UtcDateTime),
    Column("address", String(254), nullable=False, default="", server_default=text("''")),
    Column("error", Text, nullable=False, default="", server_default=text("''")),
    UniqueConstraint("meeting_id", "site_id", "number"),
    Index(
        "ix_mail_waiting",
        "next_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

# What people are told of a time to be confirmed, once of each version; the rest as in `mail`.
notice = Table(
    "notice",
    metadata,
    own_id(),
    reference("meeting_id", "meeting.id", index=True),
    reference("account_id", "account.id", index=True),
    Column("version", Integer, nullable=False),
    Column("what", String(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0, server_default=text("0")),
    Column("in_hand", Boolean, nullable=False, default=False, server_default=false()),
    Column("state", String(8), nullable=False),
    Column("settled_at", UtcDateTime),
    Column("address", String(254), nullable=False, default="", server_default=text("''")),
    Column("error", Text, nullable=False, default="", server_default=text("''")),
    Index(
        "ix_notice_waiting",
        "next_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("ix_notice_state", "state", "settled_at"),
)

# What came back, each message once, by its digest: answers, reports of servers, words.
mail_reply = Table(
    "mail_reply",
    metadata,
    own_id(),
    Column("digest", String(64), nullable=False, unique=True),
    reference("meeting_id", "meeting.id"),
    reference("site_id", "site.id"),
    Column("kind", String(8), nullable=False),
    Column("answer", String(12), nullable=False, default="", server_default=text("''")),
    Column("standing", String(8), nullable=False),
    Column("remark", Text, nullable=False, default="", server_default=text("''")),
    Column("sender", String(254), nullable=False, default="", server_default=text("''")),
    Column("subject", String(300), nullable=False, default="", server_default=text("''")),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sequence", Integer),
    Column("stamped_at", UtcDateTime),
    Column("starts_at", UtcDateTime),  # as it proposes
    Column("ends_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Index("ix_mail_reply_meeting_id", "meeting_id", "site_id", "received_at"),
)

# Up to which message a mailbox was read, by whoever had its lease, whose epoch is `tries`.
mailbox = Table(
    "mailbox",
    metadata,
    own_id(),
    Column("validity", BigInteger, nullable=False, default=0, server_default=text("0")),
    Column("read_to", BigInteger, nullable=False, default=0, server_default=text("0")),
    Column("next_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0, server_default=text("0")),
    Column("read_at", UtcDateTime),
)
