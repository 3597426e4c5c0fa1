"""The part of a mail that a calendar takes in: iTIP (RFC 5546) for one site. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from confhub.mail.letter import MailKind
from confhub.planning.ical import (
    PRODUCT,
    Entry,
    facts,
    folded,
    local_time,
    signs,
    standing,
    time_zone,
)

Method = Literal["REQUEST", "CANCEL"]
# What was put off stays in the calendar, without taking its time, so that the new time moves it.
METHODS: Mapping[MailKind, Method] = {
    "invite": "REQUEST",
    "change": "REQUEST",
    "link": "REQUEST",
    "remind": "REQUEST",
    "hold": "REQUEST",
    "cancel": "CANCEL",
    "drop": "CANCEL",
}
# Within quotes nothing else is forbidden (RFC 5545, 3.1).
_NAME = str.maketrans({**signs(" "), '"': "'"})


@dataclass(frozen=True, slots=True)
class Party:
    """A name, and an address as `can_be_sent_to` takes it."""

    name: str
    email: str


def itip(kind: MailKind, entry: Entry, organizer: Party, attendee: Party, zone: ZoneInfo) -> bytes:
    """A calendar of one event; `attendee` is alone in it, whoever else is invited.

    Of a meeting in several sittings, which is answered once, it comes again at each of them: all
    have one UID (RFC 5546, 3.2.2), and each its own hours under its RECURRENCE-ID.
    """
    lines = _lines(kind, entry, organizer, attendee, zone)
    return "".join(folded(line) for line in lines).encode()


def _lines(
    kind: MailKind, entry: Entry, organizer: Party, attendee: Party, zone: ZoneInfo
) -> Iterator[str]:
    meeting, method = entry.meeting, METHODS[kind]
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{method}"
    yield from time_zone(zone, meeting.starts_at, meeting.ends_at)
    sittings = meeting.all_sittings[: 1 if method == "CANCEL" else None]  # the UID ends all
    again = ",".join(local_time(one.starts_at, zone) for one in sittings[1:])
    for number, one in enumerate(sittings, 1):
        yield "BEGIN:VEVENT"
        yield from facts(entry, zone, one, number, named=1)
        if number > 1:
            yield f"RECURRENCE-ID;TZID={zone.key}:{local_time(one.starts_at, zone)}"
        elif again:
            yield f"RDATE;TZID={zone.key}:{again}"
        yield from _people(kind, organizer, attendee)
        if kind == "cancel":
            yield from standing(replace(meeting, status="cancelled"))
        elif kind != "drop":  # the meeting is held, without this site (RFC 5546, 3.2.5)
            yield from standing(meeting)
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _people(kind: MailKind, organizer: Party, attendee: Party) -> Iterator[str]:
    yield f"ORGANIZER;{_common_name(organizer)}:mailto:{organizer.email}"
    role = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
    answer = "PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
    if METHODS[kind] == "CANCEL" or kind == "hold":  # nothing to answer
        answer = "RSVP=FALSE"
    yield f"ATTENDEE;{_common_name(attendee)};{role};{answer}:mailto:{attendee.email}"


def _common_name(party: Party) -> str:
    return f'CN="{party.name.translate(_NAME)}"'
