"""How a mail reads: what changed first, then the meeting, its link, whom to call. Pure.

The same words serve mail, in both its forms, and messages that a secretary copies.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from confhub.errors import N_
from confhub.mail.letter import Change, Letter, MailKind, changes
from confhub.meetings.meeting import Meeting
from confhub.meetings.timetable import agenda_with_times
from confhub.people.calls import WHO
from confhub.words.formats import Formats

Say = Callable[[str], str]  # a msgid in the reader's language

CHANGES: frozenset[MailKind] = frozenset({"change", "link"})
COMES: frozenset[MailKind] = CHANGES | {"invite", "remind"}  # the site is to come

_SUBJECTS: Mapping[MailKind, str] = {
    "invite": N_("Giấy mời họp: %(title)s, %(when)s"),
    "change": N_("Thay đổi cuộc họp: %(title)s, %(when)s"),
    "link": N_("Liên kết vào họp mới: %(title)s, %(when)s"),
    "remind": N_("Nhắc trả lời giấy mời: %(title)s, %(when)s"),
    "hold": N_("Hoãn họp: %(title)s"),
    "cancel": N_("Hủy họp: %(title)s, %(when)s"),
    "drop": N_("Thôi mời họp: %(title)s, %(when)s"),
}
_HEADINGS: Mapping[MailKind, str] = {
    "invite": N_("Giấy mời họp trực tuyến"),
    "change": N_("Thay đổi cuộc họp"),
    "link": N_("Liên kết vào họp mới"),
    "remind": N_("Nhắc trả lời giấy mời họp"),
    "hold": N_("Hoãn họp"),
    "cancel": N_("Hủy họp"),
    "drop": N_("Thôi mời họp"),
}
_INTRODUCTIONS: Mapping[MailKind, str] = {
    "invite": N_("%(host)s mời %(unit)s dự cuộc họp trực tuyến sau đây."),
    "change": N_("%(host)s báo cho %(unit)s: cuộc họp sau đây đã thay đổi."),
    "link": N_("%(host)s cấp lại cho %(unit)s liên kết vào cuộc họp sau đây."),
    "remind": N_("%(host)s mong %(unit)s trả lời có dự cuộc họp sau đây không."),
    "hold": N_("%(host)s báo cho %(unit)s: cuộc họp sau đây hoãn, chờ giờ mới."),
    "cancel": N_("%(host)s báo cho %(unit)s: cuộc họp sau đây đã hủy."),
    "drop": N_("%(host)s báo cho %(unit)s: không phải dự cuộc họp sau đây nữa."),
}
# Of a change in nothing else: subject, heading and introduction.
_ALONE: Mapping[Change, tuple[str, str, str]] = {
    "paper": (
        N_("Giấy mời số %(paper)s: %(title)s, %(when)s"),
        N_("Giấy mời họp trực tuyến"),
        N_("%(host)s gửi %(unit)s giấy mời dự cuộc họp sau đây."),
    ),
    "deadline": (
        N_("Hạn trả lời mới: %(title)s, %(when)s"),
        N_("Đổi hạn trả lời giấy mời họp"),
        N_("%(host)s báo cho %(unit)s: hạn trả lời giấy mời cuộc họp sau đây đã đổi."),
    ),
}
_LINK_HINT = N_("Liên kết này chỉ dành cho điểm cầu ghi trên: xin giữ kín.")
_NEW_LINK = N_("Liên kết vào họp đã cấp lại: liên kết cũ không dùng được nữa.")
_SAME_LINK = N_("Liên kết đã gửi vẫn dùng được.")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A site that is told; `link` is its address of the meeting."""

    site: str
    unit: str
    link: str


@dataclass(frozen=True, slots=True)
class Body:
    """`facts` and `calls`: what it is, and what it says; `changed`: what, before, now."""

    subject: str
    heading: str
    introduction: str
    changed: tuple[tuple[str, str, str], ...]
    news: tuple[str, ...]  # sentences on what changed
    facts: tuple[tuple[str, str], ...]
    agenda: tuple[str, ...]
    note: str
    link: str
    link_hints: tuple[str, ...]
    answer: str  # where the site says who comes
    calls: tuple[tuple[str, str], ...]
    # Of the parts, by "changed", "was", "agenda", "note", "link", "answer", "calls", "sender".
    labels: Mapping[str, str]


