"""The page of a door that stays shut: why, whose it is, when it opens, and whom to call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from aiohttp import web

from confhub.answers.answer import is_open
from confhub.errors import N_, BadInput, ConfhubError, Forbidden, Gone, NotFound
from confhub.meetings.admission import NotHeld, TooEarly, join_units
from confhub.meetings.meeting import Meeting
from confhub.meetings.timetable import agenda_with_times
from confhub.units.site import Site
from web.meetings.calls import whom_to_call
from web.pages.meetings.detail import reopenable
from web.papers.listing import site_lines
from web.rendering.pages import render, script_json, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

TITLES: Mapping[type[ConfhubError], str] = {
    TooEarly: N_("Phòng họp chưa mở"),
    NotHeld: N_("Không vào họp được"),
    Gone: N_("Liên kết không còn dùng được"),
    BadInput: N_("Liên kết không đúng"),
    NotFound: N_("Không tìm thấy cuộc họp"),
    Forbidden: N_("Không vào họp được"),
}
_NOT_HELD: Mapping[str, str] = {
    "cancelled": N_("Cuộc họp đã hủy"),
    "postponed": N_("Cuộc họp đã hoãn"),
    "ended": N_("Cuộc họp đã kết thúc"),
    "draft": N_("Cuộc họp chưa được lên lịch"),
}
# Who is still invited is told of the meeting; an old link tells its holder only whom to ask.
_INVITED = (TooEarly, NotHeld)
_PREPARED_FOR = frozenset({"scheduled", "postponed"})


async def closed_door(request: web.Request, error: ConfhubError) -> web.Response:
    """The answer to whoever may not come in now, because of `error`, one of TITLES.

    With `?check` in the address, who only came too early tries camera and microphone meanwhile.
    """
    services, catalogue = request.app[SERVICES], words(request)
    title = next(title for kind, title in TITLES.items() if isinstance(error, kind))
    meeting, site = await _asked_for(request, error)
    opens_in_s = None
    if isinstance(error, TooEarly):
        wait_s = (error.opens_at - services.clock()).total_seconds()
        opens_in_s = max(0, int(wait_s) + 1)
    told = meeting if isinstance(error, _INVITED) else None
    prepared = told is not None and told.status in _PREPARED_FOR
    checks = opens_in_s is not None and "check" in request.query
    # The check asks only this of the room's words; nobody is in the chair of a shut room.
    boot = {"chair": False, "role": "site"}
    return await render(
        request,
        "room_trial.html" if checks else "room_closed.html",
        status=200 if checks else error.http_status,
        title=catalogue.gettext(_NOT_HELD.get(error.code, title)),
        message=catalogue.error(error),
        site=site,
        meeting=told,
        calls=await whom_to_call(request, meeting) if meeting else (),
        agenda=agenda_with_times(told) if told and prepared else (),
        note=told.note if told and prepared else "",
        opens_at=error.opens_at if isinstance(error, TooEarly) else None,
        opens_in_s=opens_in_s,
        reopen_until=await _reopen_until(request, told) if told else None,
        door=request.path,
        answer=_answer_page(request, told, site),
        papers=await _papers_page(request, told, site),
        boot_json=script_json(boot),
    )


def _answer_page(request: web.Request, meeting: Meeting | None, site: Site | None) -> str:
    """Where the site says who comes; empty where it does not, or need not any more."""
    if meeting is None or site is None or not is_open(meeting, request.app[SERVICES].clock()):
        return ""
    if "token" in request.match_info:
        return f"/join/{request.match_info['token']}/answer"
    return f"/meetings/{meeting.id}/sites/{site.id}/answer"


async def _papers_page(request: web.Request, meeting: Meeting | None, site: Site | None) -> str:
    """Where the site reads the meeting's papers, if there are any."""
    if meeting is None or site is None:
        return ""
    base = f"/meetings/{meeting.id}"
    if "token" in request.match_info:
        base = f"/join/{request.match_info['token']}"
    return f"{base}/papers" if await site_lines(request, meeting, site.id, base) else ""


async def _asked_for(
    request: web.Request, error: ConfhubError
) -> tuple[Meeting | None, Site | None]:
    """The meeting behind the door and the site that stands before it, as far as they are known
    and the visitor is, or was, invited."""
    if "token" in request.match_info:
        return await _behind_link(request)
    if not isinstance(error, _INVITED):
        return None, None
    store = request.app[SERVICES].store
    meeting = await store.meetings.get(request.match_info["meeting_id"])
    own = await store.sites.list(join_units(require_viewer(request).grants))
    return meeting, next((site for site in own if site.id in meeting.sites), None)


async def _reopen_until(request: web.Request, meeting: Meeting) -> dt.datetime | None:
    """Until when the viewer may take the meeting's end back; of a link's holder nobody knows."""
    if "token" in request.match_info:
        return None
    units = request.app[SERVICES].store.units
    host_path = await units.path(meeting.host_unit_id, local_date(request), ended=True)
    if not require_viewer(request).may("drive", host_path):
        return None
    return await reopenable(request, meeting)


async def _behind_link(request: web.Request) -> tuple[Meeting | None, Site | None]:
    services = request.app[SERVICES]
    try:
        link_id = services.tokens.read(request.match_info["token"])
        link = await services.store.links.get(link_id)
        site = await services.store.sites.get(link.site_id)
        return await services.store.meetings.get(link.meeting_id), site
    except (BadInput, NotFound):  # never signed by us
        return None, None
