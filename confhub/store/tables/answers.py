"""The tables of what sites answer, beside those of the package, which knows them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from confhub.store.columns import Sittings, UtcDateTime, metadata

answer = Table(
    "answer",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("site_id", String(16), ForeignKey("site.id"), primary_key=True, index=True),
    Column("state", String(16), nullable=False),
    Column("technician_name", String(120), nullable=False),
    Column("technician_phone", String(40), nullable=False),
    # Ids of the agenda's items; none at all: the whole meeting.
    Column("items", JSON(none_as_null=True)),
    Column("has_documents", Boolean, nullable=False),
    Column("remark", Text, nullable=False),
    Column("way", String(16), nullable=False),
    Column("account_id", String(16), nullable=False),
    Column("unit_id", String(16), nullable=False),  # of who spoke on its behalf
    Column("answered_at", UtcDateTime, nullable=False),
    Column("meeting_version", Integer, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),  # of the meeting as it was answered
    Column("version", Integer, nullable=False),
    Column("sequence", Integer),  # of the last reply by mail
    Column("sittings", Sittings),  # likewise; none where an older program kept it
)

answer_person = Table(
    "answer_person",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("site_id", String(16), ForeignKey("site.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
    Column("title", String(120), nullable=False),
    Column("part", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
)

# Of each meeting that sites are invited to, as it was found for this start and this choice.
answer_deadline = Table(
    "answer_deadline",
    metadata,
    Column("meeting_id", String(16), ForeignKey("meeting.id"), primary_key=True),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("chosen_at", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime),  # when it was set
    Column("next_at", UtcDateTime, index=True),  # none: nobody is reminded any more
    Column("sittings", Sittings),  # of the meeting, as `starts_at`
)
