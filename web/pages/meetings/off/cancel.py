"""/meetings/{meeting_id}/cancel: a meeting, or its series, is called off."""

from __future__ import annotations

from aiohttp import web

from confhub.errors import N_, ConfhubError, FieldErrors, TooMany
from confhub.meetings import changes
from confhub.meetings.changes import Overtaken
from confhub.meetings.meeting import Meeting
from confhub.words.texts import one_line, small_number
from web.pages.meetings.form import changeable_meeting
from web.pages.meetings.series import acts
from web.rendering.pages import redirect, render, words
from web.requests.form_body import posted_form

_CANCELLED = N_("Đã hủy cuộc họp. Xin báo cho các điểm cầu.")
_SERIES_ENDED = N_("Đã dừng chuỗi họp và hủy các buổi đã chọn. Xin báo cho các điểm cầu.")


async def ask(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/cancel"""
    return await _show(request, await changeable_meeting(request), "")


async def call_off(request: web.Request) -> web.Response:
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
        return await _show(
            request, meeting, reason, error, trouble=trouble, scope=scope, status=400
        )
    except (Overtaken, TooMany) as error:
        meeting, code = await changeable_meeting(request), error.http_status
        return await _show(request, meeting, reason, trouble=error, scope=scope, status=code)
    message = words(request).gettext(_SERIES_ENDED if is_series else _CANCELLED)
    return redirect(request, f"/meetings/{meeting.id}", message)


async def _show(
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
