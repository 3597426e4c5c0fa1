"""What the form of a new meeting begins with: nothing, a meeting as last time, a pattern."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.errors import NotFound
from confhub.planning.again import LeftOut, chair_of, next_day
from confhub.units.unit import Unit
from web.meetings.access import see_meeting
from web.meetings.invitable import fit, say_left
from web.meetings.patterns import host_path, pattern_for
from web.pages.meetings.fields import AgendaRow, SittingRow, Typed, blank_form, shown_meeting
from web.pages.meetings.free_time import asked_day, asked_sites, asked_time
from web.rendering.pages import formats, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Start:
    """The form as it is first shown; `said`: what whoever opens it should know."""

    typed: Typed
    said: Sequence[str] = ()


async def begin(request: web.Request) -> Start:
    """As the address asks: `?like=` a meeting's id, `?pattern=` a pattern's, else a blank form;
    NotFound, NotAllowed."""
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
        sittings=tuple(_later(row, day - last) for row in old.sittings),
        agenda=tuple(replace(row, id="") for row in old.agenda),
        version=0,
    )
    typed, left = await _fitted(request, typed, day)
    said = words(request).gettext("Như cuộc họp ngày %(day)s. Xin xem lại ngày, giờ và nội dung.")
    return Start(
        typed, [said % {"day": formats(request).short_date(last)}, *say_left(request, left)]
    )


def _later(row: SittingRow, by: dt.timedelta) -> SittingRow:
    return replace(row, date=(dt.date.fromisoformat(row.date) + by).isoformat())


async def _fitted(request: web.Request, typed: Typed, day: dt.date) -> tuple[Typed, list[LeftOut]]:
    """The form with those of its sites that its host can invite for the day, and the others."""
    wanted = (typed.chair_site_id, *typed.site_ids)
    kept, left, _ = await fit(request, typed.host_unit_id, wanted, day)
    chair = chair_of(typed.chair_site_id, kept, typed.host_unit_id)
    return replace(typed, chair_site_id=chair, site_ids=tuple(one.id for one in kept)), left


async def _from_pattern(request: web.Request, pattern_id: str) -> Start:
    """`?host=`, else the first unit of the viewer's that the pattern serves; NotFound."""
    services = request.app[SERVICES]
    path = await _served(request, pattern_id)
    pattern = await pattern_for(request, pattern_id, path)
    host, now = path[-1], services.clock()
    calendar = await services.store.special_days.calendar()
    blank = blank_form(host.id, host.level_id, (), now, services.zone, calendar)
    day = dt.date.fromisoformat(blank.date)
    typed = replace(blank, site_ids=pattern.sites)
    if pattern.kind == "meeting":
        start = dt.datetime.combine(day, dt.time.fromisoformat(pattern.starts))
        end = start + dt.timedelta(minutes=pattern.length_min)
        typed = replace(
            typed,
            title=pattern.title,
            level_id=pattern.level_id,
            chair_site_id=pattern.chair_site_id,
            chair_name=pattern.chair_name,
            start=f"{start:%H:%M}",
            end=f"{end:%H:%M}",
            note=pattern.note,
            agenda=tuple(
                AgendaRow(item.title, item.presenter, str(item.duration_min or ""))
                for item in pattern.agenda
            ),
        )
    typed, left = await _fitted(request, typed, day)
    said = words(request).gettext("Theo “%(name)s”. Xin xem lại ngày, giờ và nội dung.")
    return Start(typed, [said % {"name": pattern.name}, *say_left(request, left)])


async def _served(request: web.Request, pattern_id: str) -> Sequence[Unit]:
    """The way to the host of a meeting that is made from a pattern."""
    if asked := request.query.get("host", ""):
        return await host_path(request, asked)
    store, today = request.app[SERVICES].store, local_date(request)
    pattern = await store.patterns.get(pattern_id)
    viewer = require_viewer(request)
    own = await store.units.path(pattern.unit_id, today, ended=True)
    if viewer.may("schedule", own):
        return own
    for top in viewer.tops("schedule"):
        path = await store.units.path(top.id, today, ended=True)
        if pattern.unit_id in {unit.id for unit in path}:
            return path
    raise NotFound


_STARTS: Mapping[str, Callable[[web.Request, str], Awaitable[Start]]] = {
    "like": _as_last_time,
    "pattern": _from_pattern,
}
