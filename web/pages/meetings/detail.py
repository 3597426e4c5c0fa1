"""/meetings/{meeting_id}: all facts of one meeting; putting it off, calling it off; going on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks import meetings as desk
from confhub.errors import N_, ConfhubError, FieldErrors, TooMany
from confhub.meetings import changes
from confhub.meetings.admission import (
    OPEN_AFTER_END,
    admit_account,
    closing,
    is_open,
    join_units,
    opening,
)
from confhub.meetings.changes import CHANGEABLE, Overtaken
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Advice, advise
from confhub.meetings.times import read_span
from confhub.planning.agreement.states import proposed_span
from confhub.planning.conflicts import Clashing
from confhub.words.texts import one_line, small_number
from web.meetings import agreements, precedence
from web.meetings.access import Seen, see_meeting
from web.meetings.answers import confirmation_of
from web.meetings.blockings import say_blocking
from web.meetings.calls import whom_to_call
from web.meetings.conflicts import Findings, advised, find_conflicts, override_of, say_advice
from web.pages.meetings.form import changeable_meeting
from web.pages.meetings.invited_sites import STATE_WORDS, InvitedSite, LevelGroup, invited_sites
from web.pages.meetings.letters.issued import letters_of
from web.pages.meetings.mail import replies
from web.pages.meetings.mail.standing import mails_of
from web.pages.meetings.series import acts
from web.pages.meetings.series.view import beside
from web.pages.meetings.status import standing
from web.pages.meetings.typed_times import beside_fields, plain_day, plain_time, typed_span
from web.rendering.pages import formats, redirect, render, words
from web.rendering.paging import Paging, asked_page
from web.requests.auth import actor_of, local_date
from web.requests.form_body import posted_form
from web.services import SERVICES

PAGE_SITES = 150  # a province's come whole
_ASKED_ABOUT = frozenset({"scheduled", "postponed", "live"})
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
_CANCELLED = N_("Đã hủy cuộc họp. Xin báo cho các điểm cầu.")
_SERIES_ENDED = N_("Đã dừng chuỗi họp và hủy các buổi đã chọn. Xin báo cho các điểm cầu.")
_HELD_OVER = N_("Đã hoãn cuộc họp. Xin báo cho các điểm cầu; khi có giờ mới, bấm “Dời, hoãn”.")


@dataclass(frozen=True, slots=True)
class Door:
    """Whether the viewer may go in now. `opens_at` is set when it is only too early."""

    is_invited: bool
    is_open: bool
    opens_at: dt.datetime | None = None


async def show(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}"""
    seen = await see_meeting(request)
    services = request.app[SERVICES]
    meeting, now = seen.meeting, services.clock()
    groups = await invited_sites(request, seen)
    count = sum(len(group.sites) for group in groups)
    # `?all=1`: all sites on one page, to be printed
    size = count or 1 if request.query.get("all") else PAGE_SITES
    paging = asked_page(request, count, size)
    chair = next((one for group in groups for one in group.sites if one.is_chair), None)
    levels = {level.id: level for level in await services.store.units.levels()}
    planned = meeting.status == "scheduled" and meeting.starts_at > now
    advice: Sequence[Advice] = ()
    if planned and seen.may_change:
        calendar = await services.store.special_days.calendar()
        advice = advise(meeting.starts_at, now, services.zone, calendar)
    return await render(
        request,
        "meetings/detail.html",
        seen=seen,
        meeting=meeting,
        series=await beside(request, meeting),
        standing=standing(meeting, now),
        host=seen.host_path[-1],
        level=levels.get(meeting.level_id),
        chair=chair,
        groups=_cut(groups, paging),
        paging=paging,
        count=count,
        present=sum(group.present for group in groups),
        came=sum(group.came for group in groups),
        is_over=standing(meeting, now).key == "ended",
        state_words=STATE_WORDS,
        door=await _door(request, seen, now),
        advice=[*say_advice(request, advice), *_say_overrun(request, seen, now)],
        may_edit=seen.may_change and meeting.status in CHANGEABLE,
        sees_links=meeting.status in CHANGEABLE
        and any(one.link for group in groups for one in group.sites),
        agenda=agenda_with_times(meeting),
        calls=await whom_to_call(request, meeting) if meeting.status in _ASKED_ABOUT else (),
        in_the_way=await precedence.of_meeting(request, meeting)
        if planned and seen.may_change
        else (),
        mails=await mails_of(request, seen, [one for group in groups for one in group.sites]),
        letters=await letters_of(request, seen),
        agreement=await agreements.of_meeting(request, seen),
        confirmation=await confirmation_of(request, seen),
        reopen_until=await reopenable(request, meeting) if seen.may_drive else None,
        now=now,
    )


