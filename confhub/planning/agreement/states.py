"""A meeting's time, agreed with the technical centre that runs the hub. Pure.

The table below says what may become of what; who may do it is asked in
desks/agreements.py, and why it is so is written in docs/decisions/019-slot-agreement.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors
from confhub.meetings.changes import REASON_LENGTH
from confhub.meetings.meeting import Meeting

State = Literal["asked", "confirmed", "declined", "proposed", "taken_back", "lapsed"]
Step = Literal["ask", "confirm", "decline", "propose", "accept", "take_back", "lapse"]
Answer = Literal["confirm", "decline", "propose"]  # what the centre may say

_ANSWERS: Mapping[Step, State] = {
    "confirm": "confirmed",
    "decline": "declined",
    "propose": "proposed",
}
_ENDS: Mapping[Step, State] = {"ask": "asked", "take_back": "taken_back"}
TABLE: Mapping[State, Mapping[Step, State]] = {
    "asked": {**_ANSWERS, **_ENDS, "lapse": "lapsed"},
    # A power cut that was announced since: the centre goes back on its word, and says why.
    "confirmed": {"decline": "declined", "propose": "proposed", **_ENDS},
    "declined": {"confirm": "confirmed", "propose": "proposed", **_ENDS},
    "proposed": {**_ANSWERS, **_ENDS, "accept": "confirmed"},
    # Late is better than never.
    "lapsed": {**_ANSWERS, **_ENDS},
    "taken_back": {"ask": "asked"},
}
# The centre has to say something; a proposal waits for whoever plans the meeting.
WAITING: frozenset[State] = frozenset({"asked", "lapsed"})
UNCONFIRMED: frozenset[State] = frozenset({"asked", "declined", "proposed", "lapsed"})
SAME_TIME = N_("Giờ đề nghị trùng với giờ đang hỏi.")


class AnsweredMeanwhile(Conflict):
    """Somebody else answered, or the meeting got another time, since it was looked at."""

    code = "answered_meanwhile"
    message = N_(
        "Cuộc họp này vừa được người khác trả lời hoặc vừa đổi giờ, nên câu trả lời của bạn chưa"
        " được ghi. Xin xem lại rồi trả lời nếu vẫn cần."
    )


class NotNow(Conflict):
    """The step is not one of the state's."""

    code = "not_now"
    message = N_("Cuộc họp này không còn chờ trả lời về giờ họp.")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was asked for a meeting, and what became of it. Moments are aware.

    `released`: its sites may have their links, whatever is said later: what was sent is sent.
    """

    meeting_id: str
    centre_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    asked_at: dt.datetime
    due_at: dt.datetime
    remind_at: dt.datetime
    asked_by: str = ""  # an account; empty: the house, for a series
    state: State = "asked"
    released: bool = False
    answered_at: dt.datetime | None = None
    answered_by: str = ""
    reason: str = ""
    proposed_starts_at: dt.datetime | None = None  # of several sittings, of the first ahead
    proposed_ends_at: dt.datetime | None = None
    reminded_at: dt.datetime | None = None
    version: int = 1

    @property
    def holds_links(self) -> bool:
        """Whether the sites' links are not made yet."""
        return self.state in UNCONFIRMED and not self.released

    def is_urgent(self, now: dt.datetime) -> bool:
        """Whether the centre was reminded and still has time to answer."""
        return self.state == "asked" and self.reminded_at is not None and now < self.due_at


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the centre's; the times are those that it proposes."""

    step: Answer
    reason: str = ""
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None


def follow(
    known: Agreement | None,
    before: Meeting | None,
    after: Meeting,
    asking: Agreement | None,
) -> Agreement | None:
    """What stands once a meeting became `after`. `asking`: as a new question for it would be; None:
    nobody has to be asked.

    A meeting that had its time before anybody had to be asked keeps it unasked. Of another host
    with another centre, it is that one's to confirm, whatever the one before said.
    """
    if known is None:
        gets_time = before is None or before.status != "scheduled" or _span(before) != _span(after)
        gets_time = gets_time or _has_new_host(before, after)
        if after.status != "scheduled" or asking is None or not gets_time:
            return None
        # One that was put off has sent its links out; only of a draft nobody has heard.
        return replace(asking, released=before is not None and before.status != "draft")
    if after.status in ("cancelled", "postponed"):
        return known if known.state == "taken_back" else stepped(known, "take_back")
    if after.status != "scheduled":
        return known
    centre_id = asking.centre_id if asking is not None else None
    if _has_new_host(before, after) and centre_id != known.centre_id:
        return put_to(known, asking)
    is_same = _span(after) == (known.starts_at, known.ends_at) and known.state != "taken_back"
    if is_same:
        return known
    if known.state == "proposed" and span_ahead(after) == proposed_span(known):
        agreed = stepped(known, "accept")
        return replace(agreed, starts_at=after.starts_at, ends_at=after.ends_at)
    return put_to(known, asking)


