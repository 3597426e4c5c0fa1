"""/meetings/{meeting_id}/letter: the invitation letter, filled in, looked at, taken as a file."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.errors import BadInput, ConfhubError, FieldErrors
from confhub.letters import press, word_file
from confhub.letters.invitation import LIMITS, Group, Invitation, Typed, read, written
from confhub.letters.prefilling import About, prefilled
from confhub.meetings.admission import opening
from confhub.meetings.changes import check_changeable
from confhub.words.dates import read_date
from web.meetings.access import Seen, see_meeting
from web.pages.meetings.invited_sites import InvitedSite, invited_sites
from web.pages.meetings.letters.files import file_answer
from web.rendering.pages import field_messages, render
from web.requests.auth import local_date
from web.requests.form_body import posted_form
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """GET: the form with what the meeting and its unit let expect."""
    seen, sites = await _seen_with_sites(request)
    typed = prefilled(await _about(request, seen, sites), many=len(sites) > 1)
    annex = "1" if len(sites) > 1 else ""
    return await _show(request, seen, {**typed, "day": "", "annex": annex})


async def make(request: web.Request) -> web.Response:
    """POST: `as=pdf` shows it, `as=docx` hands it over; else the page with what is to be mended."""
    seen, sites = await _seen_with_sites(request)
    posted = await posted_form(request)
    typed = {name: str(posted.get(name, "")) for name in (*LIMITS, "day", "annex")}
    try:
        words, day = _read(typed)
    except FieldErrors as errors:
        return await _show(request, seen, typed, errors)
    groups = await _groups(request, sites) if typed["annex"] else ()
    it = written(words, day or local_date(request), groups, dated=day is not None)
    name = f"giay-moi-{seen.meeting.id}"
    if posted.get("as") == "docx":
        return file_answer(await asyncio.to_thread(word_file.letter, it), name, "docx")
    return file_answer(await _pdf(request, it), name, "pdf")


async def _pdf(request: web.Request, it: Invitation) -> bytes:
    return await press.pdf("letter-1", it, request.app[SERVICES].clock(), "a-2b")


def _read(typed: Mapping[str, str]) -> tuple[Typed, dt.date | None]:
    """FieldErrors over all fields at once."""
    errors: dict[str, ConfhubError] = {}
    day: dt.date | None = None
    try:
        day = read_date(typed["day"])
    except BadInput as error:
        errors["day"] = error
    try:
        words = read(typed)
    except FieldErrors as found:
        raise FieldErrors({**found.fields, **errors}) from None
    if errors:
        raise FieldErrors(errors)
    return words, day


async def _seen_with_sites(request: web.Request) -> tuple[Seen, Sequence[InvitedSite]]:
    seen = await see_meeting(request, to_change=True)
    check_changeable(seen.meeting)
    groups = await invited_sites(request, seen)
    return seen, [one for group in groups for one in group.sites]


async def _about(request: web.Request, seen: Seen, sites: Sequence[InvitedSite]) -> About:
    services, meeting = request.app[SERVICES], seen.meeting
    chair = next((one for one in sites if one.is_chair), None)
    return About(
        meeting=meeting,
        host=seen.host_path[-1].name,
        chair_site=chair.site.name if chair else "",
        chair_unit=chair.unit.name if chair else "",
        opens_at=opening(meeting, services.settings.join_early_min),
        zone=services.zone,
    )


async def _groups(request: web.Request, sites: Sequence[InvitedSite]) -> Sequence[Group]:
    """By level, in the letter's own language; the sites come in that order."""
    names = {one.id: one.name for one in await request.app[SERVICES].store.units.levels()}
    rows: dict[str, list[tuple[str, str]]] = {}
    for one in sites:
        rows.setdefault(one.unit.level_id, []).append((one.unit.name, one.site.name))
    return [Group(names[level_id], tuple(some)) for level_id, some in rows.items()]


async def _show(
    request: web.Request,
    seen: Seen,
    typed: Mapping[str, str],
    errors: FieldErrors | None = None,
) -> web.Response:
    return await render(
        request,
        "meetings/letter.html",
        status=400 if errors else 200,
        meeting=seen.meeting,
        typed=typed,
        limits=LIMITS,
        errors=field_messages(request, errors),
    )
