"""Programs put meetings off, to another time or until one is found, and call them off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Mapping
from functools import partial

import msgspec
from aiohttp import web

from confhub.desks import meetings as desk
from confhub.errors import BadInput, ConfhubError, FieldErrors
from confhub.meetings import changes
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.planning.conflicts import Override as Word
from confhub.words.texts import one_line
from web.api.v1.acts import act
from web.api.v1.asked import posted, seen_version
from web.api.v1.clashing import Override, booked
from web.api.v1.planning import (
    BACKWARDS,
    as_it_stands,
    changing,
    check_moment,
    local_text,
    stored_answer,
)
from web.api.v1.values import Moment
from web.meetings.access import see_meeting
from web.meetings.conflicts import advised
from web.services import SERVICES

_PLACES: Mapping[str, str] = {
    **dict.fromkeys(("start", "starts"), "/starts_at"),
    "ends": "/ends_at",
    "override_reason": "/override/reason",
}


class Postponement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reason`: for the sites to read. Without times it is put off until some are found. Of several
    sittings those ahead go along, each as far as the first of them, and `ends_at` says nothing."""

    reason: str
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    override: Override | None = None


class Cancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reason`: for the sites to read."""

    reason: str


POSTPONE = changing("A meeting is put off", Postponement)
CANCEL = changing("A meeting is called off", Cancellation)


async def postpone(request: web.Request) -> web.Response:
    """POST /api/v1/meetings/{meeting_id}/postpone"""
    asked = await posted(request, Postponement)
    services, meeting_id = request.app[SERVICES], request.match_info["meeting_id"]
    store, reason = services.store, one_line(asked.reason)

    async def do(actor: Actor) -> web.Response:
        meeting, version = await _meant(request)
        if asked.starts_at is None and asked.ends_at is None:
            held = await desk.hold_over(store, actor, meeting_id, version, reason)
            return stored_answer(request, held)
        span = _span(request, meeting, asked)
        moved = changes.moved(meeting, *span, reason, services.clock())

        def book(word: Word) -> Awaitable[Meeting]:
            return desk.move(store, actor, meeting_id, version, *span, reason, word)

        draft = await advised(request, moved)
        stored = await booked(request, draft, meeting_id, asked.override, book)
        return stored_answer(request, stored)

    again = partial(as_it_stands, request)
    return await act(request, do, again, subject=meeting_id, places=_PLACES)


async def cancel(request: web.Request) -> web.Response:
    """POST /api/v1/meetings/{meeting_id}/cancel"""
    asked = await posted(request, Cancellation)
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]

    async def do(actor: Actor) -> web.Response:
        _, version = await _meant(request)
        done = await desk.cancel(store, actor, meeting_id, version, one_line(asked.reason))
        return stored_answer(request, done)

    return await act(request, do, partial(as_it_stands, request), subject=meeting_id)


async def _meant(request: web.Request) -> tuple[Meeting, int]:
    """The meeting of the address, and the version that the request means."""
    meeting = (await see_meeting(request, to_change=True)).meeting
    version = seen_version(request, meeting.version)
    changes.check_changeable(meeting)
    return meeting, version


def _span(
    request: web.Request, meeting: Meeting, asked: Postponement
) -> tuple[dt.datetime, dt.datetime]:
    """FieldErrors. As the page reads what is typed there."""
    zone, now = request.app[SERVICES].zone, request.app[SERVICES].clock()
    typed: dict[str, str] = {}
    errors: dict[str, ConfhubError] = {}
    for name, moment in (("starts", asked.starts_at), ("ends", asked.ends_at)):
        try:
            if moment is not None:
                check_moment(moment)
            typed[name] = local_text(moment, zone) if moment is not None else ""
        except BadInput as error:
            errors[name] = error
    if asked.starts_at and asked.ends_at and asked.ends_at <= asked.starts_at:
        errors["ends"] = BadInput(BACKWARDS)
    if errors:
        raise FieldErrors({**changes.check_reason(one_line(asked.reason)), **errors})
    return changes.read_span_of(meeting, typed["starts"], typed["ends"], zone, now)
