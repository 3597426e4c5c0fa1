"""The chain: every line gets a number without gaps, and a hash over itself and the one before.

Whoever changes, takes away, adds or swaps a line breaks the chain there, or must make every later
hash anew, and then its head is another than the one that was noted
(docs/decisions/018-audit-chain.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import NamedTuple

# What the first line of all is chained to.
BEGINNING = "0" * 64


class Line(NamedTuple):
    """A line as it stands in the table; `changes` is its text."""

    id: str
    at: dt.datetime
    account_id: str
    action: str
    subject: str
    detail: str
    address: str
    changes: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A line in its place; `hash` is empty, and `seq` 0, while it waits for one. `before`: the hash
    of the line before, where it was asked for: by it the line is checked alone."""

    line: Line
    seq: int = 0
    hash: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the lines that are kept begin and end: `anchor` is the hash of the last one that was
    forgotten, or BEGINNING; `head` that of line `last`."""

    first: int = 1
    anchor: str = BEGINNING
    last: int = 0
    head: str = BEGINNING


def seal(before: str, seq: int, line: Line) -> str:
    """SHA-256, in hexadecimal, of a JSON array: the hash before, the number, the line's columns in
    order. UTF-8, no spaces; the moment in UTC with microseconds."""
    at = line.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    parts = [before, seq, line.id, at, *line[2:]]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def forgotten(ends: Ends) -> str:
    """What the line says on record by which old lines were forgotten: up to which, and its hash."""
    return f"{ends.first - 1}:{ends.anchor}"
