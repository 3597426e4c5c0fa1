"""Meetings as iCalendar (RFC 5545) writes them. Pure.

Our own, since an answer to a program that asks every hour is some thousand lines of a dozen
properties: escaping, folding and a time zone are all there is to it. That others read it so stands
in tests/web/api/test_feeds.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.sitting import Sitting
from confhub.words.texts import LINE_ENDS

_LINE_OCTETS = 75  # RFC 5545, 3.1
PRODUCT = "-//confhub//VI"
_DAY = dt.timedelta(days=1)
_STATUS: Mapping[MeetingStatus, str] = {
    "postponed": "TENTATIVE",
    "cancelled": "CANCELLED",
}
# Controls but HTAB; those of C1, which readers in many languages take for ends of lines or for
# nothing; halves of surrogate pairs, which no UTF-8 holds.
_NO_TEXT = (*range(0x09), *range(0x0A, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))


def signs(line_end: str) -> dict[str, str | None]:
    """What no value holds as it is (3.1), and what stands for it: for whatever ends a line
    `line_end`, CR before LF being one with it, for the rest nothing."""
    ends = dict.fromkeys(LINE_ENDS, line_end)
    return {**dict.fromkeys(map(chr, _NO_TEXT)), **ends, "\r": None}


_ESCAPES = str.maketrans({**signs("\\n"), "\\": "\\\\", ";": "\\;", ",": "\\,"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting with what is told of it. `changed_at`: when it was last changed; `is_tentative`:
    its time has to be confirmed yet."""

    meeting: Meeting
    changed_at: dt.datetime
    place: str
    description: str
    address: str  # of its page, which asks who looks
    is_tentative: bool = False


def calendar(name: str, entries: Iterable[Entry], zone: ZoneInfo) -> bytes:
    """A whole calendar; the same entries always make the same bytes."""
    return "".join(folded(line) for line in _calendar(name, list(entries), zone)).encode()


def _calendar(name: str, entries: list[Entry], zone: ZoneInfo) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    yield "METHOD:PUBLISH"
    yield f"X-WR-CALNAME:{escaped(name)}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT1H"
    yield "X-PUBLISHED-TTL:PT1H"
    if entries:
        starts = [one.meeting.starts_at for one in entries]
        ends = [one.meeting.ends_at for one in entries]
        yield from time_zone(zone, min(starts), max(ends))
    for entry in entries:
        yield from _event(entry, zone)
    yield "END:VCALENDAR"


def _event(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    """One for each sitting: what has no rule by which it comes again, many readers of calendars
    show on its first day only. One that was held stays so where the rest is called off."""
    for number, one in enumerate(entry.meeting.all_sittings, 1):
        yield "BEGIN:VEVENT"
        yield from facts(entry, zone, one, number)
        if number > 1:
            yield f"RELATED-TO:{uid(entry.meeting)}"
        held = replace(entry.meeting, status="ended") if one.is_over else entry.meeting
        yield from standing(held, is_tentative=entry.is_tentative and not one.is_over)
        yield "END:VEVENT"


def uid(meeting: Meeting, number: int = 1) -> str:
    """Of the meeting, and of its sittings after the first."""
    return f"{meeting.id}@confhub" if number == 1 else f"{meeting.id}-{number}@confhub"


def facts(
    entry: Entry, zone: ZoneInfo, sitting: Sitting, number: int, *, named: int = 0
) -> Iterator[str]:
    """The properties that say which meeting it is, when and where; of the `number`th sitting, in
    an event of its own or under the identity of the one `named`."""
    meeting, count = entry.meeting, len(entry.meeting.all_sittings)
    title = meeting.title if count == 1 else f"{meeting.title} ({number}/{count})"
    yield f"UID:{uid(meeting, named or number)}"
    yield f"SEQUENCE:{meeting.version - 1}"
    yield f"DTSTAMP:{_utc(entry.changed_at)}"
    yield f"LAST-MODIFIED:{_utc(entry.changed_at)}"
    yield f"DTSTART;TZID={zone.key}:{local_time(sitting.starts_at, zone)}"
    yield f"DTEND;TZID={zone.key}:{local_time(sitting.ends_at, zone)}"
    yield f"SUMMARY:{escaped(title)}"
    if entry.place:
        yield f"LOCATION:{escaped(entry.place)}"
    if entry.description:
        yield f"DESCRIPTION:{escaped(entry.description)}"
    if entry.address:
        yield f"URL:{entry.address}"


def standing(meeting: Meeting, *, is_tentative: bool = False) -> Iterator[str]:
    """Whether it will be held. Who waits for a new time, or was called off, is free; who waits for
    the time to be confirmed keeps it free."""
    planned = "TENTATIVE" if is_tentative else "CONFIRMED"
    yield f"STATUS:{_STATUS.get(meeting.status, planned)}"
    yield f"TRANSP:{'TRANSPARENT' if meeting.status in _STATUS else 'OPAQUE'}"


def time_zone(zone: ZoneInfo, first: dt.datetime, last: dt.datetime) -> Iterator[str]:
    """The zone's rules over a span: what holds at its begin, and each change within it."""
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    at = first.astimezone(dt.UTC) - _DAY
    yield from _observance(at.astimezone(zone), at.astimezone(zone))
    while at < last:
        following = at + _DAY
        if at.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            change = _change(zone, at, following)
            before = (change - dt.timedelta(seconds=1)).astimezone(zone)
            yield from _observance(before, change.astimezone(zone))
        at = following
    yield "END:VTIMEZONE"


def _change(zone: ZoneInfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """The first second with the later offset."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > dt.timedelta(seconds=1):
        middle = before + dt.timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _observance(before: dt.datetime, after: dt.datetime) -> Iterator[str]:
    kind = "DAYLIGHT" if after.dst() else "STANDARD"
    old, new = (one.utcoffset() or dt.timedelta() for one in (before, after))
    # It begins by the clock that ran before.
    begins = after.astimezone(dt.UTC) + old
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{begins:%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(old)}"
    yield f"TZOFFSETTO:{_offset(new)}"
    yield f"TZNAME:{after.tzname()}"
    yield f"END:{kind}"


def _offset(offset: dt.timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _utc(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def local_time(at: dt.datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y%m%dT%H%M%S}"


def escaped(value: str) -> str:
    """A value of type TEXT (3.3.11): one line for every reader, whatever it holds."""
    return value.translate(_ESCAPES)


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, none of which cuts a letter."""
    if line.isascii() and len(line) <= _LINE_OCTETS:
        return f"{line}\r\n"
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE_OCTETS:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += octets
    return "\r\n".join(pieces) + "\r\n"
