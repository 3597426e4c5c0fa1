"""A message taken apart (RFC 5322, 2045 to 2047), however it is put together. Pure.

The library reads what is wrong as best it can. What it costs is bounded before: it takes a step of
its stack for each nested part, looks at each line for the ends of all parts around it, and takes
the square of the parameters of a header.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser

from confhub.mail.intake.found import NotRead
from confhub.words.texts import one_line

# An answer is some kilobytes, with the invitation quoted in it some tens; pictures of a signature
# make it a megabyte.
MOST_BYTES = 2 * 1024 * 1024
# The longest that are counted as such have some thousand; two megabytes of base64 have 28,000.
MOST_LINES = 60_000
# Containers within each other: a signed mail that was forwarded twice has about ten. What is deeper
# is not opened.
MOST_NESTED = 20
# What is looked at; a mail with some dozen files has as many.
MOST_PARTS = 400
# Of a message that is not read, what says whose it is: the headers of long ways have some ten.
_HEAD_BYTES = 64 * 1024
# A list of several hundred receivers, and what servers on a long way write.
_MOST_HEADER = 32 * 1024
_MOST_HEADERS = 1000
_MOST_NAME = 100
# What is shown has 300 signs, each of them nine where it is coded.
_MOST_SHOWN = 5000
# Real ones have five; a long name of a file comes in some twenty pieces (RFC 2231).
_MOST_PARAMETERS = 40
_MOST_PARAMETER_SIGNS = 4000
_WITH_PARAMETERS = frozenset({"content-type", "content-disposition"})
# Their names are shorter. Of these no mail is, and they take the square of a text, or warn.
_MOST_CHARSET = 40
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape"})
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


class _Message(Message):
    """One that costs what its bytes do, whatever its headers say."""

    depth = 0  # so many containers stand around it

    def attach(self, payload: Message) -> None:  # type: ignore[override]
        if isinstance(payload, _Message):
            payload.depth = self.depth + 1
        super().attach(payload)

    def set_raw(self, name: str, value: str) -> None:
        if len(self) < _MOST_HEADERS and len(name) <= _MOST_NAME:
            super().set_raw(name, _bounded(name, value))

    def get_content_type(self) -> str:
        kind = super().get_content_type()
        is_container = kind.startswith(("multipart/", "message/"))
        return "application/octet-stream" if is_container and self.depth >= MOST_NESTED else kind

    def get_boundary(self, failobj: object = None) -> str | None:  # type: ignore[override]
        """None also where its charset is none: the parts are found by the library as it reads."""
        return _said(super().get_boundary) or None


def _bounded(name: str, value: str) -> str:
    if name.lower() not in _WITH_PARAMETERS:
        return value[:_MOST_HEADER]
    pieces = value[:_MOST_PARAMETER_SIGNS].split(";", _MOST_PARAMETERS)
    return ";".join(pieces[:_MOST_PARAMETERS])


def _said(ask: Callable[[], object]) -> str:
    """What a header says in a way that may be broken; empty: nothing."""
    try:
        found = ask()
    except (ValueError, LookupError, TypeError):  # no such charset; a zero in its name
        return ""
    return found if isinstance(found, str) else ""


def opened(data: bytes) -> Message | NotRead:
    """The message, or why it is not looked at."""
    if len(data) > MOST_BYTES:
        return NotRead("too_large")
    if data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") > MOST_LINES:
        return NotRead("too_many_lines")
    return BytesParser(_Message).parsebytes(data)


def head_of(data: bytes) -> Message:
    """The headers alone, of a message that is not looked at."""
    return BytesParser(_Message).parsebytes(data[:_HEAD_BYTES], headersonly=True)


def parts_of(message: Message, *, enclosed: bool = False) -> Iterator[Part]:
    """What is no container; what stands in a message that is enclosed only where asked for."""
    waiting = [message]
    for _ in range(MOST_PARTS):
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
        one_line(_said(one.get_filename)),
        _said(one.get_content_charset),
        _said(lambda: one.get_param("method")).upper(),
        payload if isinstance(payload, bytes) else b"",
    )


def decoded(data: bytes, charset: str) -> str:
    """As text, whatever it says it is: what is none in its own charset may be UTF-8, else it is
    the one of Vietnamese Windows."""
    for name in (charset, "utf-8"):
        try:
            if codecs.lookup(name[:_MOST_CHARSET] or "utf-8").name in _NO_CHARSETS:
                continue
            return data.decode(name or "utf-8")
        except (LookupError, ValueError):  # no such charset; not of it
            continue
    return data.decode("cp1258", "replace")


def header(message: Message, name: str) -> str:
    """As people read it, one line; empty where there is none."""
    raw = str(message.get(name, ""))[:_MOST_SHOWN]
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
    return "\n".join(values)[: _MOST_HEADER * 2]


def address_in(text: str) -> str:
    """The last address in a header, which stands behind the name; empty: none."""
    found = _ADDRESS.findall(text)
    return found[-1] if found else ""
