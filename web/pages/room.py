"""The meeting page, for a signed-in account and for a site's link."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from confhub.meetings.admission import at_sitting
from confhub.parts import version
from rooms.hub.hub import RoomHub
from web.meetings.calls import whom_to_call
from web.pages.closed_door import TITLES, closed_door
from web.papers.listing import site_lines
from web.rendering.pages import language_of, redirect, render, script_json
from web.requests.auth import VIEWER
from web.requests.entrance import Entrance, enter_by_account, enter_by_link
from web.requests.route import for_programs
from web.services import SERVICES

# Messengers take the end of a sentence, a bracket or a blank along with a link. None is in a token.
_BEHIND_LINKS = "/.,;:!?)]}>'\"’”»… \t\r\n\u00a0\u200b"
_LIKE_A_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")


async def show(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}/room"""
    socket = f"/meetings/{request.match_info['meeting_id']}/socket"
    return await _room(request, enter_by_account, socket)


async def show_by_link(request: web.Request) -> web.Response:
    """GET /join/{token}; what a message put behind the link is no part of it."""
    token = request.match_info["token"]
    clean = token.rstrip(_BEHIND_LINKS)
    if clean != token and _LIKE_A_TOKEN.fullmatch(clean):
        return redirect(request, f"/join/{clean}")
    return await _room(request, enter_by_link, f"/join/{token}/socket")


async def _room(
    request: web.Request, enter: Callable[[web.Request], Awaitable[Entrance]], socket: str
) -> web.Response:
    try:
        entrance = await enter(request)
    except tuple(TITLES) as error:
        # The page itself asks in JSON why its socket is refused.
        if for_programs(request):
            raise
        return await closed_door(request, error)
    rooms: RoomHub | None = request.app[SERVICES].rooms
    holder = await rooms.elsewhere(entrance.meeting.id) if rooms is not None else None
    if holder is not None and holder.address and not for_programs(request):
        raise web.HTTPFound(f"{holder.address}{request.path_qs}")
    boot = _boot(request, entrance, socket, await _level_names(request))
    return await render(
        request,
        "room.html",
        meeting=at_sitting(entrance.meeting, request.app[SERVICES].clock()),
        has_sittings=len(entrance.meeting.all_sittings) > 1,
        calls=await whom_to_call(request, entrance.meeting),
        papers=await _papers_page(request, entrance),
        boot=boot,
        boot_json=script_json(boot),
    )


async def _papers_page(request: web.Request, entrance: Entrance) -> str:
    """Where the meeting's papers are read; empty: it has none for whoever comes in."""
    meeting, site_id = entrance.meeting, entrance.admission.site_id
    token = request.match_info.get("token")
    base = f"/join/{token}" if token else f"/meetings/{meeting.id}"
    if site_id is None:
        has_any = bool(await request.app[SERVICES].store.papers.of_meeting(meeting.id))
    else:
        has_any = bool(await site_lines(request, meeting, site_id, base))
    return f"{base}/papers" if has_any else ""


async def _level_names(request: web.Request) -> dict[str, str]:
    """Names of levels in the page's language by their Vietnamese; none where they are the same."""
    if language_of(request) == "vi":
        return {}
    return {level.name: level.name_en for level in await request.app[SERVICES].store.units.levels()}


def _boot(
    request: web.Request, entrance: Entrance, socket: str, levels: Mapping[str, str]
) -> dict[str, object]:
    """What static/js/room/main.js is told; its type is `Boot` in messages.js."""
    return {
        "socket": socket,
        "seat": entrance.name,
        "unit": entrance.unit,
        "level": levels.get(entrance.level.name, entrance.level.name),
        "levels": levels,
        "title": entrance.meeting.title,
        "chair": entrance.is_chair,
        "meeting_id": entrance.meeting.id,
        "language": language_of(request),
        "timezone": request.app[SERVICES].settings.timezone,
        "app_version": version("0"),
        "role": entrance.admission.role,
        "exit": "/meetings" if VIEWER in request else "",
    }
