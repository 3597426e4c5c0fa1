"""/meetings/new and /meetings/{id}/edit: one form, checked on the server.

Warnings (a site or the chair is taken, the time has passed) are shown with the form and ask for
a second press; if somebody else saved meanwhile, the form comes back with all that was typed
beside what changed.
"""

from __future__ import annotations

import re

from aiohttp import web

from confhub.desks import meetings as desk
from confhub.errors import Conflict, FieldErrors
from confhub.identity import new_id
from confhub.meetings.changes import Overtaken, check_changeable
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from web.meetings.access import see_meeting
from web.meetings.conflicts import find_conflicts
from web.pages.meetings.fields import Typed, read_form, shown_meeting
from web.pages.meetings.form_page import Refusal, show_form
from web.pages.meetings.rules import add_coded_sites, check
from web.pages.meetings.starts import begin
from web.rendering.pages import redirect, words
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

_OUR_ID = re.compile(r"[0-9a-z]{16}")  # as identity.new_id makes them


async def new(request: web.Request) -> web.Response:
    """GET /meetings/new: a form that begins as its address asks (starts.py)."""
    start = await begin(request)
    return await show_form(request, start.typed, key=new_id(), said=start.said)


async def create(request: web.Request) -> web.Response:
    """POST /meetings/new. The form carries the new meeting's id: sent twice it is saved once.

    Changed and sent again (after going back in the browser) it is another meeting, with an id of
    its own: what the first one holds is then told like every other clash.
    """
    viewer = require_viewer(request)
    posted = await posted_form(request)
    key = str(posted.get("key", ""))
    if not _OUR_ID.fullmatch(key):
        key = new_id()
    typed = await add_coded_sites(request, read_form(posted, local_date(request)))
    checked = await _check(request, typed, key)
    if isinstance(checked, Refusal):
        return await show_form(request, typed, key=key, refusal=checked)
    if await _add(request, checked, key):
        return _scheduled(request, key)
    made = await request.app[SERVICES].store.meetings.get(key)
    if made.created_by == viewer.account.id and checked.describes(made):
        return redirect(request, f"/meetings/{key}")
    key = new_id()
    checked = await _check(request, typed, key)
    if isinstance(checked, Refusal):
        return await show_form(request, typed, key=key, refusal=checked)
    if not await _add(request, checked, key):
        raise Conflict
    return _scheduled(request, key)


async def _add(request: web.Request, draft: Draft, key: str) -> bool:
    """Save a new meeting under the key; False if there is one already."""
    try:
        await desk.schedule(request.app[SERVICES].store, actor_of(request), key, draft)
    except Conflict:
        return False
    return True


def _scheduled(request: web.Request, key: str) -> web.Response:
    return redirect(request, f"/meetings/{key}", words(request).gettext("Đã lên lịch cuộc họp."))


async def edit(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/edit"""
    meeting = await changeable_meeting(request)
    typed = shown_meeting(meeting, request.app[SERVICES].zone)
    return await show_form(request, typed, meeting=meeting)


async def save(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/edit"""
    meeting = await changeable_meeting(request)
    posted = await posted_form(request)
    typed = await add_coded_sites(request, read_form(posted, local_date(request)))
    if typed.version != meeting.version:
        return await show_form(request, typed, meeting=meeting, overtaken=True)
    checked = await _check(request, typed, meeting.id)
    if isinstance(checked, Refusal):
        return await show_form(request, typed, meeting=meeting, refusal=checked)
    store = request.app[SERVICES].store
    try:
        await desk.change(store, actor_of(request), meeting.id, typed.version, checked)
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


async def _check(request: web.Request, typed: Typed, meeting_id: str) -> Draft | Refusal:
    """The draft to save, or what the form has to show instead."""
    try:
        draft, sites = await check(request, typed)
    except FieldErrors as found:
        return Refusal(errors=found.fields)
    findings = await find_conflicts(request, draft, sites, meeting_id)
    if findings.seal and findings.seal != typed.confirm:
        return Refusal(findings=findings)
    return draft
