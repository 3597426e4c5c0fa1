"""What sites are told of a meeting by mail, and which mail tells it to whom. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from confhub.identity import part_id
from confhub.meetings.meeting import Meeting
from confhub.people.calls import Call

# invite: for the first time, or again after a cancel; change: another time or place; link: another
# way in, and maybe these too; remind: it did not answer; hold: put off without a time; cancel:
# called off; drop: the site is not invited any more.
MailKind = Literal["invite", "change", "link", "remind", "hold", "cancel", "drop"]
# waiting: to be sent, or sent again after a failure that may pass; refused: or given
# up; dropped: before it was sent there was something newer to tell.
MailState = Literal["waiting", "sent", "refused", "dropped"]
# The meeting's states in which sites are invited: before them there is no link, after them nothing
# to come to.
TOLD = frozenset({"scheduled", "live"})
_ONLY_TOLD: Mapping[str, MailKind] = {"postponed": "hold", "cancelled": "cancel"}
Hours = tuple[tuple[dt.datetime, dt.datetime], ...]
# After these the site knows of no meeting.
_PARTING: frozenset[MailKind] = frozenset({"cancel", "drop"})


@dataclass(frozen=True, slots=True)
class Paper:
    """The official letter of a meeting, where one was issued: its number as it is said, and the
    name of its file."""

    id: str
    said: str
    name: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A meeting as it stood at one version, with what else its sites are told.

    `meeting` comes without its sites: nobody reads who else is invited.
    """

    id: str
    meeting: Meeting
    made_at: dt.datetime
    host: str  # the unit's name
    place: str  # the presiding room
    opens_at: dt.datetime
    calls: tuple[Call, ...] = ()
    origin: str = ""  # of the addresses in it: https://hop.example.gov.vn
    answer_by: dt.datetime | None = None
    paper: Paper | None = None


def letter_id(meeting_id: str, origin: str, version: int, paper: Paper | None = None) -> str:
    """Of what is told of that version of a meeting, with addresses of that origin, and the official
    letter, which is issued without a change of the meeting."""
    rest = f" {paper.id}" if paper is not None else ""
    return part_id(f"letter {meeting_id} {origin}", f"{version}{rest}")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one site, the `number`th of its meeting. `before_id`: the letter of which the
    site knows. `tries` is the epoch of whoever sends it; `in_hand`: somebody does, or was killed
    while doing it, or never heard how it ended, so that it may have arrived."""

    id: str
    meeting_id: str
    site_id: str
    number: int
    kind: MailKind
    letter_id: str
    link_id: str
    made_at: dt.datetime
    next_at: dt.datetime
    before_id: str | None = None
    state: MailState = "waiting"
    settled_at: dt.datetime | None = None
    tries: int = 0
    in_hand: bool = False
    address: str = ""  # where it went, or was refused
    error: str = ""  # as `parts_of` reads it

    @property
    def may_have_arrived(self) -> bool:
        return self.state == "sent" or self.in_hand

    @property
    def parts(self) -> bool:
        """Whether the site knows of no meeting after it."""
        return self.kind in _PARTING


def kind_of(
    letter: Letter,
    link_id: str,
    known: tuple[Mail, Letter] | None,
    *,
    invited: bool,
    answered: bool = False,
) -> MailKind | None:
    """What a site is to be told now; None: nothing. `answered`: nobody waits for its answer.

    `known`: the last mail that may have reached it, and what that told. `link_id` is empty where
    its link was revoked: whoever did so does not want it to come.
    """
    status = letter.meeting.status
    knows = known is not None and not known[0].parts
    if status == "draft" or (status == "ended" and not (knows and _lost_the_rest(known, letter))):
        return None
    if status == "cancelled":
        return "cancel" if knows else None
    if not invited:
        return "drop" if knows else None
    if not link_id:
        return None
    if known is None or not knows:  # without a time there is nothing to come to
        return None if status == "postponed" else "invite"
    mail, before = known
    if status == "postponed":
        same = mail.kind == "hold" and before.meeting.status_reason == letter.meeting.status_reason
        return None if same else "hold"
    if mail.link_id != link_id:
        return "link"
    if status == "live":  # who is in the room hears of it there
        return None
    news = set(changes(before, letter))
    if answered:
        news.discard("deadline")
    return "change" if news else None


def same_news(one: Mail, told: Letter, kind: MailKind, link_id: str, letter: Letter) -> bool:
    """Whether a mail, which tells `told`, says all that one of `kind` would say of `letter`."""
    if (one.kind, one.link_id) != (kind, link_id):
        return False
    return told.meeting.status_reason == letter.meeting.status_reason and not any(
        changes(told, letter)
    )


def reads_alike(one: Letter, other: Letter) -> bool:
    """Whether two letters say the same, also what is no news by itself: an agenda, a note."""
    meeting = replace(one.meeting, version=other.meeting.version)
    return replace(one, id=other.id, made_at=other.made_at, meeting=meeting) == other


def may_be_repeated(mail: Mail, status: str, *, has_link: bool) -> bool:
    """Whether the site's last mail, which was sent or refused, may be true still, so that it may be
    asked for once more. `status`: the meeting's now; `has_link`: the site has one that lives."""
    if mail.state not in ("sent", "refused"):
        return False
    if status in TOLD:
        return has_link
    return mail.state == "refused" and mail.kind == _ONLY_TOLD.get(status)


Change = Literal["time", "title", "place", "chair", "paper", "deadline"]


def changes(before: Letter, after: Letter) -> Iterator[Change]:
    """What of a meeting changed that its sites must know. A time that was found after the meeting
    was put off is told even where it is the old one; an official letter that holds no more, as
    after a move, is no news before there is another."""
    old, new = before.meeting, after.meeting
    was_off = old.status == "postponed" and new.status != "postponed"
    if was_off or _ahead(old, new, after.made_at) != _ahead(new, old, after.made_at):
        yield "time"
    if old.title != new.title:
        yield "title"
    if old.chair_site_id != new.chair_site_id:
        yield "place"
    if old.chair_name != new.chair_name:
        yield "chair"
    if after.paper is not None and after.paper != before.paper:
        yield "paper"
    deadlines = before.answer_by, after.answer_by
    if None not in deadlines and deadlines[0] != deadlines[1]:
        yield "deadline"


def _lost_the_rest(known: tuple[Mail, Letter] | None, letter: Letter) -> bool:
    """Whether the site may still come to a sitting that was taken out of what has ended."""
    told = known[1].meeting if known is not None else letter.meeting
    now = letter.made_at
    return len(told.hours) > 1 and len(_ahead(told, letter.meeting, now)) > len(
        _ahead(letter.meeting, told, now)
    )


def _ahead(meeting: Meeting, other: Meeting, now: dt.datetime) -> Hours:
    """What of its hours is news beside another's. Of several sittings those that have begun are
    none: who is in the room heard there that one lasts longer, or ends."""
    if len(meeting.hours) == len(other.hours) == 1:
        return meeting.hours
    return tuple(span for span in meeting.hours if span[0] > now)
