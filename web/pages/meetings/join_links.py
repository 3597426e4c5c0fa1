"""/meetings/{meeting_id}/links: every site's link with its QR code, to print and hand out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from confhub.desks import links as desk
from confhub.errors import NotFound
from confhub.meetings.changes import CHANGEABLE
from confhub.meetings.meeting import JoinLink
from web.meetings.access import Seen, see_meeting
from web.pages.meetings.device_access import device_access
from web.pages.meetings.invited_sites import InvitedSite, invited_sites
from web.pages.meetings.status import standing
from web.rendering.pages import formats, redirect, render, span, words
from web.rendering.paging import Paging, asked_page, page_with
from web.requests.auth import actor_of
from web.services import SERVICES

# About what is looked through; all of them come by ?all=1 for the printer.
PAGE_SITES = 24


async def show(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/links: the links the viewer may see, page by page.

    `?site=`: one site's; `?near=`: the page that has it; `?all=1`: all of them, to be printed.
    """
    seen = await see_meeting(request)
    seen.viewer.require("see_links")
    groups = await invited_sites(request, seen)
    only = request.query.get("site", "")
    shown = [
        one
        for group in groups
        for one in group.sites
        if one.link is not None and (not only or one.site.id == only)
    ]
    is_host = seen.viewer.may("see_links", seen.host_path)
    every = (one.site.id for group in groups for one in group.sites)
    hides = is_host and not all(map(seen.may_see_link, every))
    paging = _page(request, shown)
    formatted, catalogue = formats(request), words(request)

    def invitation(one: InvitedSite) -> str:
        """What a secretary sends to a site by message: all that is needed to come."""
        lines = (
            seen.meeting.title,
            *(
                f"{span(request, *hours)}, {formatted.date(hours[0])}"
                for hours in seen.meeting.hours
            ),
            catalogue.gettext("Điểm cầu: %(unit)s (%(site)s)")
            % {"unit": one.unit.name, "site": one.site.name},
            catalogue.gettext("Vào họp tại: %(address)s") % {"address": one.address},
        )
        return "\n".join(lines)

    known = await request.app[SERVICES].store.agreements.find(seen.meeting.id)
    return await render(
        request,
        "meetings/links.html",
        is_held=known is not None and known.holds_links,
        meeting=seen.meeting,
        standing=standing(seen.meeting, request.app[SERVICES].clock()),
        invited=paging.cut(shown),
        paging=paging,
        only=only,
        hides=hides,
        may_change=seen.may_change and seen.meeting.status in CHANGEABLE,
        help_phone=await _help_phone(request, seen),
        printed=bool(request.query.get("all")),
        invitation=invitation,
        device_access=partial(device_access, request),
    )


def _page(request: web.Request, shown: Sequence[InvitedSite]) -> Paging:
    near = request.query.get("near", "")
    row = next((row for row, one in enumerate(shown) if one.site.id == near), None)
    if row is not None:
        return page_with(row, len(shown), PAGE_SITES)
    size = len(shown) or 1 if request.query.get("all") else PAGE_SITES
    return asked_page(request, len(shown), size)


async def _help_phone(request: web.Request, seen: Seen) -> str:
    """The secretary's number, else that of the presiding room, where they are found."""
    store, secretary_id = request.app[SERVICES].store, seen.meeting.created_by
    secretary = (await store.accounts.people([secretary_id])).get(secretary_id)
    if secretary is not None and secretary.phone:
        return secretary.phone
    found = await store.sites.get_many([seen.meeting.chair_site_id])
    return found[0].room_phone if found else ""


async def ask_revoke(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/links/{link_id}/revoke"""
    return await _ask(request, "revoke")


async def ask_renew(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/links/{link_id}/renew"""
    return await _ask(request, "renew")


async def revoke(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/links/{link_id}/revoke: whoever is in by this link is out."""
    link = await desk.revoke(request.app[SERVICES].store, actor_of(request), *_named(request))
    return _back(request, link, words(request).gettext("Đã thu hồi liên kết."))


async def renew(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/links/{link_id}/renew: the old link dies, a new one is made."""
    link = await desk.renew(request.app[SERVICES].store, actor_of(request), *_named(request))
    message = words(request).gettext("Đã cấp liên kết mới. Xin gửi lại cho điểm cầu.")
    return _back(request, link, message)


async def _ask(request: web.Request, act: str) -> web.Response:
    seen, store = await see_meeting(request, to_change=True), request.app[SERVICES].store
    link = await store.links.get(request.match_info["link_id"])
    if link.meeting_id != seen.meeting.id:
        raise NotFound
    site = await store.sites.get(link.site_id)
    return await render(
        request, "meetings/link_confirm.html", meeting=seen.meeting, link=link, site=site, act=act
    )


def _named(request: web.Request) -> tuple[str, str]:
    """Ids of the meeting and the link of the address."""
    return request.match_info["meeting_id"], request.match_info["link_id"]


def _back(request: web.Request, link: JoinLink, message: str) -> web.Response:
    place = f"/meetings/{link.meeting_id}/links?near={link.site_id}#site-{link.site_id}"
    return redirect(request, place, message)
