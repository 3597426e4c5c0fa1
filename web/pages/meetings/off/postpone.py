"""/meetings/{meeting_id}/postpone: to another time, or until one is found."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from confhub.errors import N_, ConfhubError, FieldErrors, TooMany
from confhub.meetings import changes
from confhub.meetings.changes import Overtaken
from confhub.meetings.meeting import Meeting
from confhub.planning.agreement.states import proposed_span
from confhub.planning.conflicts import Clashing
from confhub.words.texts import one_line
from web.meetings import precedence
from web.meetings.blockings import say_blocking
from web.meetings.conflicts import Findings, advised, find_conflicts, override_of
from web.pages.meetings.form import changeable_meeting
from web.pages.meetings.mail import replies
from web.pages.meetings.series import acts
from web.pages.meetings.typed_times import beside_fields, plain_day, plain_time, typed_span
from web.rendering.pages import redirect, render, words
from web.requests.auth import local_date
from web.requests.form_body import posted_form
from web.services import SERVICES

MOVED = N_("Đã dời cuộc họp. Xin báo giờ mới cho các điểm cầu; liên kết đã gửi vẫn dùng được.")
_GIVES_WAY = N_("Nhường giờ cho cuộc họp cấp trên “%(title)s”")
_WAITS = N_("Chờ cuộc họp trước, “%(title)s”, kết thúc")
_GIVES_WAY_TO_HIDDEN = N_("Nhường giờ cho một cuộc họp cấp trên")
_WAITS_FOR_HIDDEN = N_("Chờ một cuộc họp trước kết thúc")
_SHARES = N_("Tránh trùng cán bộ kỹ thuật hoặc đường truyền với “%(title)s”")
_SHARES_WITH_HIDDEN = N_("Tránh trùng cán bộ kỹ thuật hoặc đường truyền với cuộc họp khác")
# Why a meeting moves, where its people may see the other one, and where they may not.
_REASONS = {
    "higher": (_GIVES_WAY, _GIVES_WAY_TO_HIDDEN),
    "live": (_WAITS, _WAITS_FOR_HIDDEN),
    "shared": (_SHARES, _SHARES_WITH_HIDDEN),
}
_BLOCKED = N_("Tránh %(why)s")
_MORE = ("override_reason", "scope")
_HELD_OVER = N_("Đã hoãn cuộc họp. Xin báo cho các điểm cầu; khi có giờ mới, bấm “Dời, hoãn”.")


async def ask(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/postpone"""
    meeting = await changeable_meeting(request)
    zone, now = request.app[SERVICES].zone, request.app[SERVICES].clock()
    typed = dict.fromkeys(("reason", "confirm", "override_reason", "scope"), "")
    typed |= {"mode": "move", "version": str(meeting.version)}
    coming = changes.passed(meeting, now).coming
    typed |= typed_span(coming.starts_at, coming.ends_at, zone)
    if request.query.get("propose") == "centre":
        typed |= await _proposed_by_centre(request, meeting)
    elif request.query.get("propose") == "site":
        typed |= await replies.proposed(request, meeting)
    elif request.query.get("propose"):
        typed |= await _proposed(request, meeting)
    return await _show(request, meeting, typed)


async def _proposed(request: web.Request, meeting: Meeting) -> dict[str, str]:
    """`?propose=1`: the nearest time at which the meeting is in nobody's way, and why it moves."""
    found = await precedence.proposal(request, meeting)
    if found is None:
        return {}
    other, free = found
    if other.cause != "meeting":
        reason = say_blocking(request, other.cause, other.other_title)
        reason = words(request).gettext(_BLOCKED) % {"why": reason}
    else:
        said, hidden = _REASONS[other.kind]
        reason = words(request).gettext(said if other.other_title else hidden)
        reason %= {"title": other.other_title}
    typed = typed_span(free.starts_at, free.ends_at, request.app[SERVICES].zone)
    return typed | {"reason": reason[: changes.REASON_LENGTH], "over_lower": "1" * free.over_lower}