def _say_overrun(request: web.Request, seen: Seen, now: dt.datetime) -> list[str]:
    """Told to who may end it: until when a meeting that runs over stays open."""
    meeting = seen.meeting
    if meeting.status != "live" or not seen.may_change or now < meeting.ends_at:
        return []
    formatted = formats(request)
    times = {
        "empty": formatted.time(meeting.ends_at + OPEN_AFTER_END),
        "latest": formatted.datetime(closing(meeting)),
    }
    message = words(request).gettext(
        "Đã quá giờ kết thúc. Còn người trong phòng thì cuộc họp vẫn tiếp tục, muộn nhất đến"
        " %(latest)s; từ %(empty)s, phòng trống thì cuộc họp tự kết thúc. Họp xong, xin bấm"
        " “Kết thúc cho tất cả” trong phòng họp."
    )
    return [message % times]


def _cut(
    groups: Sequence[LevelGroup], paging: Paging
) -> list[tuple[LevelGroup, Sequence[InvitedSite]]]:
    """Each group of which the page shows sites, with these."""
    found: list[tuple[LevelGroup, Sequence[InvitedSite]]] = []
    first = 0
    for group in groups:
        begin = max(paging.start - first, 0)
        shown = group.sites[begin : max(paging.start + paging.size - first, 0)]
        if shown:
            found.append((group, shown))
        first += len(group.sites)
    return found


def agenda_with_times(meeting: Meeting) -> list[tuple[dt.datetime | None, object]]:
    """Each item with its start, as long as every item before has a length."""
    at: dt.datetime | None = meeting.starts_at if _has_lengths(meeting) else None
    rows: list[tuple[dt.datetime | None, object]] = []
    for item in meeting.agenda:
        rows.append((at, item))
        length = item.duration_min
        at = at + dt.timedelta(minutes=length) if at is not None and length else None
    return rows


def _has_lengths(meeting: Meeting) -> bool:
    return any(item.duration_min for item in meeting.agenda)


async def _door(request: web.Request, seen: Seen, now: dt.datetime) -> Door:
    services = request.app[SERVICES]
    meeting, viewer = seen.meeting, seen.viewer
    early_min = services.settings.join_early_min
    try:
        admit_account(
            meeting,
            viewer.account,
            viewer.grants,
            max(now, opening(meeting, early_min)),
            host_path=[unit.id for unit in seen.host_path],
            own_sites=await services.store.sites.list(join_units(viewer.grants)),
            early_min=early_min,
            zone=services.zone,
        )
    except ConfhubError:
        return Door(is_invited=False, is_open=False)
    if is_open(meeting, now, early_min=early_min):
        return Door(is_invited=True, is_open=True)
    return Door(is_invited=True, is_open=False, opens_at=opening(meeting, early_min))


async def reopenable(request: web.Request, meeting: Meeting) -> dt.datetime | None:
    """Until when the end of the meeting can be taken back, by who may drive it."""
    services = request.app[SERVICES]
    return await desk.reopenable(services.store, meeting, services.clock())


