"""Meetings for programs: what is planned, and one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import msgspec
from aiohttp import web

from confhub.errors import N_, BadInput
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.words.dates import FIRST_YEAR, LAST_YEAR, NO_DATE, read_date
from web.api.v1.listing import (
    BAD_CURSOR,
    CURSOR,
    LIMIT,
    UNIT,
    asked_cursor,
    asked_limit,
    asked_scopes,
    cut,
)
from web.api.v1.tags import TAGGED, UNCHANGED, with_version
from web.api.v1.values import Moment
from web.meetings.access import see_meeting
from web.rendering.answers import json_answer
from web.requests.auth import local_date
from web.requests.route import Answer, Api, Query
from web.services import SERVICES

USUAL_DAYS = 31
# What a report of a year asks for.
MOST_DAYS = 366

_NO_STATE = N_("Không có trạng thái cuộc họp này.")
_LONG_SPAN = N_("Khoảng ngày dài nhất là %(days)s ngày.")
_BACKWARDS = N_("Ngày cuối phải sau hoặc trùng ngày đầu.")


class Hours(msgspec.Struct, frozen=True):
    starts_at: Moment
    ends_at: Moment


class Item(msgspec.Struct, frozen=True):
    """`duration_min`: null: not said."""

    id: str
    title: str
    presenter: str
    duration_min: int | None


class Summary(msgspec.Struct, frozen=True):
    """Times are UTC. `status_reason`: why it was postponed or cancelled."""

    id: str
    title: str
    status: MeetingStatus
    status_reason: str
    level_id: str
    host_unit_id: str
    chair_site_id: str
    starts_at: Moment
    ends_at: Moment
    is_public: bool
    version: int


class ApiMeetings(msgspec.Struct, frozen=True):
    """`next`: the cursor of the next page; null: this is the last."""

    meetings: list[Summary]
    next: str | None


class ApiMeeting(Summary, frozen=True):
    """`site_ids`: who is invited, in order. `sittings`: from when to when it is held."""

    chair_name: str
    note: str
    agenda: list[Item]
    site_ids: list[str]
    sittings: list[Hours]
    postponed_from: Moment | None


_DAY = {"type": "string", "format": "date"}
MEETINGS = Api(
    "Meetings that the token's unit hosts or is invited to, or one below it, by their start",
    {200: Answer("A page.", ApiMeetings)},
    query=(
        UNIT,
        Query("from", "The first day; without: today.", _DAY),
        Query("to", f"The last day; without: {USUAL_DAYS} days in all.", _DAY),
        Query("status", "Those of this status alone.", {"enum": list(get_args(MeetingStatus))}),
        LIMIT,
        CURSOR,
    ),
    errors=(400, 404),
)
ONE_MEETING = Api(
    "A meeting",
    {200: Answer("As it stands.", ApiMeeting, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)


async def meetings(request: web.Request) -> web.Response:
    """GET /api/v1/meetings"""
    limit, after = asked_limit(request), _after(request)
    span, status = _span(request), _status(request)
    scopes = await asked_scopes(request, "see_meetings")
    found = await request.app[SERVICES].store.meetings.page(
        scopes, local_date(request), span, status=status, after=after, limit=limit + 1
    )
    page, following = cut(found, limit, lambda one: (one.starts_at, one.id))
    return json_answer(ApiMeetings([Summary(**_summary(one)) for one in page], following))


async def one_meeting(request: web.Request) -> web.Response:
    """GET /api/v1/meetings/{meeting_id}"""
    meeting = (await see_meeting(request)).meeting
    return with_version(request, told(meeting), meeting.version)


def told(meeting: Meeting) -> ApiMeeting:
    return ApiMeeting(
        **_summary(meeting),
        chair_name=meeting.chair_name,
        note=meeting.note,
        agenda=[Item(one.id, one.title, one.presenter, one.duration_min) for one in meeting.agenda],
        site_ids=list(meeting.sites),
        sittings=[Hours(*hours) for hours in meeting.hours],
        postponed_from=meeting.postponed_from,
    )


def _summary(meeting: Meeting) -> dict[str, Any]:
    return {name: getattr(meeting, name) for name in Summary.__struct_fields__}


def _after(request: web.Request) -> tuple[dt.datetime, str] | None:
    """The start and the id of the last of the page before. BadInput for an instant that none of
    ours is, at the ends of the calendar or without a zone."""
    after = asked_cursor(request, tuple[dt.datetime, str])
    if after is not None and (
        after[0].tzinfo is None or not FIRST_YEAR <= after[0].year <= LAST_YEAR
    ):
        raise BadInput(BAD_CURSOR, code="bad_cursor")
    return after


def _span(request: web.Request) -> tuple[dt.datetime, dt.datetime]:
    """Whole days where the users are. BadInput."""
    zone = request.app[SERVICES].zone
    first = _day(request, "from") or local_date(request)
    last = _day(request, "to") or first + dt.timedelta(days=USUAL_DAYS - 1)
    if last < first:
        raise BadInput(_BACKWARDS)
    if (last - first).days >= MOST_DAYS:
        raise BadInput(_LONG_SPAN, values={"days": MOST_DAYS})
    midnight = dt.time(tzinfo=zone)
    return (
        dt.datetime.combine(first, midnight),
        dt.datetime.combine(last + dt.timedelta(days=1), midnight),
    )


def _day(request: web.Request, name: str) -> dt.date | None:
    """BadInput, also for nothing."""
    text = request.query.get(name)
    if text is None:
        return None
    day = read_date(text)
    if day is None:
        raise BadInput(NO_DATE)
    return day


def _status(request: web.Request) -> MeetingStatus | None:
    asked = request.query.get("status")
    if asked is None:
        return None
    for status in get_args(MeetingStatus):
        if status == asked:
            found: MeetingStatus = status
            return found
    raise BadInput(_NO_STATE)
