"""What a message that came in says. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

# What a calendar says of whoever was invited (RFC 5545, 3.2.12), as far as it is an answer.
Answer = Literal["accepted", "declined", "tentative"]
# Why a message is not read at all.
Unread = Literal["too_large", "too_many_lines", "unreadable"]


@dataclass(frozen=True, slots=True)
class Reply:
    """The iTIP answer of one attendee: a REPLY, or a COUNTER where it proposes a time (RFC 5546,
    3.2.3 and 3.2.7). `answer`: None where it delegates, or says nothing that is one."""

    uid: str
    answer: Answer | None
    sequence: int | None = None
    stamped_at: dt.datetime | None = None  # DTSTAMP: when it was given
    sitting: dt.datetime | None = None  # RECURRENCE-ID: it speaks of what begins then alone
    attendee: str = ""  # an address; nobody proved that it is whose it says
    organizer: str = ""
    comment: str = ""
    proposed: tuple[dt.datetime, dt.datetime | None] | None = None
    is_counter: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server reports of a mail (RFC 3464). delayed: it still tries. arrived: nothing is
    wrong. `words` are the server's."""

    action: Literal["failed", "delayed", "arrived"]
    status: str  # 5.1.1, or empty
    words: str
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Automatic:
    """A program answered, and nobody read anything (RFC 3834); `why` is the header that says so."""

    why: str


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody wrote something, which people have to read."""

    text: str


@dataclass(frozen=True, slots=True)
class NotRead:
    why: Unread


# A clock that is wrong, or a calendar's "never": beyond them a moment has no time of day elsewhere.
_FIRST, _END = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1900, 2101))


def is_of_our_time(moment: dt.datetime) -> bool:
    """Whether it can be meant, and be shown in any zone."""
    return _FIRST <= moment < _END


Content = Reply | Bounce | Automatic | Words | NotRead


@dataclass(frozen=True, slots=True)
class Incoming:
    """`tokens`: what may be tokens of ours, in the addresses it was sent to; `about`: Message-IDs
    that it answers or reports of, without their brackets. `sender` is shown, and proves nothing."""

    content: Content
    tokens: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    sender: str = ""
    subject: str = ""
