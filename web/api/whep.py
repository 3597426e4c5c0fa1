"""/whep: a projector or a recorder plays a meeting (draft-ietf-wish-whep)."""

from __future__ import annotations

from aiohttp import web

from confhub.errors import N_, BadInput
from rooms.state.picture import Wish
from rooms.state.seat import site_member
from web.api import device_sessions
from web.api.device_sessions import (
    Recheck,
    at_home,
    created,
    device_seat,
    devices_of,
    home_of,
    read_offer,
)
from web.requests.bearer import Use, enter_by_token
from web.requests.entrance import Entrance
from web.services import SERVICES

USE: Use = "whep"


async def play(request: web.Request) -> web.Response:
    """POST /whep/{meeting_id}?source=&own=: what is played is described in docs/whip.md."""
    entrance = await enter_by_token(request, USE)
    seat = device_seat(request, entrance)
    wish = Wish(seat.member_id, await _pinned(request, entrance), request.query.get("own") == "1")
    home = await home_of(request, seat.meeting_id)
    offer = await read_offer(request)
    if home is not None:
        return await at_home(request, home, offer)
    check = Recheck(request, USE, seat)
    session, answer = await devices_of(request).play(seat, check, offer, wish)
    return await created(request, USE, session, answer)


async def change(request: web.Request) -> web.Response:
    """PATCH /whep/{meeting_id}/{session_id}"""
    return await device_sessions.change(request, USE)


async def end(request: web.Request) -> web.Response:
    """DELETE /whep/{meeting_id}/{session_id}"""
    return await device_sessions.end(request, USE)


async def _pinned(request: web.Request, entrance: Entrance) -> str | None:
    """The member whose camera was asked for, by its site's code or id."""
    name = request.query.get("source", "")
    if not name:
        return None
    store = request.app[SERVICES].store
    meeting = await store.meetings.get(entrance.meeting.id)
    for site in await store.sites.get_many({meeting.chair_site_id, *meeting.sites}):
        if name in (site.code, site.id):
            return site_member(site.id)
    raise BadInput(N_("Cuộc họp không có điểm cầu mang mã %(code)s."), values={"code": name[:64]})
