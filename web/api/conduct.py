"""What a secretary does to the schedule from the room: a later end, and taking the end back."""

from __future__ import annotations

import msgspec
from aiohttp import web

from confhub.meetings.meeting import Meeting
from confhub.meetings.overtime import check_reopen, extended
from web.pages.meetings.access import see_meeting
from web.pages.meetings.changes import after_change
from web.rendering.answers import json_answer
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES

# An end is the last thing that is written of a meeting; a few acts may follow it.
_LATEST_ACTS = 20


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: int


class NewEnd(msgspec.Struct, frozen=True):
    """Seconds since 1970."""

    ends_at: float


class Done(msgspec.Struct, frozen=True):
    """There is nothing to tell."""


EXTEND = Api(
    "A later end of a meeting",
    {200: Answer("The end as it stands now.", NewEnd)},
    question=Extension,
    errors=(400, 404, 409),
)
REOPEN = Api(
    "A meeting that was ended a moment ago goes on",
    {200: Answer("It goes on.", Done)},
    errors=(404, 409),
)


async def extend(request: web.Request) -> web.Response:
    """POST /api/meetings/{meeting_id}/extend; the room hears of the new end."""
    wanted = await posted_json(request, Extension)
    services = request.app[SERVICES]
    meeting = extended(await _driven(request), wanted.minutes, services.clock())
    saved = await services.store.meetings.update(meeting)
    detail = f"+{wanted.minutes} min"
    await after_change(request, saved, "meeting.extended", detail=detail)
    return json_answer(NewEnd(saved.ends_at.timestamp()))


async def reopen(request: web.Request) -> web.Response:
    """POST /api/meetings/{meeting_id}/reopen"""
    services = request.app[SERVICES]
    meeting = await _driven(request)
    acts = await services.store.audit.recent(_LATEST_ACTS, meeting.id)
    ended = next((act.at for act in acts if act.action == "meeting.ended"), None)
    check_reopen(meeting, ended, services.clock())
    live = await services.store.meetings.set_status(meeting.id, "live")
    await after_change(request, live, "meeting.reopened")
    return json_answer(Done())


async def _driven(request: web.Request) -> Meeting:
    seen = await see_meeting(request)
    seen.viewer.require("drive", seen.host_path)
    return seen.meeting
