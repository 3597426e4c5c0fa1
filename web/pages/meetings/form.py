"""/meetings/new and /meetings/{id}/edit: one form, checked on the server.

Warnings (a site or the chair is taken, the time has passed) are shown with the form and ask for
a second press; if somebody else saved meanwhile, the form comes back with all that was typed
beside what changed.
"""

from __future__ import annotations

import re

from aiohttp import web

from confhub.errors import N_, ConfhubError, Conflict, FieldErrors, TooMany
from confhub.identity import new_id
from confhub.meetings.changes import Overtaken, check_changeable
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.planning.conflicts import Clashing
from web.meetings.access import see_meeting
from web.meetings.conflicts import find_conflicts, override_of
from web.pages.meetings.fields import Typed, read_form, shown_meeting, with_sittings_of
from web.pages.meetings.form_page import Refusal, show_form
from web.pages.meetings.rules import add_coded_sites, check
from web.pages.meetings.series import acts
from web.pages.meetings.starts import begin
from web.rendering.pages import redirect, words
from web.requests.auth import actor_of, local_date, made_id
from web.requests.form_body import posted_form
from web.services import SERVICES

_SCHEDULED = N_("Đã lên lịch cuộc họp.")
_SERIES_SCHEDULED = N_("Đã lên lịch chuỗi họp. Các buổi được lập trước ba tháng.")
_OUR_ID = re.compile(r"[0-9a-z]{16}")  # as identity.new_id makes them


async def new(request: web.Request) -> web.Response:
    """GET /meetings/new: a form that begins as its address asks (starts.py)."""
    start = await begin(request)
    return await show_form(request, start.typed, key=new_id(), said=start.said)


async def create(request: web.Request) -> web.Response:
    """POST /meetings/new. The form carries a key, of which its meeting's id is made: sent twice it
    is saved once.

    Changed and sent again (after going back in the browser) it is another meeting, with an id of
    its own: what the first one holds is then told like every other clash.
    """
    posted = await posted_form(request)
    key = str(posted.get("key", ""))
    if not _OUR_ID.fullmatch(key):
        key = new_id()
    typed = await add_coded_sites(request, read_form(posted, local_date(request)))
    saved = await _add(request, typed, made_id(request, key))
    if saved is False:
        key = new_id()
        saved = await _add(request, typed, made_id(request, key))
    if isinstance(saved, Refusal):
        return await show_form(request, typed, key=key, refusal=saved)
    if not saved:
        raise Conflict
    said = _SERIES_SCHEDULED if typed.repeat.frequency else _SCHEDULED
    return redirect(request, f"/meetings/{made_id(request, key)}", words(request).gettext(said))


async def _add(request: web.Request, typed: Typed, meeting_id: str) -> bool | Refusal:
    """Whether what was typed is saved under the id, now or before; False: another meeting is."""
    checked = await _check(request, typed, meeting_id)
    if isinstance(checked, Refusal):
        return checked
    store, actor = request.app[SERVICES].store, actor_of(request)
    override = override_of(typed.confirm, typed.override_reason)
    try:
        await acts.schedule(request, typed, meeting_id, checked, override)
    except (Clashing, FieldErrors, TooMany) as error:
        return await _refused(request, error, checked, meeting_id)
    except Conflict:
        made = await store.meetings.get(meeting_id)
        is_same = await acts.was_made(request, typed, checked, made)
        return made.created_by == actor.account_id and is_same
    return True


async def edit(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/edit"""
    meeting = await changeable_meeting(request)
    typed = shown_meeting(meeting, request.app[SERVICES].zone)
    return await show_form(request, await acts.with_rule(request, typed, meeting), meeting=meeting)


async def save(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/edit"""
    meeting = await changeable_meeting(request)
    posted = await posted_form(request)
    typed = read_form(posted, local_date(request))
    if "has_sittings" not in posted:
        typed = with_sittings_of(meeting, typed, request.app[SERVICES].zone)
    typed = await add_coded_sites(request, typed)
    if typed.version != meeting.version:
        return await show_form(request, typed, meeting=meeting, overtaken=True)
    checked = await _check(request, typed, meeting.id, meeting)
    if isinstance(checked, Refusal):
        return await show_form(request, typed, meeting=meeting, refusal=checked)
    store = request.app[SERVICES].store
    override = override_of(typed.confirm, typed.override_reason)
    try:
        await acts.change(request, typed, meeting, checked, override)
    except (Clashing, FieldErrors, TooMany) as error:
        refusal = await _refused(request, error, checked, meeting.id)
        return await show_form(request, typed, meeting=meeting, refusal=refusal)
    except Overtaken:  # between our reading and our writing
        stored = await store.meetings.get(meeting.id)
        return await show_form(request, typed, meeting=stored, overtaken=True)
    message = words(request).gettext("Đã lưu thay đổi.")
    return redirect(request, f"/meetings/{meeting.id}", message)


async def changeable_meeting(request: web.Request) -> Meeting:
    """The meeting of the address, which the viewer may change; NoMoreChanges once it is over."""
    meeting = (await see_meeting(request, to_change=True)).meeting
    check_changeable(meeting)
    return meeting


async def _check(
    request: web.Request, typed: Typed, meeting_id: str, meeting: Meeting | None = None
) -> Draft | Refusal:
    """The draft to save, or what the form has to show instead."""
    try:
        draft = await check(request, typed, meeting)
    except FieldErrors as found:
        return Refusal(errors=found.fields)
    findings = await find_conflicts(request, draft, meeting_id)
    if findings.seal and findings.seal != typed.confirm:
        return Refusal(findings=findings)
    return draft


async def _refused(
    request: web.Request, error: ConfhubError, draft: Draft, meeting_id: str
) -> Refusal:
    """What the form shows where somebody was taken since it was asked, no reason was given, or it
    asks for more meetings than may be made at once."""
    fields = error.fields if isinstance(error, FieldErrors) else {}
    findings = await find_conflicts(request, draft, meeting_id)
    trouble = error if isinstance(error, TooMany) else None
    return Refusal(errors=fields, findings=findings, trouble=trouble)
