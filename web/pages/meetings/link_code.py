"""/meetings/{meeting_id}/links/{link_id}/code.svg: the QR code of one site's link.

A picture of its own, so that a page of hundreds of links is small and fetches the codes as they
come into sight. The address names the link by its id: the token that opens the room is in the
picture only, never in an address or a log.
"""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache

import segno
from aiohttp import web

from confhub.desks import rights
from confhub.errors import NotFound
from confhub.long_work import beside
from confhub.meetings.meeting import JoinLink, Meeting
from web.requests.addresses import own_origin
from web.requests.auth import Viewer, local_date, require_viewer
from web.services import SERVICES

# Standards let an encoder try eight masks and take the prettiest. Our addresses look random under
# any, and trying costs four fifths of the time.
_MASK = 4
# A secretary goes back and forth between the pages of one meeting; an ended sign-in must not leave
# codes behind for the day.
KEPT_S = 15 * 60


async def show(request: web.Request) -> web.Response:
    """GET: for whoever may see the link; NotFound where it opens nothing any more."""
    viewer, link = require_viewer(request), await _living_link(request)
    store = request.app[SERVICES].store
    meeting = await store.meetings.at_door(link.meeting_id, [link.site_id])
    if meeting.status in ("cancelled", "ended") or not await _sees(request, viewer, meeting, link):
        raise NotFound
    address = f"{own_origin(request)}/join/{request.app[SERVICES].tokens.sign(link)}"
    # Some 3 ms, which live rooms must not wait.
    code = await beside(qr_code, address)
    kept = {"Cache-Control": f"private, max-age={KEPT_S}", "Vary": "Cookie"}
    return web.Response(body=code, content_type="image/svg+xml", headers=kept)


@lru_cache(maxsize=1_024)  # of 5 kB each
def qr_code(address: str) -> bytes:
    """The address as one path of an SVG. Error correction M: paper gets creased."""
    code, svg = segno.make(address, error="m", mask=_MASK), io.BytesIO()
    code.save(svg, kind="svg", border=2, dark="#1c2430", light="#ffffff", xmldecl=False)
    return svg.getvalue()


async def _living_link(request: web.Request) -> JoinLink:
    """The link of the address, which belongs to the meeting of the address."""
    link = await request.app[SERVICES].store.links.get(request.match_info["link_id"])
    if link.meeting_id != request.match_info["meeting_id"] or link.revoked_at is not None:
        raise NotFound
    return link


async def _sees(request: web.Request, viewer: Viewer, meeting: Meeting, link: JoinLink) -> bool:
    """As `Seen.may_see_link`, of a meeting that comes without its other sites."""
    store, today = request.app[SERVICES].store, local_date(request)
    host_path = await rights.path_to(store, meeting.host_unit_id, today)
    only = replace(meeting, sites=(link.site_id,), chair_site_id=link.site_id)
    return link.site_id in await rights.linked_sites(store, viewer, only, host_path, today)
