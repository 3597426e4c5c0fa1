"""What was typed, under the rules of scheduling."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import SITE_LIMIT, Draft
from confhub.words.texts import one_line
from web.meetings.invitable import draft_of
from web.pages.meetings.fields import Typed, too_many_sites
from web.services import SERVICES

# People leave blank lines between groups of codes.
_MOST_LINES = 2 * SITE_LIMIT


async def check(request: web.Request, typed: Typed, meeting: Meeting | None = None) -> Draft:
    """The form as a Draft, of a meeting that is changed; FieldErrors with every field's message."""
    errors: dict[str, ConfhubError] = dict(typed.problems)
    try:
        draft = await draft_of(request, typed.as_form(), meeting)
    except FieldErrors as found:
        raise FieldErrors({**found.fields, **errors}) from None
    if errors:
        raise FieldErrors(errors)
    return draft


async def add_coded_sites(request: web.Request, typed: Typed) -> Typed:
    """Join the sites named by code, one a line, to those chosen; a wrong code is a problem, and so
    are more lines than sites may be invited."""
    count = typed.site_codes.strip().count("\n") + 1
    if count > _MOST_LINES:
        return _with_problem(typed, too_many_sites(count))
    lines = (one_line(line) for line in typed.site_codes.split("\n"))
    codes = {line.lower(): line for line in lines if line}
    if not codes:
        return typed
    if len(codes) > SITE_LIMIT:
        return _with_problem(typed, too_many_sites(len(codes)))
    sites = await request.app[SERVICES].store.sites.by_codes(codes)
    ids = {site.code: site.id for site in sites}
    for code, as_typed in codes.items():
        if code not in ids:
            text = N_("Không có điểm cầu mang mã “%(code)s”.")
            return _with_problem(typed, BadInput(text, values={"code": as_typed}))
    found = (ids[code] for code in codes)
    return replace(typed, site_ids=tuple(dict.fromkeys((*typed.site_ids, *found))))


def _with_problem(typed: Typed, error: ConfhubError) -> Typed:
    return replace(typed, problems={**typed.problems, "site_ids": error})
