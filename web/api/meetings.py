"""Conflicts while a meeting's form is filled in, and times without any."""

from __future__ import annotations

from functools import partial

import msgspec
from aiohttp import web

from confhub.errors import FieldErrors, NotFound
from confhub.meetings.schedule import SITE_LIMIT, Draft
from web.meetings.access import see_meeting
from web.meetings.conflicts import (
    Findings,
    at_another_time,
    draft_for_conflicts,
    find_conflicts,
)
from web.meetings.slots import Proposals, propose
from web.rendering.answers import json_answer
from web.rendering.site_tree import SITE_TREES
from web.requests.auth import local_date, require_viewer
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form as it stands: times are local, YYYY-MM-DDTHH:MM; parts may still be empty.
    `sittings`: from when to when the ones after the first are held.

    `meeting_id` without a host: the meeting as it is on record, at another time.
    """

    host_unit_id: str = ""
    chair_site_id: str = ""
    chair_name: str = ""
    starts: str = ""
    ends: str = ""
    site_ids: list[str] = []
    meeting_id: str | None = None
    sittings: list[tuple[str, str]] = []


class SlotQuestion(Question, frozen=True, forbid_unknown_fields=True):
    """`least`: how many of the sites must be free, the presiding one among them; null: all."""

    least: int | None = None


CONFLICTS = Api(
    "Who is already taken at a meeting's time",
    {200: Answer("What to say before it is saved.", Findings)},
    question=Question,
    errors=(400, 404),
)
SLOTS = Api(
    "The next times in office hours at which all who are wanted are free",
    {200: Answer("From the meeting's day on, within four weeks, as long as it is.", Proposals)},
    question=SlotQuestion,
    errors=(400, 404),
)


async def conflicts(request: web.Request) -> web.Response:
    """POST /api/meetings/conflicts. An unfinished form has none yet."""
    question = await posted_json(request, Question)
    draft = await read_draft(request, question)
    if draft is None:
        return json_answer(Findings())
    return json_answer(await find_conflicts(request, draft, question.meeting_id))


async def slots(request: web.Request) -> web.Response:
    """POST /api/meetings/slots. For an unfinished form none."""
    question = await posted_json(request, SlotQuestion)
    draft = await read_draft(request, question)
    if draft is None:
        return json_answer(Proposals(0))
    return json_answer(await propose(request, draft, question.meeting_id, question.least))


async def read_draft(request: web.Request, question: Question) -> Draft | None:
    """What is asked for, with those of the sites that the host may invite; None: too little."""
    if question.meeting_id and not question.host_unit_id:
        return await _of_stored(request, question)
    viewer = require_viewer(request)
    if not question.host_unit_id or len(question.site_ids) > SITE_LIMIT:
        return None
    try:
        tree = await request.app[SITE_TREES].get(
            question.host_unit_id, local_date(request), partial(viewer.require, "schedule")
        )
    except NotFound:
        return None
    wanted = dict.fromkeys([question.chair_site_id, *question.site_ids])
    services = request.app[SERVICES]
    try:
        return draft_for_conflicts(
            question.starts,
            question.ends,
            host_unit_id=question.host_unit_id,
            chair_name=question.chair_name,
            site_ids=tuple(site_id for site_id in wanted if site_id in tree.site_ids),
            now=services.clock(),
            zone=services.zone,
            calendar=await services.store.special_days.calendar(),
            more=question.sittings,
        )
    except FieldErrors:
        return None


async def _of_stored(request: web.Request, question: Question) -> Draft | None:
    seen = await see_meeting(request, question.meeting_id or "", to_change=True)
    try:
        return await at_another_time(request, seen.meeting, question.starts, question.ends)
    except FieldErrors:
        return None