def body_of(
    kind: MailKind,
    letter: Letter,
    before: Letter | None,
    to: Recipient,
    say: Say,
    formats: Formats,
) -> Body:
    """`before`: what the site knows of; None where it knows nothing."""
    meeting = letter.meeting
    comes = kind in COMES
    paper = letter.paper.said if letter.paper is not None else ""
    values = {"title": meeting.title, "when": short_span(meeting, formats), "paper": paper}
    told = {"host": letter.host, "unit": to.unit}
    subject, heading, introduction = _opening(kind, letter, before)
    return Body(
        subject=say(subject) % values,
        heading=say(heading),
        introduction=say(introduction) % told,
        changed=tuple(_changed(before, letter, say, formats)) if kind in CHANGES else (),
        news=tuple(_news(kind, letter, say)),
        facts=tuple(_facts(kind, letter, to, say, formats)),
        agenda=tuple(_agenda(meeting, say, formats)) if comes else (),
        note=meeting.note if comes else "",
        link=to.link if comes else "",
        link_hints=(
            say(N_("Mở từ %(opens)s để thử camera, micrô và loa; không cần cài gì."))
            % {"opens": moment(letter.opens_at, formats)},
            say(_LINK_HINT),
        )
        if comes
        else (),
        answer=f"{to.link}/answer" if comes and to.link else "",
        calls=tuple((say(WHO[one.who]), _call(one.name, one.number)) for one in letter.calls),
        labels={
            "agenda": say(N_("Chương trình họp")),
            "note": say(N_("Ghi chú")),
            "link": say(N_("Vào họp tại")),
            "answer": say(N_("Xác nhận người dự tại")),
            "calls": say(N_("Cần hỏi, xin gọi")),
            "was": say(N_("trước đây")),
            "changed": say(N_("Điều đã đổi")),
            "sender": say(N_("Thư do hệ thống họp trực tuyến gửi tự động.")),
        },
    )


def _opening(kind: MailKind, letter: Letter, before: Letter | None) -> tuple[str, str, str]:
    """Subject, heading and introduction."""
    if kind == "change" and before is not None:
        changed = [*changes(before, letter)]
        if len(changed) == 1 and changed[0] in _ALONE:
            return _ALONE[changed[0]]
    return _SUBJECTS[kind], _HEADINGS[kind], _INTRODUCTIONS[kind]


def _news(kind: MailKind, letter: Letter, say: Say) -> Iterator[str]:
    meeting = letter.meeting
    off = kind in ("hold", "cancel") or (kind in CHANGES and meeting.postponed_from is not None)
    if off and meeting.status_reason:
        yield say(N_("Lý do: %(reason)s")) % {"reason": meeting.status_reason}
    if kind in CHANGES:
        yield say(_NEW_LINK if kind == "link" else _SAME_LINK)
    if kind == "hold":
        yield say(N_("Khi có giờ mới sẽ báo lại. %(kept)s")) % {"kept": say(_SAME_LINK)}
    if kind in ("cancel", "drop"):
        yield say(N_("Liên kết đã gửi không dùng được nữa."))


def _changed(
    before: Letter | None, after: Letter, say: Say, formats: Formats
) -> Iterator[tuple[str, str, str]]:
    if before is None:
        return
    old, new = before.meeting, after.meeting
    shown: Mapping[str, tuple[str, str, str]] = {
        "time": (say(N_("Thời gian")), *_times(old, new, formats)),
        "title": (say(N_("Nội dung")), old.title, new.title),
        "place": (say(N_("Điểm cầu chủ trì")), before.place, after.place),
        "chair": (say(N_("Người chủ trì")), old.chair_name or "—", new.chair_name or "—"),
        "paper": (say(N_("Giấy mời số")), _number(before), _number(after)),
        "deadline": (
            say(N_("Xin trả lời trước")),
            _deadline(before, formats),
            _deadline(after, formats),
        ),
    }
    for change in changes(before, after):
        label, was, now = shown[change]
        if change == "time" and old.status == "postponed":
            was = say(N_("hoãn, chờ giờ mới"))
        yield label, was, now