def asked_anew(known: Agreement, asking: Agreement) -> Agreement:
    """The question again, of another time, or after an answer that did not help."""
    again = stepped(known, "ask")
    return replace(asking, released=known.released, version=again.version)


def answered(known: Agreement, said: Said, by: str, now: dt.datetime) -> Agreement:
    """With the centre's answer. NotNow, FieldErrors (`reason`, `start`)."""
    _check(known, said, now)
    return replace(
        stepped(known, said.step),
        answered_at=now,
        answered_by=by,
        reason=said.reason,
        proposed_starts_at=said.starts_at,
        proposed_ends_at=said.ends_at,
    )


def is_repeat(known: Agreement, said: Said, by: str, version: int) -> bool:
    """Whether just this answer to that version is what stands: it was sent twice."""
    same = (known.reason, known.proposed_starts_at, known.proposed_ends_at)
    return (
        known.version == version + 1
        and known.answered_by == by
        and known.state == _ANSWERS[said.step]
        and same == (said.reason, said.starts_at, said.ends_at)
    )


def stepped(known: Agreement, step: Step) -> Agreement:
    """NotNow unless the table has it."""
    state = TABLE[known.state].get(step)
    if state is None:
        raise NotNow
    released = known.released or state in ("confirmed", "lapsed")
    return replace(known, state=state, released=released, version=known.version + 1)


def proposed_span(known: Agreement) -> tuple[dt.datetime, dt.datetime] | None:
    if known.proposed_starts_at is None or known.proposed_ends_at is None:
        return None
    return known.proposed_starts_at, known.proposed_ends_at


def is_proposal_ahead(known: Agreement, now: dt.datetime) -> bool:
    """Whether a time is proposed that the meeting can still have."""
    proposed = proposed_span(known)
    return known.state == "proposed" and proposed is not None and proposed[0] > now


def put_to(known: Agreement, asking: Agreement | None) -> Agreement:
    """Of a meeting that takes place: asked once more, or taken back where nobody has to be asked;
    then its sites have their links."""
    if asking is not None:
        return asked_anew(known, asking)
    if known.state == "taken_back" and known.released:
        return known
    if known.state == "taken_back":
        return replace(known, released=True, version=known.version + 1)
    return replace(stepped(known, "take_back"), released=True)


def span_ahead(meeting: Meeting) -> tuple[dt.datetime, dt.datetime]:
    """From its first sitting ahead to the end of the last: what may still be put to another
    time."""
    return meeting.coming.starts_at, meeting.ends_at


def _has_new_host(before: Meeting | None, after: Meeting) -> bool:
    return before is not None and before.host_unit_id != after.host_unit_id


def _span(meeting: Meeting) -> tuple[dt.datetime, dt.datetime]:
    return meeting.starts_at, meeting.ends_at


def _check(known: Agreement, said: Said, now: dt.datetime) -> None:
    errors: dict[str, ConfhubError] = {}
    if said.step == "decline" and not said.reason:
        errors["reason"] = BadInput(N_("Xin nêu lý do; thư ký cuộc họp sẽ đọc được."))
    elif len(said.reason) > REASON_LENGTH:
        values = {"limit": REASON_LENGTH, "has": len(said.reason)}
        message = N_("Dài nhất %(limit)s ký tự; đang có %(has)s.")
        errors["reason"] = BadInput(message, values=values)
    if said.step == "propose":
        if said.starts_at is None or said.ends_at is None or said.ends_at <= said.starts_at:
            errors["start"] = BadInput(N_("Xin ghi giờ bắt đầu và giờ kết thúc đề nghị."))
        elif said.starts_at <= now:
            errors["start"] = BadInput(N_("Giờ mới đã qua. Xin chọn giờ trong tương lai."))
        elif (said.starts_at, said.ends_at) == (known.starts_at, known.ends_at):
            errors["start"] = BadInput(SAME_TIME)
    if errors:
        raise FieldErrors(errors)
