"""The meetings that a unit shows to everybody: title, time, host and room, and nothing else.

No links, no names of people, no reasons, nobody who is invited. A time that was declined, or for
which another was proposed, is told to nobody; one that waits to be confirmed says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.errors import N_, NotFound
from confhub.long_work import beside
from confhub.meetings.calendar import Wanted, Within
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.timetable import local_span
from confhub.planning.agreement.states import WAITING
from confhub.planning.ical import Entry, calendar
from confhub.units.unit import GSO_SCHEME, Unit
from web.meetings.agreements import MARKS, unconfirmed
from web.meetings.names import hosts_of, places_of
from web.rendering.pages import words
from web.requests.auth import local_date
from web.services import SERVICES

# What was called off or waits for another time is told, so that nobody goes there.
_TOLD: tuple[MeetingStatus, ...] = ("scheduled", "live", "postponed", "cancelled")
# Half a year: further ahead nobody decides to come.
AHEAD_DAYS = 183
# A province's half-year has some hundreds; more is no list that is read.
MOST_MEETINGS = 500
_NO_UNIT = N_("Không có đơn vị nào mang mã này.")


@dataclass(frozen=True, slots=True)
class Open:
    """A meeting as everybody sees it: `meeting` has none of what is not told; `waits`: for its time
    to be confirmed."""

    meeting: Meeting
    host: str
    place: str
    waits: bool


@dataclass(frozen=True, slots=True)
class OpenCalendar:
    unit: Unit
    shown: Sequence[Open]


async def open_calendar(request: web.Request) -> OpenCalendar:
    """Of the unit in the address, by id or by code of statistics, and of those below it: from today
    on. NotFound."""
    unit = await _unit(request, request.match_info["unit"])
    services, today = request.app[SERVICES], local_date(request)
    start, end = local_span(today, AHEAD_DAYS, services.zone)
    wanted = Wanted(
        seen=(Within(unit.id),),
        on=today,
        now=services.clock(),
        whose="hosted",
        statuses=_TOLD,
        only_public=True,
    )
    listed = await services.store.calendar.page(start, end, wanted, 0, MOST_MEETINGS)
    states = await unconfirmed(request, [one.meeting for one in listed.meetings])
    meetings = [
        _without_people(one.meeting)
        for one in listed.meetings
        if one.meeting.id not in states or states[one.meeting.id] in WAITING
    ]
    places = await places_of(request, meetings)
    hosts = await hosts_of(request, meetings)
    return OpenCalendar(
        unit,
        [
            Open(
                one,
                hosts[one.id],
                places[one.id],
                one.id in states,
            )
            for one in meetings
        ],
    )


async def as_ical(request: web.Request, found: OpenCalendar) -> bytes:
    services, say = request.app[SERVICES], words(request).gettext
    changed = await services.store.calendar.changed_at([one.meeting.id for one in found.shown])
    host, waits = say("Đơn vị chủ trì: %(host)s"), say(MARKS["asked"].word)
    entries = [
        Entry(
            one.meeting,
            changed.get(one.meeting.id, one.meeting.starts_at),
            one.place,
            host % {"host": one.host} + (f"\n{waits}" if one.waits else ""),
            "",
            is_tentative=one.waits,
        )
        for one in found.shown
    ]
    name = say("Lịch họp công khai %(unit)s") % {"unit": found.unit.name}
    return await beside(calendar, name, entries, services.zone)


async def _unit(request: web.Request, named: str) -> Unit:
    store, today = request.app[SERVICES].store.units, local_date(request)
    path = (await store.paths([named], today)).get(named)
    unit = path[-1] if path else await store.by_code(GSO_SCHEME, named, today)
    if unit is None:
        raise NotFound(_NO_UNIT)
    return unit


def _without_people(meeting: Meeting) -> Meeting:
    return replace(meeting, chair_name="", note="", status_reason="", created_by="", sites=())


def local(at: dt.datetime, zone: dt.tzinfo) -> str:
    """With its offset, as programs read it."""
    return at.astimezone(zone).isoformat()
