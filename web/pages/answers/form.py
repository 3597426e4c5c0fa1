"""A site says who comes: behind its link, and for who is signed in.

/join/{token}/answer and /meetings/{meeting_id}/sites/{site_id}/answer
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.answers.answer import Answer, AnsweredElsewhere, NoAnswerNow, is_open
from confhub.answers.given import MOST_PEOPLE, REMARK_LENGTH, Given
from confhub.bucket import Rate
from confhub.desks import rights
from confhub.desks.answers import giving as desk
from confhub.desks.answers.deadlines import due
from confhub.errors import N_, ConfhubError, FieldErrors, NotFound
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.units.site import Site
from confhub.words.texts import small_number
from web.meetings.access import see_meeting
from web.meetings.answers import told_by
from web.meetings.calls import whom_to_call
from web.meetings.names import sites_at, units_at
from web.pages.answers import fields
from web.pages.answers.fields import Typed
from web.pages.closed_door import TITLES, closed_door
from web.papers.listing import site_lines
from web.rendering.pages import redirect, render, words
from web.requests.addresses import client_address
from web.requests.auth import VIEWER, actor_of, local_date, local_time
from web.requests.entrance import linked_site
from web.requests.form_body import posted_form
from web.requests.route import PLAIN_TYPE, Body
from web.services import SERVICES

# Thirty people's names, titles and reasons at their longest, percent-encoded; an agenda.
FORM = Body((PLAIN_TYPE,), 160 * 1024, 300)
# Of one link: people press some ten times for more rows, and put right what they typed. Each answer
# that is kept is on record for good, 190 KB of the longest, and a link is in many hands.
PACE = Rate(1 / 120, 30)
_KEPT = N_("Đã ghi nhận. Đơn vị chủ trì xem được ngay; cần đổi thì sửa ở trang này.")

Keep = Callable[[int, Given], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A site of a meeting, and how its answer is kept. `back`: where the page came from."""

    meeting: Meeting
    site: Site
    back: str
    is_linked: bool
    keep: Keep


async def show_by_link(request: web.Request) -> web.Response:
    """GET /join/{token}/answer"""
    return await _behind_link(request, _show)


async def save_by_link(request: web.Request) -> web.Response:
    """POST /join/{token}/answer"""
    return await _behind_link(request, _save)


async def show(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/sites/{site_id}/answer"""
    return await _show(request, await _signed_in(request))


async def save(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/sites/{site_id}/answer"""
    return await _save(request, await _signed_in(request))


async def _behind_link(
    request: web.Request, page: Callable[[web.Request, Asked], Awaitable[web.Response]]
) -> web.Response:
    try:
        link, meeting, site = await linked_site(request)
    except tuple(TITLES) as error:
        return await closed_door(request, error)
    store, actor = request.app[SERVICES].store, _actor(request)

    async def keep(version: int, given: Given) -> Answer:
        return await desk.answer_by_link(store, actor, link.id, version, given)

    back = f"/join/{request.match_info['token']}"
    return await page(request, Asked(meeting, site, back, True, keep))


async def _signed_in(request: web.Request) -> Asked:
    """NotFound for a site for which the viewer does not answer."""
    seen = await see_meeting(request)
    store, meeting, actor = request.app[SERVICES].store, seen.meeting, actor_of(request)
    own = await rights.answered_sites(
        store, seen.viewer, meeting, seen.host_path, local_date(request)
    )
    site_id = request.match_info["site_id"]
    if site_id not in own:
        raise NotFound

    async def keep(version: int, given: Given) -> Answer:
        return await desk.answer(store, actor, meeting.id, site_id, version, given)

    site = await store.sites.get(site_id)
    return Asked(meeting, site, f"/meetings/{meeting.id}", False, keep)


def _actor(request: web.Request) -> Actor:
    """Whoever holds the link; it is what gives the right, be they signed in or not."""
    if VIEWER in request:
        return actor_of(request)
    return Actor(local_time(request), address=client_address(request))


async def _show(request: web.Request, asked: Asked) -> web.Response:
    known = await _known(request, asked)
    typed = fields.typed_of(known.given if known else None, known.version if known else 0)
    return await _page(request, asked, known, typed)


async def _save(request: web.Request, asked: Asked) -> web.Response:
    posted = await posted_form(request)
    version = small_number(str(posted.get("version", ""))) or 0
    typed = fields.read(posted, version)
    if "more" in posted:
        return await _page(request, asked, await _known(request, asked), typed, more=3)
    try:
        given = fields.given_of(typed, [item.id for item in asked.meeting.agenda])
        await asked.keep(version, given)
    except FieldErrors as found:
        known = await _known(request, asked)
        return await _page(request, asked, known, typed, errors=found, status=400)
    except (AnsweredElsewhere, NoAnswerNow) as error:
        known = await _known(request, asked)
        mine = replace(typed, version=known.version if known else 0)
        return await _page(request, asked, known, mine, trouble=error, status=409)
    return redirect(request, request.path, words(request).gettext(_KEPT))


async def _known(request: web.Request, asked: Asked) -> Answer | None:
    return await request.app[SERVICES].store.answers.find(asked.meeting.id, asked.site.id)


async def _page(
    request: web.Request,
    asked: Asked,
    known: Answer | None,
    typed: Typed,
    *,
    errors: FieldErrors | None = None,
    trouble: ConfhubError | None = None,
    more: int = 0,
    status: int = 200,
) -> web.Response:
    services, catalogue, meeting = request.app[SERVICES], words(request), asked.meeting
    (site,) = await sites_at(request, [asked.site], meeting.starts_at)
    names = await units_at(request, {site.unit_id, meeting.host_unit_id}, meeting.starts_at)
    problems = errors.fields if errors else {}
    parts = [(part, catalogue.gettext(word)) for part, word in fields.PART_WORDS.items()]
    return await render(
        request,
        "answers/form.html",
        status=status,
        asked=asked,
        meeting=meeting,
        site=site,
        unit=names[site.unit_id],
        host=names[meeting.host_unit_id],
        known=known,
        said=await told_by(request, known) if known else "",
        is_open=is_open(meeting, services.clock()),
        due_at=await due(services.store, meeting, services.zone),
        now=services.clock(),
        typed=typed,
        rows=typed.with_empty_rows(more),
        may_have_more=len(typed.rows) + fields.EMPTY_ROWS + more < MOST_PEOPLE,
        states=fields.STATE_CHOICES,
        parts_of_people=parts,
        errors={name: catalogue.error(error) for name, error in problems.items()},
        trouble=catalogue.error(trouble) if trouble else "",
        remark_limit=REMARK_LENGTH,
        calls=await whom_to_call(request, meeting),
        papers=await site_lines(request, meeting, asked.site.id, asked.back),
        papers_page=f"{asked.back}/papers",
    )
