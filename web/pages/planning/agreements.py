"""/meetings/asked: what waits for the answer of a technical centre; and each answer.

Whoever plans a meeting takes the time that was proposed, or asks again, from its page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.desks import agreements as desk
from confhub.desks import rights
from confhub.desks.planning.slots import slots_of
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors, NotFound
from confhub.meetings import changes
from confhub.meetings.changes import TOO_FAR, Overtaken
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.meetings.sitting import LONGEST_WHOLE, is_too_long
from confhub.planning.agreement.states import (
    SAME_TIME,
    Agreement,
    Answer,
    AnsweredMeanwhile,
    NotNow,
    Said,
    proposed_span,
    span_ahead,
)
from confhub.planning.conflicts import NO_OVERRIDE, Clashing
from confhub.planning.shared.capacity import most_at_once, streams_in
from confhub.planning.slots import Slot
from confhub.planning.takings import streams_of
from confhub.words.texts import one_line, small_number
from web.meetings.agreements import MARKS, Mark, centres_of
from web.meetings.conflicts import Findings, find_conflicts, share_of
from web.meetings.names import host_of, hosts_of
from web.pages.meetings.form import changeable_meeting
from web.pages.meetings.series import acts
from web.pages.meetings.typed_times import beside_fields, plain_day, plain_time, typed_span
from web.rendering.pages import redirect, render, words
from web.rendering.paging import Paging, asked_start
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

# Each is asked for its clashes: some tens of milliseconds at the size of the country.
PAGE_ROWS = 12
# What was answered lately, to be looked at once more.
MOST_ANSWERED = 10
FULL_PERCENT = 100
_ANSWERS: Mapping[str, Answer] = {
    "confirm": "confirm",
    "decline": "decline",
    "propose": "propose",
}
_CONFIRMED = N_("Đã xác nhận giờ họp. Thư ký được báo.")
_ANSWERED = N_("Đã trả lời. Thư ký cuộc họp được báo.")
_ASKED_AGAIN = N_("Đã hỏi lại trung tâm kỹ thuật.")
_TAKEN = N_("Đã dời cuộc họp sang giờ được đề nghị; giờ này đã được xác nhận.")
_CLASHES = N_(
    "Vào giờ được đề nghị có nơi, người hoặc đường truyền không rảnh. Xin xem, rồi nêu lý do nếu"
    " vẫn họp giờ đó hoặc chọn giờ khác."
)
_BY_PROPOSAL = N_("Theo đề nghị của %(centre)s")


@dataclass(frozen=True, slots=True)
class Row:
    """A question with what one has to know to answer it. `others`: sites in other meetings of that
    hour, at most; `percent`: how full hubs are then, with this one; 0: they were not measured."""

    agreement: Agreement
    meeting: Meeting
    host: str
    mark: Mark
    site_count: int
    findings: Findings
    others: int
    percent: int
    is_late: bool
    is_urgent: bool

    @property
    def is_full(self) -> bool:
        return self.percent > FULL_PERCENT


async def inbox(request: web.Request) -> web.Response:
    """GET /meetings/asked"""
    return await _show_inbox(request)


async def confirm(request: web.Request) -> web.Response:
    """POST /meetings/asked: one by its button (`one`), or those that were chosen."""
    posted = await posted_form(request)
    only = str(posted.get("one", ""))
    texts = [only] if only else [str(one) for one in posted.getall("chosen", [])]
    chosen = [found for found in map(_named, texts) if found is not None][:PAGE_ROWS]
    if not chosen:
        trouble = words(request).gettext("Chưa chọn cuộc họp nào.")
        return await _show_inbox(request, trouble, status=400)
    store = request.app[SERVICES].store
    done, refused = await desk.confirm_many(store, actor_of(request), chosen)
    if refused:
        said = words(request).ngettext(
            "Đã xác nhận %(num)s cuộc họp; số còn lại vừa được người khác trả lời, vừa đổi giờ"
            " hoặc không còn chờ đơn vị của bạn xác nhận. Xin xem lại.",
            "Đã xác nhận %(num)s cuộc họp; số còn lại vừa được người khác trả lời, vừa đổi giờ"
            " hoặc không còn chờ đơn vị của bạn xác nhận. Xin xem lại.",
            done,
        )
        return await _show_inbox(request, said % {"num": done}, status=409)
    said = words(request).ngettext(
        "Đã xác nhận giờ của %(num)s cuộc họp. Thư ký được báo.",
        "Đã xác nhận giờ của %(num)s cuộc họp. Thư ký được báo.",
        done,
    )
    return redirect(request, "/meetings/asked", said % {"num": done})


async def ask_answer(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/answer: the other answers, with the next free time filled in."""
    known, meeting = await _asked(request)
    services = request.app[SERVICES]
    free = await _next_free(request, meeting)
    own = changes.passed(meeting, services.clock()).coming
    first = (free.starts_at, free.ends_at) if free else (own.starts_at, own.ends_at)
    typed = {"mode": "propose", "reason": "", **typed_span(*first, services.zone)}
    typed["over_lower"] = "1" if free and free.over_lower else ""
    return await _show_answer(request, known, meeting, typed)


