"""Whether a meeting's time is confirmed, in words for lists, its own page and the first one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks import rights
from confhub.errors import N_
from confhub.meetings.meeting import Meeting
from confhub.people.policy import rights_of
from confhub.planning.agreement.states import (
    UNCONFIRMED,
    Agreement,
    State,
    is_proposal_ahead,
    proposed_span,
)
from confhub.store.planning.agreements import Asked
from web.meetings.access import Seen
from web.meetings.blockings import long_span
from web.rendering.pages import formats, span, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# On the first page; the rest is told once these are done.
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge; `word` is a msgid."""

    word: str
    tone: str
    icon: str


MARKS: Mapping[State, Mark] = {
    "asked": Mark(N_("Chờ xác nhận giờ"), "fair", "clock"),
    "confirmed": Mark(N_("Đã xác nhận giờ"), "good", "circle-check"),
    "declined": Mark(N_("Giờ không được xác nhận"), "lost", "calendar-x"),
    "proposed": Mark(N_("Được đề nghị giờ khác"), "fair", "calendar-clock"),
    "lapsed": Mark(N_("Giờ chưa được xác nhận"), "fair", "triangle-alert"),
}
_ASKED = N_("Giờ họp chưa được xác nhận: %(centre)s được hỏi lúc %(asked)s, hạn trả lời %(due)s.")
_HELD = N_("Liên kết cho các điểm cầu được cấp khi giờ họp được xác nhận.")
_DECLINED = N_(
    "Giờ họp không được xác nhận. %(centre)s trả lời: “%(reason)s”. Xin chọn giờ khác hoặc hỏi lại."
)
_PROPOSED = N_("%(centre)s đề nghị họp vào %(proposed)s, thay cho %(now)s.")
_PROPOSED_WHY = N_("%(centre)s đề nghị họp vào %(proposed)s, thay cho %(now)s: “%(reason)s”")
_PASSED = N_("Giờ được đề nghị đã qua. Xin chọn giờ khác hoặc hỏi lại giờ đang xếp.")
_LAPSED = N_(
    "Giờ họp chưa được xác nhận: %(centre)s không trả lời trước %(due)s. Liên kết đã được cấp để"
    " không lỡ việc; xin gọi điện hỏi trước khi gửi."
)
_CONFIRMED = N_("%(centre)s đã xác nhận giờ họp này lúc %(answered)s.")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the meeting's page says of its time; `sentences` only to who plans the meeting and to
    the centre: what these two write to each other is not for the sites. `may_answer`: for the
    centre; `may_act`: whoever plans the meeting has to take what was proposed (`may_take`: while
    that is ahead), ask again or move it."""

    agreement: Agreement
    mark: Mark
    sentences: Sequence[str]
    may_answer: bool
    may_act: bool
    may_take: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many meetings wait for an answer of the viewer's, the first until `due`; of `urgent` they
    were reminded."""

    meetings: int
    due_at: dt.datetime
    is_late: bool
    urgent: int


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence on the first page about a meeting of the viewer's."""

    meeting_id: str
    sentence: str
    tone: str


def centres_of(request: web.Request) -> list[str]:
    """Units for which the viewer answers: those in which they hold the right themselves, so that
    a ministry's technicians are not shown every district's questions."""
    held = require_viewer(request).held
    own = [one.unit.id for one in held if "confirm_times" in rights_of(one.grant)]
    return list(dict.fromkeys(own))


async def marks(request: web.Request, meeting_ids: Collection[str]) -> Mapping[str, Mark]:
    """Of those of the meetings whose time is not confirmed."""
    store = request.app[SERVICES].store
    states = await store.agreements.states(meeting_ids) if meeting_ids else {}
    return {one: MARKS[state] for one, state in states.items() if state in UNCONFIRMED}


