"""A message taken apart (RFC 5322, 2045 to 2047), however it is put together. Pure.

The library reads what is wrong as best it can. What it costs is bounded before: it takes a step of
its stack for each nested part, and looks at each line for the ends of all parts around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from confhub.mail.intake.found import NotRead
from confhub.words.texts import one_line

# An answer is some kilobytes, with the invitation quoted in it some tens; pictures of a signature
# make it a megabyte.
MOST_BYTES = 2 * 1024 * 1024
# The longest that are counted as such have some thousand; two megabytes of base64 have 28,000.
MOST_LINES = 60_000
# Containers: signed and forwarded mails have about ten.
MOST_PARTS = 40
# Of a header as it comes; it is cut to what is shown later.
_MOST_HEADER = 10_000
_NESTING = re.compile(rb"multipart/|message/", re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()\[\]@]{1,253}")


@dataclass(frozen=True, slots=True)
class Part:
    """`kind` as its header has it, in small letters: text/plain. `data`: decoded."""

    kind: str
    name: str
    charset: str
    method: str  # of a calendar, as its header has it
    data: bytes

    @property
    def text(self) -> str:
        return decoded(self.data, self.charset)


def opened(data: bytes) -> Message | NotRead:
    """The message, or why it is not looked at."""
    if len(data) > MOST_BYTES:
        return NotRead("too_large")
    if len(_LINE_END.findall(data)) > MOST_LINES:
        return NotRead("too_many_lines")
    if len(_NESTING.findall(data)) > MOST_PARTS:
        return NotRead("too_many_parts")
    return message_from_bytes(data)


def parts_of(message: Message, *, enclosed: bool = False) -> Iterator[Part]:
    """What is no container; what stands in a message that is enclosed only where asked for."""
    waiting = [message]
    for _ in range(MOST_PARTS * 10):
        if not waiting:
            return
        one = waiting.pop(0)
        if one.is_multipart():
            inner = one.get_payload()
            if isinstance(inner, list) and (enclosed or not _encloses(one)):
                waiting[:0] = [part for part in inner if isinstance(part, Message)]
            continue
        yield _part(one)


def _encloses(one: Message) -> bool:
    return one.get_content_maintype() == "message"


def _part(one: Message) -> Part:
    payload = one.get_payload(decode=True)
    return Part(
        one.get_content_type(),
        one_line(one.get_filename() or ""),
        str(one.get_content_charset() or ""),
        _parameter(one, "method").upper(),
        payload if isinstance(payload, bytes) else b"",
    )


def _parameter(one: Message, name: str) -> str:
    value = one.get_param(name, "")
    return value if isinstance(value, str) else ""


def decoded(data: bytes, charset: str) -> str:
    """As text, whatever it says it is: what is none in its own charset may be UTF-8, else it is
    the one of Vietnamese Windows."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name or "utf-8")
        except (LookupError, ValueError):  # no such charset; not of it
            continue
    return data.decode("cp1258", "replace")


def header(message: Message, name: str) -> str:
    """As people read it, one line; empty where there is none."""
    raw = str(message.get(name, ""))[:_MOST_HEADER]
    try:
        words = decode_header(raw)
    except (HeaderParseError, ValueError):
        return one_line(raw)
    shown = "".join(
        word if isinstance(word, str) else decoded(word, charset or "") for word, charset in words
    )
    return one_line(shown)


def raw_headers(message: Message, *names: str) -> str:
    """All of these as they stand, to look for something in them."""
    values = [str(one) for name in names for one in message.get_all(name, [])]
    return "\n".join(values)[:_MOST_HEADER]


def address_in(text: str) -> str:
    """The last address in a header, which stands behind the name; empty: none."""
    found = _ADDRESS.findall(text)
    return found[-1] if found else ""