def _times(old: Meeting, new: Meeting, formats: Formats) -> tuple[str, str]:
    """Of several sittings only those that changed."""
    if len(old.hours) == len(new.hours) == 1 or old.status == "postponed":
        return span(old, formats), span(new, formats)
    was = [one for one in old.hours if one not in new.hours]
    now = [one for one in new.hours if one not in old.hours]
    return _said(was, formats) or "—", _said(now, formats) or "—"


def _said(hours: Iterable[tuple[dt.datetime, dt.datetime]], formats: Formats) -> str:
    return "; ".join(said_hours(*one, formats) for one in hours)


def _deadline(letter: Letter, formats: Formats) -> str:
    return moment(letter.answer_by, formats) if letter.answer_by is not None else "—"


def _number(letter: Letter) -> str:
    return letter.paper.said if letter.paper is not None else "—"


def _facts(
    kind: MailKind, letter: Letter, to: Recipient, say: Say, formats: Formats
) -> Iterator[tuple[str, str]]:
    meeting = letter.meeting
    yield say(N_("Nội dung")), meeting.title
    if kind == "hold":
        yield say(N_("Giờ đã báo")), span(meeting, formats)
    else:
        yield say(N_("Thời gian")), span(meeting, formats)
    yield say(N_("Đơn vị chủ trì")), letter.host
    if meeting.chair_name:
        yield say(N_("Người chủ trì")), meeting.chair_name
    if letter.place:
        yield say(N_("Điểm cầu chủ trì")), letter.place
    yield say(N_("Điểm cầu của đơn vị")), f"{to.unit} ({to.site})"
    if kind in COMES and letter.paper is not None:
        yield say(N_("Giấy mời số")), letter.paper.said
    if kind in COMES and letter.answer_by is not None:
        yield say(N_("Xin trả lời trước")), moment(letter.answer_by, formats)


def _agenda(meeting: Meeting, say: Say, formats: Formats) -> Iterator[str]:
    """Each item with its start, where that is known."""
    for number, (at, item) in enumerate(agenda_with_times(meeting), 1):
        head = formats.time(at) if at is not None else f"{number}."
        tail = f" ({item.presenter})" if item.presenter else ""
        yield f"{head} {item.title}{tail}"


def span(meeting: Meeting, formats: Formats) -> str:
    """14:00–15:30, Thứ Ba, 24/11/2026; of several sittings one after the other."""
    return _said(meeting.hours, formats)


def said_hours(starts: dt.datetime, ends: dt.datetime, formats: Formats) -> str:
    if formats.local(starts).date() == formats.local(ends).date():
        return f"{formats.time(starts)}–{formats.time(ends)}, {formats.date(starts)}"
    return f"{moment(starts, formats)} – {moment(ends, formats)}"


def short_span(meeting: Meeting, formats: Formats) -> str:
    return f"{formats.time(meeting.starts_at)} {formats.short_date(meeting.starts_at)}"


def moment(at: dt.datetime, formats: Formats) -> str:
    return f"{formats.time(at)}, {formats.date(at)}"


def _call(name: str, number: str) -> str:
    return f"{name}, {number}" if name else number


def plain(body: Body) -> str:
    """The text alone; lines as long as they come, for who wraps them."""
    parts = [body.heading.upper(), body.introduction]
    changed = [f"- {line}" for line in changed_lines(body)]
    parts.append("\n".join([*changed, *body.news]))
    parts.append("\n".join(f"{label}: {value}" for label, value in body.facts))
    if body.link:
        parts.append("\n".join((f"{body.labels['link']}: {body.link}", *body.link_hints)))
    if body.answer:
        parts.append(f"{body.labels['answer']}: {body.answer}")
    parts.append(_list(body.labels["agenda"], body.agenda))
    parts.append(_list(body.labels["note"], (body.note,) if body.note else ()))
    calls = [f"{label}: {call}" for label, call in body.calls]
    parts.append(_list(body.labels["calls"], calls))
    return "\n\n".join(part for part in parts if part)


def changed_lines(body: Body) -> Iterator[str]:
    """What of the meeting is another now, and what it was."""
    for what, was, now in body.changed:
        yield f"{what}: {now} ({body.labels['was']}: {was})"


def _list(label: str, lines: Sequence[str]) -> str:
    return "\n".join((f"{label}:", *lines)) if lines else ""
