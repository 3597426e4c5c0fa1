"""What mail servers report of a mail of ours (RFC 3462, 3464), older ones in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Literal

from confhub.mail.intake.found import Bounce
from confhub.mail.intake.mime import Part, header, parts_of, raw_headers
from confhub.words.texts import many_lines, one_line

MOST_WORDS = 500
Action = Literal["failed", "delayed", "arrived"]
_ACTIONS: Mapping[str, Action] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "arrived",
    "relayed": "arrived",
    "expanded": "arrived",
}
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
# Of what a report sends back: the whole mail, or its headers alone.
_ITS_ID = re.compile(rb"^message-id:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)
_ENVELOPE = re.compile(r"^original-envelope-id:\s*(\S{1,250})", re.IGNORECASE | re.MULTILINE)
_DAEMON = re.compile(r"mailer-daemon|postmaster", re.IGNORECASE)
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def bounce_in(message: Message) -> Bounce | None:
    """The report that a message is; None where it is none."""
    blocks = list(_blocks(message))
    reported = [one for one in blocks if one.get("action", "").lower() in _ACTIONS]
    if reported:
        # One site a mail: of several lines the worst is of it.
        worst = min(reported, key=lambda one: list(_ACTIONS).index(one["action"].lower()))
        return _of_block(worst)
    return _in_words(message)


def reported_ids(message: Message, data: bytes) -> Iterator[str]:
    """Message-IDs of the mails that it may report of: what it sends back, the envelope's id, and
    what it refers to."""
    for found in _ITS_ID.findall(data):
        yield found.decode("ascii", "replace")
    for block in _raw_blocks(message):
        yield from _ENVELOPE.findall(block)
    yield from _MESSAGE_ID.findall(raw_headers(message, "In-Reply-To", "References"))


def _raw_blocks(message: Message) -> Iterator[str]:
    for one in _status_parts(message):
        inner = one.get_payload()
        if isinstance(inner, list):
            yield from (str(block) for block in inner if isinstance(block, Message))
        else:
            yield str(inner)


def _status_parts(message: Message) -> Iterator[Message]:
    return (
        one
        for one in message.walk()
        if one.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
    )


def _blocks(message: Message) -> Iterator[dict[str, str]]:
    """The fields of each recipient, by their names in small letters."""
    for one in _status_parts(message):
        inner = one.get_payload()
        for block in inner if isinstance(inner, list) else ():
            if isinstance(block, Message):
                yield {name.lower(): header(block, name) for name in block}


def _of_block(block: Mapping[str, str]) -> Bounce:
    words = _behind(block.get("diagnostic-code", "")) or block.get("status", "")
    recipient = block.get("original-recipient") or block.get("final-recipient", "")
    found = _STATUS.search(block.get("status", ""))
    return Bounce(
        _ACTIONS[block["action"].lower()],
        found[0] if found is not None else "",
        one_line(words)[:MOST_WORDS],
        _behind(recipient)[:254],
    )


def _behind(typed: str) -> str:
    """The value of a field that says its kind first: smtp; 550 no such user."""
    kind, semicolon, value = typed.partition(";")
    return (value if semicolon else kind).strip()


def _in_words(message: Message) -> Bounce | None:
    """Servers that know no RFC 3464 say who they are, and then what happened."""
    is_empty = header(message, "Return-Path") == "<>"
    failed = header(message, "X-Failed-Recipients")  # Exim
    is_daemon = _DAEMON.search(header(message, "From").rpartition("<")[2].partition("@")[0])
    if not failed and not (is_empty and is_daemon):
        return None
    text = next((part.text for part in parts_of(message) if _is_text(part)), "")
    found = _STATUS.search(text)
    status = found[0] if found is not None else ""
    action: Action = "delayed" if status.startswith("4") else "failed"
    return Bounce(action, status, many_lines(text)[:MOST_WORDS], failed[:254])


def _is_text(part: Part) -> bool:
    return part.kind == "text/plain"
