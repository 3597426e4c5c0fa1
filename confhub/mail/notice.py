"""What people are told by mail of a time that has to be confirmed, and how it reads. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard

from confhub.errors import N_
from confhub.identity import part_id
from confhub.mail.letter import MailState
from confhub.mail.text import Body, Say, moment, short_span, span
from confhub.meetings.changes import at_time
from confhub.meetings.meeting import Meeting
from confhub.people.person import Person
from confhub.planning.agreement.states import Agreement, proposed_span
from confhub.words.formats import Formats

# As the audit trail has it; what else happens to a question is mailed to nobody.
What = Literal["asked", "reminded", "confirmed", "declined", "proposed", "lapsed"]
TO_CENTRE: frozenset[str] = frozenset({"asked", "reminded"})
TO_PLANNERS: frozenset[str] = frozenset({"confirmed", "declined", "proposed", "lapsed"})
# A series is asked for, and confirmed, as many meetings at once: they come in one mail.
GATHERED: frozenset[What] = frozenset({"asked", "reminded", "confirmed"})
# Further meetings of one mail by name; the rest is counted.
MOST_NAMED = 12

_SUBJECTS: Mapping[What, str] = {
    "asked": N_("Xin xác nhận giờ họp: %(title)s, %(when)s"),
    "reminded": N_("Nhắc xác nhận giờ họp: %(title)s, %(when)s"),
    "confirmed": N_("Đã xác nhận giờ họp: %(title)s, %(when)s"),
    "declined": N_("Không xác nhận được giờ họp: %(title)s, %(when)s"),
    "proposed": N_("Đề nghị giờ họp khác: %(title)s, %(when)s"),
    "lapsed": N_("Chưa có trả lời về giờ họp: %(title)s, %(when)s"),
}
_HEADINGS: Mapping[What, str] = {
    "asked": N_("Xin xác nhận giờ họp"),
    "reminded": N_("Nhắc xác nhận giờ họp"),
    "confirmed": N_("Đã xác nhận giờ họp"),
    "declined": N_("Không xác nhận được giờ họp"),
    "proposed": N_("Đề nghị giờ họp khác"),
    "lapsed": N_("Chưa có trả lời về giờ họp"),
}
_INTRODUCTIONS: Mapping[What, str] = {
    "asked": N_("%(host)s xin %(centre)s xác nhận giờ của cuộc họp sau đây."),
    "reminded": N_("%(host)s còn chờ %(centre)s xác nhận giờ của cuộc họp sau đây."),
    "confirmed": N_("%(centre)s đã xác nhận giờ của cuộc họp sau đây: có thể gửi giấy mời."),
    "declined": N_("%(centre)s không xác nhận được giờ của cuộc họp sau đây."),
    "proposed": N_("%(centre)s đề nghị giờ khác cho cuộc họp sau đây."),
    "lapsed": N_(
        "%(centre)s không trả lời đúng hạn. Các điểm cầu đã có liên kết vào họp; xin gọi điện hỏi"
        " trước khi gửi giấy mời."
    ),
}
_OTHERS: Mapping[What, str] = {
    "asked": N_("Cũng chờ xác nhận"),
    "reminded": N_("Cũng chờ xác nhận"),
    "confirmed": N_("Cũng đã xác nhận"),
}
_SENT_OUT = N_("Giấy mời đã gửi thì không thu lại: xin báo các điểm cầu nếu đổi giờ.")


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to one account, about one version of a question; the rest as a Mail's."""

    id: str
    meeting_id: str
    account_id: str
    version: int
    what: What
    made_at: dt.datetime
    next_at: dt.datetime
    state: MailState = "waiting"
    settled_at: dt.datetime | None = None
    tries: int = 0
    in_hand: bool = False
    address: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it is told: units by their names; who asked, and who answered, where known."""

    agreement: Agreement
    meeting: Meeting
    host: str
    centre: str
    asks: Person | None = None
    answers: Person | None = None


def is_mailed(what: str) -> TypeGuard[What]:
    return what in TO_CENTRE or what in TO_PLANNERS


def notice_id(meeting_id: str, version: int, what: str, account_id: str) -> str:
    """The same for whoever plans it: nobody is told the same of one version twice."""
    return part_id(f"notice {meeting_id} {account_id}", f"{version} {what}")


def is_true(notice: Notice, asking: Asking, now: dt.datetime) -> bool:
    """Whether it may still be told: nothing happened to the question since, and the meeting is
    ahead."""
    same = asking.agreement.version == notice.version
    is_ahead = asking.meeting.next_begin(now) is not None
    return same and asking.meeting.status == "scheduled" and is_ahead


def notice_body(
    what: What, asking: Asking, others: Mapping[str, Meeting], origin: str, say: Say, fmt: Formats
) -> Body:
    """`others`: further meetings, by id, of which the same is told. `origin`: of the pages that it
    leads to."""
    meeting, to_centre = asking.meeting, what in TO_CENTRE
    named = {"title": meeting.title, "when": short_span(meeting, fmt)}
    units = {"host": asking.host, "centre": asking.centre}
    caller = asking.asks if to_centre else asking.answers
    link = f"{origin}/meetings/asked" if to_centre else f"{origin}/meetings/{meeting.id}"
    return Body(
        subject=say(_SUBJECTS[what]) % named,
        heading=say(_HEADINGS[what]),
        introduction=say(_INTRODUCTIONS[what]) % units,
        changed=tuple(_proposed(what, asking, say, fmt)),
        news=tuple(_news(what, asking, say)),
        facts=tuple(_facts(what, asking, say, fmt)),
        agenda=tuple(_named(others, say, fmt)),
        note="",
        link=link if origin else "",
        link_hints=(),
        answer="",
        calls=((caller.name, caller.phone),) if caller is not None and caller.phone else (),
        labels={
            "agenda": say(_OTHERS.get(what, "")) if others else "",
            "link": say(N_("Trả lời tại") if to_centre else N_("Xem cuộc họp tại")),
            "calls": say(N_("Cần hỏi, xin gọi")),
            "was": say(N_("trước đây")),
            "sender": say(N_("Thư do hệ thống họp trực tuyến gửi tự động.")),
            "note": "",
            "answer": "",
        },
    )


def _proposed(what: What, asking: Asking, say: Say, fmt: Formats) -> Iterator[tuple[str, str, str]]:
    proposed = proposed_span(asking.agreement)
    if what == "proposed" and proposed is not None:
        said_at = asking.agreement.answered_at or proposed[0]
        new = at_time(asking.meeting, *proposed, said_at)
        yield say(N_("Giờ đề nghị")), span(asking.meeting, fmt), span(new, fmt)


def _news(what: What, asking: Asking, say: Say) -> Iterator[str]:
    if what in ("declined", "proposed"):
        if asking.agreement.reason:
            yield say(N_("Lý do: %(reason)s")) % {"reason": asking.agreement.reason}
        if asking.agreement.released:
            yield say(_SENT_OUT)


def _facts(what: What, asking: Asking, say: Say, fmt: Formats) -> Iterator[tuple[str, str]]:
    meeting, known = asking.meeting, asking.agreement
    yield say(N_("Nội dung")), meeting.title
    yield say(N_("Thời gian")), span(meeting, fmt)
    yield say(N_("Đơn vị chủ trì")), asking.host
    yield say(N_("Trung tâm kỹ thuật")), asking.centre
    if what in TO_CENTRE:
        yield say(N_("Xin trả lời trước")), moment(known.due_at, fmt)
    elif asking.answers is not None:
        yield say(N_("Người trả lời")), asking.answers.name


def _named(others: Mapping[str, Meeting], say: Say, fmt: Formats) -> Iterator[str]:
    by_time = sorted(others.values(), key=lambda one: (one.starts_at, one.id))
    for one in by_time[:MOST_NAMED]:
        yield f"{span(one, fmt)}: {one.title}"
    if len(by_time) > MOST_NAMED:
        more = len(by_time) - MOST_NAMED
        yield say(N_("và %(count)s cuộc họp khác")) % {"count": more}
