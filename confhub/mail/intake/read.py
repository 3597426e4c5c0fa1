"""From the bytes of one message, or of what a person posts, to what it says. Pure.

Any bytes give a result.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.errors import MessageError
from email.message import Message
from itertools import islice

from confhub.mail.intake.calendar import MOST_COMMENT, looks_like_one, reply_in
from confhub.mail.intake.found import Automatic, Content, Incoming, NotRead, Reply, Words
from confhub.mail.intake.mime import (
    MOST_BYTES,
    Part,
    address_in,
    decoded,
    head_of,
    header,
    opened,
    parts_of,
    raw_headers,
)
from confhub.mail.intake.report import bounce_in, referred_ids, reported_ids
from confhub.words.texts import many_lines

MOST_TEXT = 4000
# Where servers write to whom a message was sent, before what the sender wrote.
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc", "Resent-To")
_PLUS = re.compile(r"\+([0-9a-z-]{17,64})@", re.IGNORECASE)
_MOST_IDS = 50
_CALENDARS = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
# A header and a blank line behind it: what a saved message begins with.
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[A-Za-z][A-Za-z0-9-]{1,75}:[ \t]?[^\r\n]*(?:\r\n|\r|\n)")
# What the library was seen to raise over messages, beside its own errors.
_BROKEN = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    OSError,
    RecursionError,
)
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_TAG = re.compile(r"<[^<>]{0,2000}>")
# Nobody wrote what stands within these.
_UNSEEN = re.compile(r"<(/?)(?:style|script|title)\b[^<>]{0,500}>", re.IGNORECASE)
_QUOTED_PART = re.compile(
    r"<blockquote\b|<div\b[^<>]{0,200}(?:gmail_quote|divRplyFwdMsg)", re.IGNORECASE
)
_QUOTED = re.compile(r"-{2,} ?(?:Original|Forwarded)|_{10,}")
_QUOTES = re.compile(r"On .{5,200} wrote:$|Vào .{5,200} viết:$")


def read(data: bytes, zone: dt.tzinfo) -> Incoming:
    """A message as a mail server keeps it. `zone`: of times that name none."""
    try:
        message = opened(data)
        if isinstance(message, NotRead):
            return _unread(message, data)
        return _read(message, data, zone)
    except _BROKEN:
        return _unread(NotRead("unreadable"), data)


def read_posted(data: bytes, zone: dt.tzinfo) -> Incoming:
    """What a person posts: a saved message, a calendar file, or words."""
    if len(data) > MOST_BYTES:
        return Incoming(NotRead("too_large"))
    if looks_like_one(data):
        try:
            reply = reply_in(decoded(data, ""), zone)
        except _BROKEN:
            reply = None
        if reply is None:
            return Incoming(NotRead("unreadable"))
        return Incoming(reply, _tokens(f"<{reply.organizer}>"), sender=reply.attendee)
    if _HEADER.match(data) and _BLANK_LINE.search(data):
        return read(data, zone)
    return Incoming(Words(_shortened(decoded(data, ""))))


def _read(message: Message, data: bytes, zone: dt.tzinfo) -> Incoming:
    content = _content(message, zone)
    addresses = raw_headers(message, *_TO)
    if isinstance(content, Reply):
        addresses += f"\n<{content.organizer}>"
    return _incoming(message, content, addresses, reported_ids(message, data))


def _unread(why: NotRead, data: bytes) -> Incoming:
    """Whose it is stands in its headers all the same."""
    try:
        message = head_of(data)
        return _incoming(message, why, raw_headers(message, *_TO), referred_ids(message))
    except _BROKEN:
        return Incoming(why)


def _incoming(message: Message, content: Content, addresses: str, ids: Iterable[str]) -> Incoming:
    return Incoming(
        content,
        tokens=_tokens(addresses),
        about=tuple(islice(dict.fromkeys(ids), _MOST_IDS)),
        sender=address_in(header(message, "From"))[:254],
        subject=header(message, "Subject")[:300],
    )


def _tokens(addresses: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in _PLUS.findall(addresses)))[:_MOST_IDS]


def _content(message: Message, zone: dt.tzinfo) -> Content:
    """A calendar's answer before all else: a room that accepts by itself has accepted."""
    parts = list(parts_of(message))
    for reply in _replies(parts, zone):
        return _with_words(reply, parts)
    bounce = bounce_in(message)
    if bounce is not None:
        return bounce
    why = _automatic(message)
    return Automatic(why) if why else Words(_words(parts))


def _replies(parts: list[Part], zone: dt.tzinfo) -> Iterator[Reply]:
    for part in parts:
        named = part.name.lower().endswith((".ics", ".vcs"))
        if part.kind in _CALENDARS or named or looks_like_one(part.data):
            reply = reply_in(part.text, zone, part.method)
            if reply is not None:
                yield reply


def _with_words(reply: Reply, parts: list[Part]) -> Reply:
    """Outlook leaves in the mail what somebody wrote beside their answer; what others write there
    is their own program's."""
    calendars = (part.data for part in parts if part.kind in _CALENDARS)
    is_outlook = any(b"microsoft" in data[:2000].lower() for data in calendars)
    if reply.comment or not is_outlook:
        return reply
    text = next((part.text for part in parts if part.kind == "text/plain"), "")
    return replace(reply, comment=_shortened(text)[:MOST_COMMENT])


def _automatic(message: Message) -> str:
    """The header by which a program says that it wrote this (RFC 3834, 5); empty: none does."""
    said = header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    if said and said != "no":
        return f"Auto-Submitted: {said}"[:100]
    for name in ("X-Autoreply", "X-Autorespond"):
        if name in message:
            return name
    # What lists and people's own programs write too (bulk, X-Auto-Response-Suppress) says nothing.
    precedence = header(message, "Precedence").lower()
    return f"Precedence: {precedence}" if precedence == "auto_reply" else ""


def _words(parts: list[Part]) -> str:
    for part in parts:
        if part.kind == "text/plain" and part.text.strip():
            return _shortened(part.text)
    for part in parts:
        if part.kind == "text/html":
            return _words_of_page(part.text)
    return ""


def _words_of_page(page: str) -> str:
    page = page[max(page.lower().find("<body"), 0) :]
    pieces = _UNSEEN.split(page)  # between them, whether the one before ends what is not seen
    ends = ("/", *pieces[1::2])
    seen = [one for one, end in zip(pieces[::2], ends, strict=True) if end]
    text = " ".join(seen)[: MOST_TEXT * 20]
    quoted = _QUOTED_PART.search(text)
    above = _text_of(text[: quoted.start()]) if quoted is not None else ""
    return above or _text_of(text)


def _text_of(page: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", page)).split())[:MOST_TEXT]


def _shortened(text: str) -> str:
    """What was written, without the mail that it answers: below or between its lines too, where
    they are marked as quoted, else up to where it begins."""
    lines = many_lines(text).split("\n")
    last = max((at for at, line in enumerate(lines) if line.startswith(">")), default=-1)
    kept: list[str] = []
    for at, line in enumerate(lines):
        begins = _QUOTES.match(line)
        if _QUOTED.match(line) or (begins and at > last):
            break
        if not begins and not line.startswith(">"):
            kept.append(line)
    return "\n".join(kept).strip()[:MOST_TEXT]