async def unconfirmed(request: web.Request, meetings: Collection[Meeting]) -> Mapping[str, State]:
    """Of those of the meetings ahead that hold a time which is not confirmed."""
    services = request.app[SERVICES]
    now = services.clock()
    ahead = [one.id for one in meetings if one.status == "scheduled" and one.next_begin(now)]
    states = await services.store.agreements.states(ahead) if ahead else {}
    return {one: state for one, state in states.items() if state in UNCONFIRMED}


async def of_meeting(request: web.Request, seen: Seen) -> Shown | None:
    """None: there is nothing to say."""
    services, meeting = request.app[SERVICES], seen.meeting
    known = await services.store.agreements.find(meeting.id)
    ahead = meeting.status == "scheduled" and meeting.next_begin(services.clock()) is not None
    if known is None or known.state == "taken_back" or not ahead:
        return None
    path = await rights.path_to(services.store, known.centre_id, local_date(request))
    is_centre = seen.viewer.may("confirm_times", path)
    return Shown(
        known,
        MARKS[known.state],
        await _say(request, known, meeting) if is_centre or seen.may_change else (),
        may_answer=is_centre and known.state in UNCONFIRMED,
        may_act=seen.may_change and known.state in UNCONFIRMED - {"asked"},
        may_take=seen.may_change and is_proposal_ahead(known, services.clock()),
    )


async def waiting(request: web.Request) -> Waiting | None:
    """For who answers for a centre; None: nothing waits."""
    centres, services = centres_of(request), request.app[SERVICES]
    if not centres:
        return None
    now = services.clock()
    found, count = await services.store.agreements.of_centres(centres, now, 0, 1)
    if not found:
        return None
    due = found[0].agreement.due_at
    is_late = due <= now or found[0].agreement.state == "lapsed"
    return Waiting(count, due, is_late, await services.store.agreements.reminded(centres, now))


async def notes(request: web.Request) -> Sequence[Note]:
    """For who plans meetings: those of their own units for which they have to act."""
    services = request.app[SERVICES]
    hosts = [one.unit.id for one in require_viewer(request).scopes("schedule")]
    if not hosts:
        return ()
    found = await services.store.agreements.to_be_seen_to(hosts, services.clock(), MOST_TOLD)
    return [await _note(request, one) for one in found]


async def _note(request: web.Request, one: Asked) -> Note:
    formatted, meeting = formats(request), one.meeting
    said = words(request).gettext(N_("“%(title)s” (%(when)s): %(said)s"))
    when = f"{span(request, meeting.starts_at, meeting.ends_at)}, "
    values = {
        "title": meeting.title,
        "when": when + formatted.short_date(meeting.starts_at),
        "said": (await _say(request, one.agreement, meeting))[0],
    }
    return Note(meeting.id, said % values, MARKS[one.agreement.state].tone)


async def _say(request: web.Request, known: Agreement, meeting: Meeting) -> list[str]:
    gettext, formatted = words(request).gettext, formats(request)
    names = await request.app[SERVICES].store.units.names({known.centre_id}, local_date(request))
    values = {
        "centre": names.get(known.centre_id, ""),
        "asked": formatted.datetime(known.asked_at),
        "due": formatted.datetime(known.due_at),
        "reason": known.reason,
        "now": _when(request, meeting.starts_at, meeting.ends_at),
    }
    if known.answered_at is not None:
        values["answered"] = formatted.datetime(known.answered_at)
    proposed = proposed_span(known)
    if proposed is not None:
        values["proposed"] = _when(request, *proposed)
    said = {
        "asked": _ASKED,
        "declined": _DECLINED,
        "proposed": _PROPOSED_WHY if known.reason else _PROPOSED,
        "lapsed": _LAPSED,
        "confirmed": _CONFIRMED,
    }[known.state]
    found = [gettext(said) % values]
    if known.state == "proposed" and not is_proposal_ahead(known, request.app[SERVICES].clock()):
        found.append(gettext(_PASSED))
    return [*found, gettext(_HELD)] if known.holds_links else found


def _when(request: web.Request, starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    hours = long_span(request, starts_at, ends_at)
    return hours if " – " in hours else f"{hours}, {formats(request).date(starts_at)}"
