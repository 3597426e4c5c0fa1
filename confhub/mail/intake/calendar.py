"""What a calendar part answers (iTIP, RFC 5546), line by line. Pure.

Calendars of others break rules; a line that cannot be read loses itself alone. Time zones that come
along are not computed: a rule of one may ask for a million dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from icalendar.parser import Contentline
from icalendar.prop import vDDDTypes

from confhub.mail.intake.found import Answer, Reply, is_of_our_time
from confhub.words.texts import many_lines, one_line, small_number

# A REPLY has some twenty lines, of which an invitation's text may be one of many kilobytes.
MOST_BYTES = 256 * 1024
MOST_LINES = 2000
MOST_COMMENT = 2000
# Of a logical line what is read: the longest comment that is kept, each sign of it escaped, and
# the parameters before it. The library takes longer than linear for more.
_MOST_LINE = 5000
_MOST_MOMENT = 100  # of a moment, a length of time, or the name of a zone
_MOST_NAME = 254  # of ids and addresses
_ANSWERS: Mapping[str, Answer] = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
}
_READ = frozenset(
    {
        "UID",
        "SEQUENCE",
        "DTSTAMP",
        "RECURRENCE-ID",
        "ATTENDEE",
        "ORGANIZER",
        "COMMENT",
        "DTSTART",
        "DTEND",
        "DURATION",
        # Apple's calendar server keeps the comment here.
        "X-CALENDARSERVER-ATTENDEE-COMMENT",
    }
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"\s*([A-Za-z-]{1,50})")
_PARTSTAT = re.compile(r"PARTSTAT=\"?([A-Z-]{1,20})", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s\"<>;]{1,254}")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class _Event:
    lines: list[_Line] = field(default_factory=list)

    def all(self, name: str) -> list[_Line]:
        return [line for line in self.lines if line.name == name]

    def value(self, name: str) -> str:
        return next((line.value.strip() for line in self.lines if line.name == name), "")


def looks_like_one(data: bytes) -> bool:
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"BEGIN:VCALENDAR")


def reply_in(text: str, zone: dt.tzinfo, method: str = "") -> Reply | None:
    """The answer in a calendar; None where it is none, or too long to be one. `method`: where the
    calendar itself names none. `zone`: of times that name none, or one that nobody knows."""
    lines = list(_unfolded(text[:MOST_BYTES]))
    found, offsets, said = _taken_apart(lines[:MOST_LINES])
    said = said or method.upper()
    event = next((one for one in found if one.value("UID")), None)
    if said not in ("REPLY", "COUNTER") or event is None:
        return None
    attendee = _attendee(event.all("ATTENDEE"))
    is_counter = said == "COUNTER"
    return Reply(
        uid=one_line(event.value("UID"))[:_MOST_NAME],
        answer=_ANSWERS.get(attendee.parameters.get("PARTSTAT", "").upper()),
        sequence=small_number(event.value("SEQUENCE")),
        stamped_at=_moment(event.all("DTSTAMP"), zone, offsets),
        sitting=_moment(event.all("RECURRENCE-ID"), zone, offsets),
        attendee=_address(attendee.value),
        organizer=_address(event.value("ORGANIZER")),
        comment=_comment(event, attendee),
        proposed=_proposed(event, zone, offsets) if is_counter else None,
        is_counter=is_counter,
    )


def _unfolded(text: str) -> Iterator[str]:
    """Logical lines (RFC 5545, 3.1), whatever ends the others."""
    pieces: list[str] = []
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        if line[:1] in (" ", "\t"):
            pieces.append(line[1:])
            continue
        if pieces:
            yield "".join(pieces)
        pieces = [line]
    yield "".join(pieces)


def _taken_apart(lines: Sequence[str]) -> tuple[list[_Event], dict[str, dt.timezone], str]:
    """The events, the time zones of one offset, by their names, and the method."""
    events: list[_Event] = []
    offsets: dict[str, dt.timezone] = {}
    within: list[str] = []
    method, zone = "", _Zone()
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.strip().upper(), value.strip()
        if name == "BEGIN":
            within.append(value.upper())
            if within[-1] == "VEVENT":
                events.append(_Event())
            elif within[-1] == "VTIMEZONE":
                zone = _Zone()
        elif name == "END":
            if within and within.pop() == "VTIMEZONE" and len(zone.offsets) == 1:
                offsets[zone.name] = next(iter(zone.offsets))
        elif "VTIMEZONE" in within:
            zone.take(name, value)
        elif within[-1:] == ["VEVENT"]:
            read = _line(line[:_MOST_LINE]) if _begins_as_read(line) else None
            if read is not None and read.name in _READ:
                events[-1].lines.append(read)
        elif name == "METHOD" and not method:
            method = value.upper()
    return events, offsets, method


@dataclass(slots=True)
class _Zone:
    name: str = ""
    offsets: set[dt.timezone] = field(default_factory=set)

    def take(self, name: str, value: str) -> None:
        if name == "TZID":
            self.name = value
        found = _OFFSET.fullmatch(value) if name == "TZOFFSETTO" else None
        if found is not None and int(found[2]) < 24 and int(found[3]) < 60:
            by = dt.timedelta(hours=int(found[2]), minutes=int(found[3]))
            self.offsets.add(dt.timezone(-by if found[1] == "-" else by))


def _begins_as_read(line: str) -> bool:
    name = _NAME.match(line)
    return name is not None and name[1].upper() in _READ


def _line(text: str) -> _Line | None:
    try:
        name, parameters, value = Contentline(text).parts()
    except ValueError:
        return _broken_attendee(text)
    plain = {str(key).upper(): _plain(one) for key, one in dict(parameters).items()}
    return _Line(str(name).upper(), plain, str(value))


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _broken_attendee(text: str) -> _Line | None:
    """Names with quotes in them are common, and their answer stands beside."""
    if not text.upper().startswith("ATTENDEE"):
        return None
    answer, (_, mailto, behind) = _PARTSTAT.search(text), _rpartition(text, "mailto:")
    address = _ADDRESS.fullmatch(behind.strip()) if mailto else None
    return _Line(
        "ATTENDEE",
        {"PARTSTAT": answer[1]} if answer is not None else {},
        f"mailto:{address[0]}" if address is not None else "",
    )


def _rpartition(text: str, mark: str) -> tuple[str, str, str]:
    """At the last `mark`, of small letters, however it is written."""
    at = text.lower().rfind(mark)
    return ("", "", text) if at < 0 else (text[:at], mark, text[at + len(mark) :])


def _attendee(lines: Sequence[_Line]) -> _Line:
    """Who answers: one alone (RFC 5546, 3.2.3), or the only one of several who does. Where it is
    not clear nobody does."""
    answering = [
        one for one in lines if one.parameters.get("PARTSTAT", "").upper() != "NEEDS-ACTION"
    ]
    if len(lines) == 1:
        return lines[0]
    return answering[0] if len(answering) == 1 else _Line("ATTENDEE", {}, "")


def _address(value: str) -> str:
    plain = one_line(value)
    if plain[:7].lower() == "mailto:":
        plain = plain[7:]
    return plain[:_MOST_NAME]


def _comment(event: _Event, attendee: _Line) -> str:
    said = [line.value for line in event.all("COMMENT")]
    said.append(attendee.parameters.get("X-RESPONSE-COMMENT", ""))  # Google
    said += [line.value for line in event.all("X-CALENDARSERVER-ATTENDEE-COMMENT")]
    texts = dict.fromkeys(filter(None, map(many_lines, said)))
    return "\n".join(texts)[:MOST_COMMENT]


def _proposed(
    event: _Event, zone: dt.tzinfo, offsets: Mapping[str, dt.timezone]
) -> tuple[dt.datetime, dt.datetime | None] | None:
    starts_at = _moment(event.all("DTSTART"), zone, offsets)
    if starts_at is None:
        return None
    ends_at = _moment(event.all("DTEND"), zone, offsets)
    lasts = _value(event.value("DURATION"), None)
    if ends_at is None and isinstance(lasts, dt.timedelta):
        try:
            ends_at = starts_at + lasts
        except OverflowError:
            return None
    if ends_at is None or ends_at <= starts_at or not is_of_our_time(ends_at):
        return starts_at, None
    return starts_at, ends_at


def _moment(
    lines: Sequence[_Line], zone: dt.tzinfo, offsets: Mapping[str, dt.timezone]
) -> dt.datetime | None:
    """A moment in UTC; None: there is none that can be meant, or only a day."""
    if not lines:
        return None
    name = lines[0].parameters.get("TZID")
    found = _value(lines[0].value.strip(), name)
    if not isinstance(found, dt.datetime):
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=offsets.get(name or "", zone))
    try:
        moment = found.astimezone(dt.UTC)
    except (OverflowError, ValueError):  # at the ends of time
        return None
    return moment if is_of_our_time(moment) else None


def _value(text: str, zone_name: str | None) -> object:
    if len(text) > _MOST_MOMENT or len(zone_name or "") > _MOST_MOMENT:
        return None
    try:
        found: object = vDDDTypes.from_ical(text, timezone=zone_name)
    except (ValueError, OverflowError, LookupError, OSError):  # a folder of zones, as a zone's name
        return None
    return found
