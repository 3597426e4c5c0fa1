"""/whip: a site's hardware encoder sends its camera into a meeting (RFC 9725)."""

from __future__ import annotations

from aiohttp import web

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

USE: Use = "whip"


async def publish(request: web.Request) -> web.Response:
    """POST /whip/{meeting_id}"""
    seat = device_seat(request, await enter_by_token(request, USE))
    home = await home_of(request, seat.meeting_id)
    offer = await read_offer(request)
    if home is not None:
        return await at_home(request, home, offer)
    check = Recheck(request, USE, seat)
    session, answer = await devices_of(request).publish(seat, check, offer)
    return await created(request, USE, session, answer)


async def change(request: web.Request) -> web.Response:
    """PATCH /whip/{meeting_id}/{session_id}"""
    return await device_sessions.change(request, USE)


async def end(request: web.Request) -> web.Response:
    """DELETE /whip/{meeting_id}/{session_id}"""
    return await device_sessions.end(request, USE)