async def _proposed_by_centre(request: web.Request, meeting: Meeting) -> dict[str, str]:
    """`?propose=centre`: the time that the technical centre proposed, and why."""
    known = await request.app[SERVICES].store.agreements.find(meeting.id)
    proposed = proposed_span(known) if known is not None else None
    if known is None or proposed is None:
        return {}
    services = request.app[SERVICES]
    first = changes.first_hours(meeting, *proposed, services.clock())
    return {**typed_span(*first, services.zone), "reason": known.reason}


async def put_off(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/postpone: to another time, or until one is found."""
    meeting = await changeable_meeting(request)
    posted = await posted_form(request)
    names = ("mode", "date", "start", "end", "reason", "version", "confirm", *_MORE)
    typed = {name: one_line(str(posted.get(name, ""))) for name in names}
    typed |= {"date": plain_day(typed["date"], local_date(request))}
    typed |= {name: plain_time(typed[name]) for name in ("start", "end")}
    try:
        if typed["version"] != str(meeting.version):
            raise Overtaken
        changed = _changed(request, meeting, typed)
        if changed.status == "scheduled":
            findings = await _clashes(request, changed)
            if findings.seal and findings.seal != typed["confirm"]:
                typed["confirm"] = findings.seal
                return await _show(request, meeting, typed, findings=findings, status=409)
        stored = await _store(request, changed, typed)
    except Clashing:  # taken since it was asked
        findings = await _clashes(request, changed)
        typed["confirm"] = findings.seal
        return await _show(request, meeting, typed, findings=findings, status=409)
    except FieldErrors as found:
        asked = "override_reason" in found.fields
        clashes = await _clashes(request, changed) if asked else Findings()
        return await _show(request, meeting, typed, errors=found, findings=clashes, status=400)
    except Overtaken as error:
        meeting = await changeable_meeting(request)
        typed["version"] = str(meeting.version)
        return await _show(request, meeting, typed, trouble=error, status=409)
    except TooMany as error:
        return await _show(request, meeting, typed, trouble=error, status=429)
    say = MOVED if stored.status == "scheduled" else _HELD_OVER
    return redirect(request, f"/meetings/{meeting.id}", words(request).gettext(say))


def _changed(request: web.Request, meeting: Meeting, typed: dict[str, str]) -> Meeting:
    """What the form asks for; FieldErrors by the page's fields."""
    services = request.app[SERVICES]
    if typed["mode"] == "hold":
        return changes.held_over(meeting, typed["reason"], services.clock())
    begin, end = (f"{typed['date']}T{typed[name]}" for name in ("start", "end"))
    try:
        now = services.clock()
        starts_at, ends_at = changes.read_span_of(meeting, begin, end, services.zone, now)
    except FieldErrors as found:
        fields = beside_fields(found.fields, typed["date"])
        raise FieldErrors({**changes.check_reason(typed["reason"]), **fields}) from None
    return changes.moved(meeting, starts_at, ends_at, typed["reason"], now)


async def _store(request: web.Request, changed: Meeting, typed: Mapping[str, str]) -> Meeting:
    scope, reason = typed["scope"], changed.status_reason
    if changed.status == "postponed":
        return await acts.hold_over(request, changed, scope, reason)
    override = override_of(typed["confirm"], typed["override_reason"])
    return await acts.move(request, changed, scope, reason, override)


async def _clashes(request: web.Request, meeting: Meeting) -> Findings:
    return await find_conflicts(request, await advised(request, meeting), meeting.id)


async def _show(
    request: web.Request,
    meeting: Meeting,
    typed: dict[str, str],
    *,
    errors: FieldErrors | None = None,
    findings: Findings | None = None,
    trouble: ConfhubError | None = None,
    status: int = 200,
) -> web.Response:
    catalogue = words(request)
    fields = errors.fields if errors else {}
    return await render(
        request,
        "meetings/postpone.html",
        status=status,
        in_series=await acts.series_of(request, meeting) is not None,
        meeting=meeting,
        several=len(meeting.all_sittings) > 1,
        typed=typed,
        errors={name: catalogue.error(error) for name, error in fields.items()},
        findings=findings or Findings(),
        trouble=catalogue.error(trouble) if trouble else "",
        reason_limit=changes.REASON_LENGTH,
    )
