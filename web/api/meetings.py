"""Conflicts while a meeting's form is filled in."""

from __future__ import annotations

from functools import partial

import msgspec
from aiohttp import web

from confhub.errors import FieldErrors, NotFound
from confhub.meetings.schedule import SITE_LIMIT
from web.meetings.conflicts import Findings, draft_for_conflicts, find_conflicts
from web.rendering.answers import json_answer
from web.rendering.site_tree import SITE_TREES
from web.requests.auth import local_date, require_viewer
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form as it stands: times are local, YYYY-MM-DDTHH:MM; parts may still be empty."""

    host_unit_id: str = ""
    chair_site_id: str = ""
    chair_name: str = ""
    starts: str = ""
    ends: str = ""
    site_ids: list[str] = []
    meeting_id: str | None = None


CONFLICTS = Api(
    "Who is already taken at a meeting's time",
    {200: Answer("What to say before it is saved.", Findings)},
    question=Question,
    errors=(400, 404),
)


async def conflicts(request: web.Request) -> web.Response:
    """POST /api/meetings/conflicts. An unfinished form has none yet."""
    viewer = require_viewer(request)
    question = await posted_json(request, Question)
    if not question.host_unit_id or len(question.site_ids) > SITE_LIMIT:
        return _answer(Findings())
    try:
        tree = await request.app[SITE_TREES].get(
            question.host_unit_id, local_date(request), partial(viewer.require, "schedule")
        )
    except NotFound:
        return _answer(Findings())
    known = tree.all_sites()
    wanted = dict.fromkeys([question.chair_site_id, *question.site_ids])
    services = request.app[SERVICES]
    try:
        draft = draft_for_conflicts(
            question.starts,
            question.ends,
            host_unit_id=question.host_unit_id,
            chair_name=question.chair_name,
            site_ids=tuple(site_id for site_id in wanted if site_id in known),
            now=services.clock(),
            zone=services.zone,
            calendar=await services.store.special_days.calendar(),
        )
    except FieldErrors:
        return _answer(Findings())
    return _answer(await find_conflicts(request, draft, question.meeting_id))


def _answer(findings: Findings) -> web.Response:
    return json_answer(findings)
