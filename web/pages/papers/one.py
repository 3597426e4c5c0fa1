"""/meetings/{meeting_id}/papers/{paper_id}: for the secretary: who may read it, its versions, who
opened it; its removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.papers import keeping
from confhub.errors import N_, FieldErrors
from confhub.papers.choice import limits_of
from confhub.papers.paper import AUDIENCES, MB, Audience, Opening, Paper, Shown
from web.meetings.access import see_meeting
from web.pages.meetings.choices import level_name
from web.papers.listing import address_of, said_size
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of, local_date
from web.requests.form_body import posted_form
from web.services import SERVICES

# A meeting of the country has some thousand sites; who came last stands first.
MOST_OPENINGS = 300
_SHOWN = N_("Đã ghi nơi được xem.")
_REMOVED = N_("Đã gỡ tài liệu “%(name)s”.")


@dataclass(frozen=True, slots=True)
class Opened:
    """Who opened which version; `unit` is that of the site, or of the account."""

    opening: Opening
    number: int
    who: str
    unit: str


async def show(request: web.Request) -> web.Response:
    """GET"""
    return await _page(request)


async def save(request: web.Request) -> web.Response:
    """POST: who may read it."""
    meeting_id, paper_id = (request.match_info[name] for name in ("meeting_id", "paper_id"))
    posted = await posted_form(request)
    to: Audience = next((one for one in AUDIENCES if one == posted.get("shown")), "host")
    levels = tuple(str(one) for one in posted.getall("levels", []))
    store = request.app[SERVICES].store
    try:
        await keeping.show(store, actor_of(request), meeting_id, paper_id, Shown(to, levels))
    except FieldErrors as found:
        return await _page(request, errors=found, shown=Shown(to, levels), status=400)
    return redirect(request, request.path, words(request).gettext(_SHOWN))


async def remove(request: web.Request) -> web.Response:
    """POST …/remove"""
    meeting_id, paper_id = (request.match_info[name] for name in ("meeting_id", "paper_id"))
    store = request.app[SERVICES].store
    seen = await see_meeting(request, to_change=True)
    name = (await store.papers.get(seen.meeting.id, paper_id)).latest.name
    await keeping.remove(store, actor_of(request), meeting_id, paper_id)
    said = words(request).gettext(_REMOVED) % {"name": name}
    return redirect(request, f"/meetings/{meeting_id}/papers", said)


async def _page(
    request: web.Request,
    *,
    errors: FieldErrors | None = None,
    shown: Shown | None = None,
    status: int = 200,
) -> web.Response:
    seen, services = await see_meeting(request, to_change=True), request.app[SERVICES]
    store, meeting = services.store, seen.meeting
    paper = await store.papers.get(meeting.id, request.match_info["paper_id"])
    people = await store.accounts.people({one.added_by for one in paper.versions})
    limits, catalogue = limits_of(services.settings), words(request)
    versions = [
        (
            one,
            address_of(f"/meetings/{meeting.id}", one),
            said_size(request, one.size),
            people[one.added_by].name if one.added_by in people else "—",
        )
        for one in reversed(paper.versions)
    ]
    fields = errors.fields if errors else {}
    return await render(
        request,
        "papers/paper.html",
        status=status,
        meeting=meeting,
        paper=paper,
        shown=shown or paper.shown,
        versions=versions,
        opened=await _opened(request, paper),
        may_add=meeting.status != "cancelled",
        levels=[(one.id, level_name(request, one)) for one in await store.units.levels()],
        kinds=limits.kinds,
        most_mb=limits.paper // MB,
        errors={name: catalogue.error(error) for name, error in fields.items()},
    )


async def _opened(request: web.Request, paper: Paper) -> Sequence[Opened]:
    store, today = request.app[SERVICES].store, local_date(request)
    numbers = {one.id: one.number for one in paper.versions}
    openings = await store.papers.openings(list(numbers), MOST_OPENINGS)
    sites = {
        one.id: one for one in await store.sites.get_many({o.site_id for o in openings} - {""})
    }
    people = await store.accounts.people({one.account_id for one in openings} - {""})
    at = {site.unit_id for site in sites.values()} | {one.unit_id for one in people.values()}
    units = await store.units.names(at, today)

    def told(opening: Opening) -> Opened:
        site, person = sites.get(opening.site_id), people.get(opening.account_id)
        name = site.name if site is not None else person.name if person is not None else "—"
        unit_id = site.unit_id if site is not None else person.unit_id if person else ""
        return Opened(opening, numbers[opening.version_id], name, units.get(unit_id, ""))

    return [told(one) for one in openings]
