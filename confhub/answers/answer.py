"""One site's answer to one meeting. Pure.

An answer is to the begins of all sittings: of a meeting that moved since, or of which one did, it
stays and is shown, and is to be confirmed again. Who may give one: desks/answers/giving.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from confhub.answers.given import REMARK_LENGTH, Given, State
from confhub.errors import N_, Conflict
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting, same_begins
from confhub.words.texts import one_line

# link: whoever holds the site's link; account: somebody of its unit; behalf: of a unit above, or of
# the one that hosts the meeting; mail: the reply of a mail program.
Way = Literal["link", "account", "behalf", "mail"]


class AnsweredElsewhere(Conflict):
    """Somebody else answered for the site since it was looked at; nothing was kept."""

    code = "answered_elsewhere"
    message = N_(
        "Điểm cầu này vừa được xác nhận ở nơi khác nên nội dung của bạn chưa được ghi. Xin xem lại"
        " bên dưới, rồi gửi lại nếu vẫn cần."
    )


class NoAnswerNow(Conflict):
    """The meeting has no time, or is over."""

    code = "no_answer_now"
    message = N_("Cuộc họp đã kết thúc hoặc đã hủy nên không cần xác nhận nữa.")


_NO_TIME = N_("Cuộc họp chưa có giờ. Xin xác nhận khi có lịch mới.")


@dataclass(frozen=True, slots=True)
class By:
    """Who answers. `account_id` is empty for a link's holder and for mail; `unit_id` is set of who
    speaks on the site's behalf: theirs."""

    way: Way
    account_id: str = ""
    unit_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`version` counts the site's answers to the meeting. `sequence` is that of its last reply by
    mail (RFC 5546, 2.1.5). `sittings`: of the meeting as it was answered, none where it had one;
    None where an older program kept the answer, which knew the first begin alone."""

    meeting_id: str
    site_id: str
    given: Given
    by: By
    answered_at: dt.datetime
    meeting_version: int
    starts_at: dt.datetime
    version: int = 1
    sequence: int | None = None
    sittings: tuple[Sitting, ...] | None = ()

    def is_for(self, meeting: Meeting) -> bool:
        """Whether it is to the meeting's present days; else it is to be confirmed again."""
        return is_as_set(self.starts_at, self.sittings, meeting)

    def is_no_more_for(self, meeting: Meeting) -> tuple[Sitting, ...]:
        """The sittings that it was to and that are not held as they were; where it was to one
        alone, nobody knows until when that was to last, and there are none."""
        return beside(self.sittings or (), meeting.all_sittings)

    def says_nothing_of(self, meeting: Meeting) -> tuple[Sitting, ...]:
        """The sittings ahead that it is not to."""
        known = self.sittings or (Sitting(self.starts_at, self.starts_at),)
        return beside(meeting.to_come, known)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a mail program sent: `stamp` is its DTSTAMP, `sequence` the SEQUENCE of the invitation
    that it answers, None where it left that out. `remark`, of any length, is empty where it said
    nothing."""

    state: State
    remark: str
    stamp: dt.datetime
    sequence: int | None = None


def is_as_set(
    starts_at: dt.datetime, sittings: tuple[Sitting, ...] | None, meeting: Meeting
) -> bool:
    """Whether the meeting is to begin as when it was set for that start and those sittings."""
    if starts_at != meeting.starts_at:
        return False
    if sittings is None or (sittings and sittings[0].starts_at != starts_at):
        return True  # an older program wrote the one and knew nothing of the other
    return same_begins(sittings or (Sitting(starts_at, starts_at),), meeting.all_sittings)


def beside(some: Sequence[Sitting], others: Sequence[Sitting]) -> tuple[Sitting, ...]:
    """Those that begin as none of the others."""
    begins = {one.starts_at for one in others}
    return tuple(one for one in some if one.starts_at not in begins)


def check_open(meeting: Meeting, now: dt.datetime) -> None:
    """Raise NoAnswerNow unless the meeting has a time and is not over."""
    if meeting.status in ("draft", "postponed"):
        raise NoAnswerNow(_NO_TIME)
    is_over = meeting.status == "scheduled" and meeting.ends_at <= now
    if is_over or meeting.status not in ("scheduled", "live"):
        raise NoAnswerNow


def is_open(meeting: Meeting, now: dt.datetime) -> bool:
    """Whether sites may answer."""
    try:
        check_open(meeting, now)
    except NoAnswerNow:
        return False
    return True


def answered(
    known: Answer | None, meeting: Meeting, site_id: str, given: Given, by: By, now: dt.datetime
) -> Answer:
    """The site's answer in place of the one before."""
    return Answer(
        meeting.id,
        site_id,
        given,
        by,
        now,
        meeting.version,
        meeting.starts_at,
        known.version + 1 if known is not None else 1,
        known.sequence if known is not None else None,
        meeting.sittings,
    )


def is_repeat(known: Answer | None, meeting: Meeting, given: Given, by: By, version: int) -> bool:
    """Whether just this answer to that version is what stands: it was sent twice."""
    return (
        known is not None
        and known.version == version + 1
        and (known.given, known.by) == (given, by)
        and known.is_for(meeting)
    )


def replied(
    known: Answer | None,
    meeting: Meeting,
    site_id: str,
    reply: Reply,
    by: By,
    told: Meeting,
    now: dt.datetime,
) -> Answer | None:
    """With the reply, which was to the meeting as it was `told`; people whom the site named stay.
    None: the site said something newer, by mail or by a page.

    A sender's clock that is ahead says nothing of the future.
    """
    at = min(reply.stamp, now)
    if known is not None and (at <= known.answered_at or _is_outdated(known, reply)):
        return None
    before = known.given if known is not None else Given(reply.state)
    remark = one_line(reply.remark)[:REMARK_LENGTH] or before.remark
    given = replace(before, state=reply.state, remark=remark)
    return replace(
        answered(known, meeting, site_id, given, by, at),
        starts_at=told.starts_at,
        sittings=told.sittings,
        sequence=reply.sequence,
    )


def _is_outdated(known: Answer, reply: Reply) -> bool:
    """Whether it answers an invitation from before the one that was answered last."""
    if reply.sequence is None:
        return False
    return reply.sequence < (known.sequence or 0)
