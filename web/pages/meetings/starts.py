"""What the form of a new meeting begins with: nothing, or a meeting as last time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.errors import N_
from confhub.planning.again import LeftOut, chair_of, fitting, next_day
from web.meetings.access import see_meeting
from web.pages.meetings.fields import Typed, blank_form, shown_meeting
from web.pages.meetings.free_time import asked_day, asked_sites, asked_time
from web.pages.meetings.rules import host_tree
from web.rendering.pages import formats, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# More names than fit on some lines help nobody; the count says the rest.
MOST_NAMES = 20

_WHY: Mapping[str, str] = {
    "unit_ended": N_("%(site)s (đơn vị thôi hoạt động từ %(day)s)"),
    "not_in_use": N_("%(site)s (đã ngừng dùng)"),
    "out_of_reach": N_("%(site)s (ngoài phạm vi mời của đơn vị chủ trì)"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """The form as it is first shown; `said`: what whoever opens it should know."""

    typed: Typed
    said: Sequence[str] = ()


async def begin(request: web.Request) -> Start:
    """As the address asks: `?like=` a meeting's id, else a blank form; NotFound, NotAllowed."""
    for name, start in _STARTS.items():
        if asked := request.query.get(name):
            return await start(request, asked)
    return await _blank(request)


async def _blank(request: web.Request) -> Start:
    """`?host=`: a unit in reach, else one's own; `?date=`, `?start=` and `?invite=`: a free time of
    the calendar, and whose."""
    viewer = require_viewer(request)
    services = request.app[SERVICES]
    host_id = request.query.get("host", "") or viewer.tops("schedule")[0].id
    path = await services.store.units.path(host_id, local_date(request), ended=True)
    viewer.require("schedule", path)
    host = path[-1]
    own = [site for site in await services.store.sites.list([host.id]) if site.active]
    calendar = await services.store.special_days.calendar()
    typed = blank_form(
        host.id,
        host.level_id,
        own,
        services.clock(),
        services.zone,
        calendar,
        on=asked_day(request),
        at=asked_time(request),
    )
    invited = dict.fromkeys((*typed.site_ids, *await asked_sites(request)))
    return Start(replace(typed, site_ids=tuple(invited)))


async def _as_last_time(request: web.Request, meeting_id: str) -> Start:
    """A meeting of one's own, on the next day that suits; whom nobody can invite is left out."""
    services = request.app[SERVICES]
    meeting = (await see_meeting(request, meeting_id, to_change=True)).meeting
    calendar = await services.store.special_days.calendar()
    last = meeting.starts_at.astimezone(services.zone).date()
    day = next_day(last, local_date(request), calendar)
    old = shown_meeting(meeting, services.zone)
    typed = replace(
        old,
        date=day.isoformat(),
        agenda=tuple(replace(row, id="") for row in old.agenda),
        version=0,
    )
    typed, left = await fit(request, typed, day)
    said = words(request).gettext("Như cuộc họp ngày %(day)s. Xin xem lại ngày, giờ và nội dung.")
    return Start(
        typed, [said % {"day": formats(request).short_date(last)}, *say_left(request, left)]
    )


async def fit(request: web.Request, typed: Typed, day: dt.date) -> tuple[Typed, list[LeftOut]]:
    """The form with those of its sites that its host can invite for the day, and the others."""
    tree = await host_tree(request, typed.host_unit_id, fresh=True)
    wanted = dict.fromkeys((typed.chair_site_id, *typed.site_ids))
    known = {one.id: one for one in await request.app[SERVICES].store.sites.get_many(wanted)}
    sites = [known[site_id] for site_id in wanted if site_id in known]
    kept, left = fitting(sites, tree.units if tree else {}, day)
    chair = chair_of(typed.chair_site_id, kept, typed.host_unit_id)
    return replace(typed, chair_site_id=chair, site_ids=tuple(one.id for one in kept)), left


def say_left(request: web.Request, left: Sequence[LeftOut]) -> list[str]:
    """One sentence that names them; none where nobody is left out."""
    if not left:
        return []
    catalogue, formatted = words(request), formats(request)
    names = [
        catalogue.gettext(_WHY[one.why])
        % {
            "site": f"{one.unit.name}: {one.site.name}" if one.unit else one.site.name,
            "day": formatted.short_date(one.unit.valid_to)
            if one.unit and one.unit.valid_to
            else "",
        }
        for one in left[:MOST_NAMES]
    ]
    text = catalogue.ngettext(
        "Không mời lại %(num)s điểm cầu: %(names)s.",
        "Không mời lại %(num)s điểm cầu: %(names)s.",
        len(left),
    )
    listed = "; ".join(names) + ("; …" if len(left) > MOST_NAMES else "")
    return [text % {"num": len(left), "names": listed}]


_STARTS: Mapping[str, Callable[[web.Request, str], Awaitable[Start]]] = {"like": _as_last_time}
