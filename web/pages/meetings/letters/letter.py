"""/meetings/{meeting_id}/letter: the invitation letter, filled in, looked at, taken along, issued.

`?corrects=`: in the place of one that was issued.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.desks.letters import forms
from confhub.desks.letters import issuing as desk
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.identity import is_id, new_id
from confhub.letters import press, word_file
from confhub.letters.invitation import LIMITS, Group, Invitation, Typed, read, written
from confhub.letters.issued import Issued, Wanted, check, correction
from confhub.letters.prefilling import About, prefilled
from confhub.long_work import in_turn
from confhub.meetings.admission import opening
from confhub.meetings.changes import check_changeable
from confhub.words.dates import read_date
from web.meetings.access import Seen, see_meeting
from web.pages.meetings.invited_sites import InvitedSite, invited_sites
from web.pages.meetings.letters.files import file_answer
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, local_date, made_id
from web.requests.form_body import posted_form
from web.services import SERVICES

TEMPLATE = "letter-1"
_ISSUED = N_("Đã phát hành Giấy mời số %(number)s.")


async def show(request: web.Request) -> web.Response:
    """GET: the form with what the meeting and its unit let expect."""
    seen, sites = await _seen_with_sites(request)
    path = [unit.id for unit in seen.host_path]
    form = await forms.form_of(request.app[SERVICES].store, path)
    typed = prefilled(await _about(request, seen, sites), form, many=len(sites) > 1)
    old = await _old(request, seen, request.query.get("corrects", ""))
    if old is not None:
        kept = await request.app[SERVICES].store.letters.kept(old.id)
        typed = correction(old, kept.typed, typed)
    more = {"day": "", "annex": "1" if len(sites) > 1 else "", "key": new_id()}
    return await _show(request, seen, {**typed, **more}, old)


async def make(request: web.Request) -> web.Response:
    """POST: `as=pdf` shows it, `as=docx` hands it over, `as=issue` issues it; else the page with
    what is to be mended."""
    seen, sites = await _seen_with_sites(request)
    posted = await posted_form(request)
    typed = {name: str(posted.get(name, "")) for name in (*LIMITS, "day", "annex", "key")}
    old = await _old(request, seen, str(posted.get("corrects", "")))
    try:
        said, day = _read(typed)
        groups = await _groups(request, sites) if typed["annex"] else ()
        if posted.get("as") == "issue":
            check(said, day, local_date(request))
            return await _issue(request, seen, typed["key"], said, groups, old)
    except FieldErrors as errors:
        return await _show(request, seen, typed, old, errors)
    it = written(said, day or local_date(request), groups, dated=day is not None)
    name = f"giay-moi-{seen.meeting.id}"
    if posted.get("as") == "docx":
        return file_answer(await in_turn(word_file.letter, it), name, "docx")
    return file_answer(await _pdf(request, it), name, "pdf")


async def _pdf(request: web.Request, it: Invitation) -> bytes:
    return await press.pdf(TEMPLATE, it, request.app[SERVICES].clock(), "a-2b")


async def _issue(
    request: web.Request,
    seen: Seen,
    key: str,
    said: Typed,
    groups: Sequence[Group],
    old: Issued | None,
) -> web.Response:
    """On to the meeting's page. The form's key makes the letter's id: sent twice it is one."""
    letter_id = made_id(request, key if is_id(key) else new_id())
    wanted = Wanted(said, tuple(groups), press.template(TEMPLATE), old.id if old else "")
    store, actor = request.app[SERVICES].store, actor_of(request)
    issued = await desk.issue(store, actor, letter_id, seen.meeting.id, wanted)
    message = words(request).gettext(_ISSUED) % {"number": issued.said}
    return redirect(request, f"/meetings/{seen.meeting.id}#letters", message)


async def _old(request: web.Request, seen: Seen, letter_id: str) -> Issued | None:
    """The letter in whose place another is to be made; NotFound."""
    if not letter_id:
        return None
    return await request.app[SERVICES].store.letters.get(seen.meeting.id, letter_id)


def _read(typed: Mapping[str, str]) -> tuple[Typed, dt.date | None]:
    """FieldErrors over all fields at once."""
    errors: dict[str, ConfhubError] = {}
    day: dt.date | None = None
    try:
        day = read_date(typed["day"])
    except BadInput as error:
        errors["day"] = error
    try:
        said = read(typed)
    except FieldErrors as found:
        raise FieldErrors({**found.fields, **errors}) from None
    if errors:
        raise FieldErrors(errors)
    return said, day


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
    old: Issued | None,
    errors: FieldErrors | None = None,
) -> web.Response:
    return await render(
        request,
        "meetings/letter.html",
        status=400 if errors else 200,
        meeting=seen.meeting,
        typed=typed,
        limits=LIMITS,
        old=old,
        issued=await request.app[SERVICES].store.letters.of_meeting(seen.meeting.id),
        errors=field_messages(request, errors),
    )
