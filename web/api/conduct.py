"""What a secretary does to the schedule from the room: a later end, and taking the end back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from aiohttp import web

from confhub.desks import meetings as desk
from confhub.meetings.admission import sitting_at
from web.rendering.answers import json_answer
from web.requests.auth import actor_of
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES

LATEST_S = 253402214400.0  # the last day that a date can name


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ends_at`: the end that the page shows; sent again from there it is the same step."""

    minutes: int
    ends_at: Annotated[float, msgspec.Meta(ge=0, le=LATEST_S)] | None = None


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
    """POST /api/meetings/{meeting_id}/extend; the room hears of the new end, of several
    sittings that of the one being held."""
    wanted = await posted_json(request, Extension)
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]
    seen = None if wanted.ends_at is None else dt.datetime.fromtimestamp(wanted.ends_at, dt.UTC)
    saved = await desk.extend(store, actor_of(request), meeting_id, wanted.minutes, seen)
    ends_at = sitting_at(saved, request.app[SERVICES].clock()).ends_at
    return json_answer(NewEnd(ends_at.timestamp()))


async def reopen(request: web.Request) -> web.Response:
    """POST /api/meetings/{meeting_id}/reopen"""
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]
    await desk.reopen(store, actor_of(request), meeting_id)
    return json_answer(Done())
