"""/public/units/{unit}/…: what a unit shows to everybody, for programs: iCalendar and JSON."""

from __future__ import annotations

import msgspec
from aiohttp import web

from web.meetings.open_calendar import as_ical, local, open_calendar
from web.rendering.answers import with_tag
from web.requests.route import JSON_TYPE, Answer, Api
from web.services import SERVICES

ICALENDAR = "text/calendar"


class OpenMeeting(msgspec.Struct, frozen=True):
    """Times with their offset, as ISO 8601; `status`: scheduled, live, postponed, cancelled.

    One that is postponed waits for another time: `starts` is the one that does not hold. Where
    `confirmed` is false, it is not settled yet whether the meeting can be held then. `sittings`:
    from when to when it is held; between them it is not.
    """

    id: str
    title: str
    starts: str
    ends: str
    status: str
    host: str
    place: str
    confirmed: bool
    sittings: list[tuple[str, str]]


class OpenMeetings(msgspec.Struct, frozen=True):
    """From today on, by their start."""

    unit: str
    meetings: list[OpenMeeting]


_UNCHANGED = Answer("Nothing has changed since the If-None-Match that was sent.")
CALENDAR = Api(
    "The public meetings of a unit and those below it, open to everybody, as a calendar",
    {
        200: Answer("From today on, half a year.", content_type=ICALENDAR, headers=("ETag",)),
        304: _UNCHANGED,
    },
    errors=(404,),
)
MEETINGS = Api(
    "The public meetings of a unit and those below it, open to everybody",
    {200: Answer("From today on, half a year.", OpenMeetings, headers=("ETag",)), 304: _UNCHANGED},
    errors=(404,),
)


async def ical(request: web.Request) -> web.Response:
    """GET /public/units/{unit}/calendar.ics; `unit` is an id or a code of statistics."""
    body = await as_ical(request, await open_calendar(request))
    return with_tag(request, body, ICALENDAR)


async def meetings(request: web.Request) -> web.Response:
    """GET /public/units/{unit}/meetings.json"""
    found, zone = await open_calendar(request), request.app[SERVICES].zone
    told = OpenMeetings(
        found.unit.name,
        [
            OpenMeeting(
                one.meeting.id,
                one.meeting.title,
                local(one.meeting.starts_at, zone),
                local(one.meeting.ends_at, zone),
                one.meeting.status,
                one.host,
                one.place,
                not one.waits,
                [(local(begin, zone), local(end, zone)) for begin, end in one.meeting.hours],
            )
            for one in found.shown
        ],
    )
    return with_tag(request, msgspec.json.encode(told), JSON_TYPE)