async def reopen(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/reopen: back into the room of a meeting that ended just now."""
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]
    await desk.reopen(store, actor_of(request), meeting_id)
    return redirect(request, f"/meetings/{meeting_id}/room")


async def ask_postpone(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/postpone"""
    meeting = await changeable_meeting(request)
    zone = request.app[SERVICES].zone
    typed = dict.fromkeys(("reason", "confirm", "override_reason", "scope"), "")
    typed |= {"mode": "move", "version": str(meeting.version)}
    typed |= typed_span(meeting.starts_at, meeting.ends_at, zone)
    if request.query.get("propose") == "centre":
        typed |= await _proposed_by_centre(request, meeting)
    elif request.query.get("propose") == "site":
        typed |= await replies.proposed(request, meeting)
    elif request.query.get("propose"):
        typed |= await _proposed(request, meeting)
    return await _show_postpone(request, meeting, typed)


async def _proposed(request: web.Request, meeting: Meeting) -> dict[str, str]:
    """`?propose=1`: the nearest time at which the meeting is in nobody's way, and why it moves."""
    found = await precedence.proposal(request, meeting)
    if found is None:
        return {}
    other, free = found
    if other.kind == "blocked":
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
    return {**typed_span(*proposed, request.app[SERVICES].zone), "reason": known.reason}


async def postpone(request: web.Request) -> web.Response:
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
        changed = _put_off(request, meeting, typed)
        if changed.status == "scheduled":
            findings = await _clashes(request, changed)
            if findings.seal and findings.seal != typed["confirm"]:
                typed["confirm"] = findings.seal
                return await _show_postpone(request, meeting, typed, findings=findings, status=409)
        stored = await _store_put_off(request, changed, typed)
    except Clashing:  # taken since it was asked
        findings = await _clashes(request, changed)
        typed["confirm"] = findings.seal
        return await _show_postpone(request, meeting, typed, findings=findings, status=409)
    except FieldErrors as found:
        asked = "override_reason" in found.fields
        clashes = await _clashes(request, changed) if asked else Findings()
        return await _show_postpone(
            request, meeting, typed, errors=found, findings=clashes, status=400
        )
    except Overtaken as error:
        meeting = await changeable_meeting(request)
        typed["version"] = str(meeting.version)
        return await _show_postpone(request, meeting, typed, trouble=error, status=409)
    except TooMany as error:
        return await _show_postpone(request, meeting, typed, trouble=error, status=429)
    say = MOVED if stored.status == "scheduled" else _HELD_OVER
    return redirect(request, f"/meetings/{meeting.id}", words(request).gettext(say))


def _put_off(request: web.Request, meeting: Meeting, typed: dict[str, str]) -> Meeting:
    """What the form asks for; FieldErrors by the page's fields."""
    services = request.app[SERVICES]
    if typed["mode"] == "hold":
        return changes.held_over(meeting, typed["reason"])
    begin, end = (f"{typed['date']}T{typed[name]}" for name in ("start", "end"))
    try:
        starts_at, ends_at = read_span(begin, end, services.zone)
    except FieldErrors as found:
        fields = beside_fields(found.fields, typed["date"])
        raise FieldErrors({**changes.check_reason(typed["reason"]), **fields}) from None
    return changes.moved(meeting, starts_at, ends_at, typed["reason"], services.clock())


async def _store_put_off(
    request: web.Request, changed: Meeting, typed: Mapping[str, str]
) -> Meeting:
    scope, reason = typed["scope"], changed.status_reason
    if changed.status == "postponed":
        return await acts.hold_over(request, changed, scope, reason)
    override = override_of(typed["confirm"], typed["override_reason"])
    return await acts.move(request, changed, scope, reason, override)


async def _clashes(request: web.Request, meeting: Meeting) -> Findings:
    return await find_conflicts(request, await advised(request, meeting), meeting.id)


async def _show_postpone(
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
        typed=typed,
        errors={name: catalogue.error(error) for name, error in fields.items()},
        findings=findings or Findings(),
        trouble=catalogue.error(trouble) if trouble else "",
        reason_limit=changes.REASON_LENGTH,
    )


async def ask_cancel(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/cancel"""
    return await _show_cancel(request, await changeable_meeting(request), "")


async def cancel(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/cancel"""
    meeting = await changeable_meeting(request)
    posted = await posted_form(request)
    reason = one_line(str(posted.get("reason", "")))
    scope = str(posted.get("scope", ""))
    # A page from before has no version: it means the meeting as it stands.
    version = small_number(str(posted.get("version", "")))
    try:
        is_series = await acts.cancel(request, meeting, version, scope, reason)
    except FieldErrors as found:
        error, trouble = found.fields.get("reason"), found.fields.get("scope")
        return await _show_cancel(
            request, meeting, reason, error, trouble=trouble, scope=scope, status=400
        )
    except (Overtaken, TooMany) as error:
        meeting, code = await changeable_meeting(request), error.http_status
        return await _show_cancel(request, meeting, reason, trouble=error, scope=scope, status=code)
    message = words(request).gettext(_SERIES_ENDED if is_series else _CANCELLED)
    return redirect(request, f"/meetings/{meeting.id}", message)


async def _show_cancel(
    request: web.Request,
    meeting: Meeting,
    reason: str,
    error: ConfhubError | None = None,
    *,
    trouble: ConfhubError | None = None,
    scope: str = "",
    status: int = 200,
) -> web.Response:
    catalogue = words(request)
    return await render(
        request,
        "meetings/cancel.html",
        scope=scope,
        in_series=await acts.series_of(request, meeting) is not None,
        status=status,
        meeting=meeting,
        reason=reason,
        error=catalogue.error(error) if error else "",
        trouble=catalogue.error(trouble) if trouble else "",
        reason_limit=changes.REASON_LENGTH,
    )