async def _next_free(request: web.Request, meeting: Meeting) -> Slot | None:
    """The next time that is free; of several sittings, of the first of those that go together."""
    services = request.app[SERVICES]
    store, now, zone = services.store, services.clock(), services.zone
    left = changes.passed(meeting, now)
    if len(left.to_come) > 1:
        since = max(now, left.coming.starts_at)
        found = await slots_of(store, left, meeting.id, since, zone)
    else:
        first = left.coming
        since, length = max(now, first.ends_at), first.ends_at - first.starts_at
        later = replace(left, starts_at=since, ends_at=since + length, sittings=())
        found = await slots_of(store, later, meeting.id, since, zone)
    return found[0] if found else None


async def answer(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/answer"""
    known, meeting = await _asked(request)
    posted = await posted_form(request)
    names = ("mode", "date", "start", "end", "reason", "asked_version")
    typed = {name: one_line(str(posted.get(name, ""))) for name in names}
    typed |= {"date": plain_day(typed["date"], local_date(request))}
    typed |= {name: plain_time(typed[name]) for name in ("start", "end")}
    store, version = request.app[SERVICES].store, small_number(typed["asked_version"]) or 0
    try:
        said = _said(request, meeting, typed)
        await desk.answer(store, actor_of(request), meeting.id, version, said)
    except FieldErrors as found:
        return await _show_answer(request, known, meeting, typed, errors=found, status=400)
    except (AnsweredMeanwhile, NotNow) as error:
        known, meeting = await _asked(request)
        return await _show_answer(request, known, meeting, typed, trouble=error, status=409)
    message = _CONFIRMED if said.step == "confirm" else _ANSWERED
    return redirect(request, "/meetings/asked", words(request).gettext(message))


async def ask_again(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/ask"""
    posted = await posted_form(request)
    version = small_number(str(posted.get("asked_version", ""))) or 0
    meeting_id = request.match_info["meeting_id"]
    await desk.ask_again(request.app[SERVICES].store, actor_of(request), meeting_id, version)
    return redirect(request, f"/meetings/{meeting_id}", words(request).gettext(_ASKED_AGAIN))


async def take(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/take: the meeting at the time that the centre proposed."""
    meeting = await changeable_meeting(request)
    posted = await posted_form(request)
    version = small_number(str(posted.get("asked_version", ""))) or 0
    services = request.app[SERVICES]
    known = await services.store.agreements.find(meeting.id)
    proposed = proposed_span(known) if known is not None else None
    if known is None:
        raise NotFound
    page, gettext = f"/meetings/{meeting.id}", words(request).gettext
    if known.state == "confirmed" and known.version == version + 1:  # pressed twice
        return redirect(request, page, gettext(_TAKEN))
    if known.state != "proposed" or known.version != version or proposed is None:
        raise Overtaken
    names = await services.store.units.names({known.centre_id}, local_date(request))
    reason = gettext(_BY_PROPOSAL) % {"centre": names.get(known.centre_id, "")}
    try:
        moved = changes.moved(meeting, *proposed, reason, services.clock())
        await acts.move(request, moved, "one", reason, NO_OVERRIDE)
    except Clashing:
        return redirect(request, f"{page}/postpone?propose=centre", gettext(_CLASHES))
    except FieldErrors as refused:  # the time has passed since it was proposed
        said = " ".join(words(request).error(one) for one in refused.fields.values())
        return redirect(request, f"{page}/postpone", said, "lost")
    return redirect(request, page, gettext(_TAKEN))


async def _show_inbox(
    request: web.Request, trouble: str = "", *, status: int = 200
) -> web.Response:
    services, centres = request.app[SERVICES], centres_of(request)
    store, now, start = services.store, services.clock(), asked_start(request)
    found, count = await store.agreements.of_centres(centres, now, start, PAGE_ROWS)
    if not found and count:
        start = 0
        found, count = await store.agreements.of_centres(centres, now, start, PAGE_ROWS)
    answered = await store.agreements.answered_by_centres(centres, now, MOST_ANSWERED)
    hosts = await hosts_of(request, [one.meeting for one in (*found, *answered)])
    meetings = {one.id: one for one in await store.meetings.many([f.meeting.id for f in found])}
    rows = [
        await _row(request, one.agreement, meetings[one.meeting.id], hosts[one.meeting.id])
        for one in found
        if one.meeting.id in meetings
    ]
    return await render(
        request,
        "planning/asked.html",
        status=status,
        rows=rows,
        paging=Paging(start, PAGE_ROWS, count),
        answered=[(one.agreement, one.meeting, hosts[one.meeting.id]) for one in answered],
        marks=MARKS,
        centres=await store.units.names(centres, local_date(request)),
        trouble=trouble,
    )


async def _row(request: web.Request, agreement: Agreement, meeting: Meeting, host: str) -> Row:
    services = request.app[SERVICES]
    ahead = changes.passed(meeting, services.clock())
    takings = services.store.takings
    others = await takings.loads(*span_ahead(ahead), meeting.id)
    hours = [(one.starts_at, one.ends_at) for one in ahead.to_come]
    count, carried = len({meeting.chair_site_id, *meeting.sites}), takings.capacity.streams
    streams = max((most_at_once(others, *one, streams_in) for one in hours), default=0)
    return Row(
        agreement,
        meeting,
        host,
        MARKS[agreement.state],
        count,
        await find_conflicts(request, Draft.of(meeting), meeting.id),
        max((most_at_once(others, *one) for one in hours), default=0),
        share_of(streams_of(count) + streams, carried) if carried else 0,
        agreement.due_at <= services.clock(),
        agreement.is_urgent(services.clock()),
    )


async def _asked(request: web.Request) -> tuple[Agreement, Meeting]:
    """The question of the address, for who may answer it; NotFound, also once nobody is to: the
    meeting is another unit's by now, or the rule is gone."""
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]
    known = await store.agreements.find(meeting_id)
    if known is None:
        raise NotFound
    path = await rights.path_to(store, known.centre_id, local_date(request))
    if not require_viewer(request).may("confirm_times", path):
        raise NotFound
    meeting = await store.meetings.get(meeting_id)
    if known.state == "taken_back" and meeting.status == "scheduled":
        raise NotFound
    return known, meeting


async def _show_answer(
    request: web.Request,
    known: Agreement,
    meeting: Meeting,
    typed: Mapping[str, str],
    *,
    errors: FieldErrors | None = None,
    trouble: ConfhubError | None = None,
    status: int = 200,
) -> web.Response:
    services, catalogue = request.app[SERVICES], words(request)
    host = await host_of(request, meeting)
    is_open = known.state != "taken_back" and meeting.status == "scheduled"
    is_open = is_open and meeting.next_begin(services.clock()) is not None
    fields = errors.fields if errors else {}
    return await render(
        request,
        "planning/answer.html",
        status=status,
        known=known,
        meeting=meeting,
        several=len(meeting.all_sittings) > 1,
        row=await _row(request, known, meeting, host) if is_open else None,
        host=host,
        typed=typed,
        errors={name: catalogue.error(error) for name, error in fields.items()},
        trouble=catalogue.error(trouble) if trouble else "",
        reason_limit=changes.REASON_LENGTH,
    )


def _said(request: web.Request, meeting: Meeting, typed: Mapping[str, str]) -> Said:
    """FieldErrors by the page's fields."""
    services = request.app[SERVICES]
    now = services.clock()
    step = _ANSWERS.get(typed["mode"])
    if step is None:
        raise FieldErrors({"mode": BadInput(N_("Xin chọn một câu trả lời."))})
    if step != "propose":
        return Said(step, typed["reason"] if step == "decline" else "")
    begin, end = (f"{typed['date']}T{typed[name]}" for name in ("start", "end"))
    try:
        span = changes.read_span_of(meeting, begin, end, services.zone, now)
    except FieldErrors as found:
        raise FieldErrors(beside_fields(found.fields, typed["date"])) from None
    proposed = changes.at_time(meeting, *span, now)
    if proposed.hours == meeting.hours:
        raise FieldErrors({"start": BadInput(SAME_TIME)})
    if is_too_long(proposed.all_sittings):
        raise FieldErrors({"start": BadInput(TOO_FAR, values={"days": LONGEST_WHOLE.days})})
    return Said(step, typed["reason"], *span_ahead(proposed))


def _named(text: str) -> tuple[str, int] | None:
    """A meeting's id and the version of its question: "abc:3"."""
    meeting_id, _, number = text.partition(":")
    version = small_number(number)
    return (meeting_id, version) if meeting_id and version is not None else None
