"""A meeting taken to another time in the calendar: which may be, and the change itself.

What is in the way is asked before by POST /api/meetings/conflicts, and once more in the change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from aiohttp import web

from confhub.errors import N_, Conflict
from confhub.meetings.changes import check_changeable
from confhub.meetings.meeting import Meeting
from web.meetings.access import see_meeting
from web.meetings.conflicts import at_another_time, find_conflicts, override_of
from web.pages.calendar.cards import Card
from web.pages.meetings.fields import Typed
from web.pages.meetings.off.postpone import MOVED
from web.pages.meetings.series import acts
from web.pages.meetings.status import standing
from web.rendering.answers import json_answer
from web.rendering.pages import say_next, words
from web.requests.auth import local_date, require_viewer
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times are local, YYYY-MM-DDTHH:MM; `version` is that of the meeting that was looked at.

    `scope`, of a series: one, following, all. `confirm` is the seal of the findings that were seen,
    `override_reason` why their clashes are no hindrance.
    """

    version: int
    starts: str = ""
    ends: str = ""
    scope: str = "one"
    confirm: str = ""
    override_reason: str = ""


class Moved(msgspec.Struct, frozen=True):
    """`version`: the meeting's now."""

    version: int


MOVE = Api(
    "A meeting at another time",
    {200: Answer("It is there now.", Moved)},
    question=Move,
    errors=(400, 404, 409),
)


class Immovable(Conflict):
    code = "immovable"
    message = N_("Cuộc họp này đã bắt đầu hoặc không còn giờ họp nên không dời trên lịch được.")


class Unseen(Conflict):
    """There is something to be seen before, which `confirm` does not stand for."""

    code = "unseen"
    message = N_("Có điều cần xem trước khi dời. Xin xem lại rồi bấm lần nữa.")


@dataclass(frozen=True, slots=True)
class Handle:
    """By what a meeting is taken. Times are local, YYYY-MM-DDTHH:MM."""

    version: int
    starts: str
    ends: str
    in_series: bool


async def handles_of(request: web.Request, cards: Mapping[str, Card]) -> dict[str, Handle]:
    """Of those that the viewer may take to another time, by id."""
    services, viewer = request.app[SERVICES], require_viewer(request)
    if not viewer.may("schedule"):
        return {}
    ahead = [card.meeting for card in cards.values() if _is_movable(card.meeting, services.clock())]
    paths = await services.store.units.paths(
        {one.host_unit_id for one in ahead}, local_date(request), ended=True
    )
    mine = [
        one
        for one in ahead
        if one.host_unit_id in paths and viewer.may("schedule", paths[one.host_unit_id])
    ]
    rows = await services.store.series.of_meetings([one.id for one in mine])
    recurring = {row.meeting_id for row in rows if acts.stands_in(row)}

    def local(at: dt.datetime) -> str:
        return f"{at.astimezone(services.zone):%Y-%m-%dT%H:%M}"

    return {
        one.id: Handle(one.version, local(one.starts_at), local(one.ends_at), one.id in recurring)
        for one in mine
    }


async def move(request: web.Request) -> web.Response:
    """POST /api/meetings/{meeting_id}/move: the meeting, and what of its series was chosen, as the
    form changes them. Overtaken, NoMoreChanges, Immovable, Unseen, Clashing; FieldErrors."""
    wanted = await posted_json(request, Move)
    services = request.app[SERVICES]
    meeting = (await see_meeting(request, to_change=True)).meeting
    check_changeable(meeting, wanted.version)
    if not _is_movable(meeting, services.clock()):
        raise Immovable
    draft = await at_another_time(request, meeting, wanted.starts, wanted.ends)
    findings = await find_conflicts(request, draft, meeting.id)
    if findings.seal and findings.seal != wanted.confirm:
        raise Unseen
    typed = Typed(version=wanted.version, scope=wanted.scope)
    override = override_of(wanted.confirm, wanted.override_reason)
    await acts.change(request, typed, meeting, draft, override)
    stored = await services.store.meetings.get(meeting.id)
    response = json_answer(Moved(stored.version))
    say_next(request, response, words(request).gettext(MOVED))
    return response


def _is_movable(meeting: Meeting, now: dt.datetime) -> bool:
    """What has one time, which is still to come: of several sittings the form says which."""
    return not meeting.sittings and standing(meeting, now).key in ("scheduled", "moved")
