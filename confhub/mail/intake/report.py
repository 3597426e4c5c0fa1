"""What mail servers report of a mail of ours (RFC 3462, 3464), older ones in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from itertools import islice
from typing import Literal

from confhub.mail.intake.found import Bounce
from confhub.mail.intake.mime import Part, header, parts_of, raw_headers
from confhub.words.texts import many_lines, one_line

MOST_WORDS = 500
# A report of one mail to one address has two, and forwarders put theirs behind.
_MOST_BLOCKS = 50
_FIELDS = ("action", "status", "diagnostic-code", "original-recipient", "final-recipient")
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
_DAEMON = re.compile(r"mailer-daemon|postmaster", re.IGNORECASE)
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def bounce_in(message: Message) -> Bounce | None:
    """The report that a message is; None where it is none."""
    blocks = list(_blocks(message))
    reported = [one for one in blocks if one["action"].lower() in _ACTIONS]
    if reported:
        # One site a mail: of several lines the worst is of it.
        worst = min(reported, key=lambda one: list(_ACTIONS).index(one["action"].lower()))
        return _of_block(worst)
    return _in_words(message)


def reported_ids(message: Message, data: bytes) -> Iterator[str]:
    """Message-IDs of the mails that it may report of: what it sends back, and what it refers to."""
    for found in _ITS_ID.findall(data):
        yield found.decode("ascii", "replace")
    yield from referred_ids(message)


def referred_ids(message: Message) -> Iterator[str]:
    """Message-IDs of the mails that it answers, as its headers have them."""
    yield from _MESSAGE_ID.findall(raw_headers(message, "In-Reply-To", "References"))


def _status_parts(message: Message) -> Iterator[Message]:
    return (
        one
        for one in message.walk()
        if one.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
    )


def _blocks(message: Message) -> Iterator[dict[str, str]]:
    """What is read of each recipient's fields, by their names in small letters."""
    for block in islice(_raw_blocks(message), _MOST_BLOCKS):
        yield {name: header(block, name) for name in _FIELDS}


def _raw_blocks(message: Message) -> Iterator[Message]:
    for one in _status_parts(message):
        inner = one.get_payload()
        if isinstance(inner, list):
            yield from (block for block in inner if isinstance(block, Message))


def _of_block(block: Mapping[str, str]) -> Bounce:
    words = _behind(block["diagnostic-code"]) or block["status"]
    recipient = block["original-recipient"] or block["final-recipient"]
    found = _STATUS.search(block["status"])
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
