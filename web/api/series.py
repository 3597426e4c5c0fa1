"""The next dates of a meeting that comes again, while its form is filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec
from aiohttp import web
from multidict import MultiDict

from confhub.desks.planning.clashes import clashes_by_day
from confhub.desks.planning.series import rule_after
from confhub.errors import BadInput, FieldErrors
from confhub.planning.conflicts import Clash
from confhub.planning.precedence import puts_off
from confhub.planning.recurrence import Rule
from confhub.planning.series_edits import Scope
from confhub.words.dates import read_date
from web.api.meetings import Question as MeetingQuestion
from web.api.meetings import read_draft
from web.meetings.access import see_meeting
from web.meetings.conflicts import at_another_time, describe
from web.meetings.repeat import Dates, first_slots, next_dates, read_repeat, rule_of
from web.rendering.answers import json_answer
from web.rendering.pages import words
from web.requests.auth import local_time
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form's fields of these names as they stand; `date` is that of the first meeting. With
    `meeting`, who is taken on its dates is told too.

    `scope` (following, all) in place of all others: of the series of a meeting on record, were
    that moved as `meeting` says.
    """

    date: str = ""
    repeat: str = ""
    repeat_interval: str = ""
    repeat_weekday: list[str] = []
    repeat_nth: str = ""
    repeat_ends: str = ""
    repeat_until: str = ""
    repeat_count: str = ""
    repeat_off_days: str = ""
    meeting: MeetingQuestion | None = None
    scope: Literal["", "following", "all"] = ""


DATES = Api(
    "On which dates a meeting comes again",
    {200: Answer("The next dates, with days off and clashes.", Dates)},
    question=Question,
    errors=(400, 404),
)


async def dates(request: web.Request) -> web.Response:
    """POST /api/meetings/dates. An unfinished form has none yet."""
    question = await posted_json(request, Question)
    fields = MultiDict[object]()
    for name in set(question.__struct_fields__) - {"meeting", "scope"}:
        value = getattr(question, name)
        fields.extend((name, one) for one in (value if isinstance(value, list) else [value]))
    typed = read_repeat(fields)
    if question.scope and question.meeting is not None:
        return await _dates_of_moved(request, question.meeting, question.scope)
    try:
        first = read_date(question.date)
    except BadInput:
        first = None
    if not typed.frequency or first is None:
        return json_answer(Dates())
    try:
        rule = rule_of(typed, first)
    except FieldErrors as found:
        (error, *_) = found.fields.values()
        return json_answer(Dates(error=words(request).error(error)))
    return await _told(request, rule, question.meeting)


async def _dates_of_moved(
    request: web.Request, asked: MeetingQuestion, scope: Scope
) -> web.Response:
    services = request.app[SERVICES]
    meeting = (await see_meeting(request, asked.meeting_id or "", to_change=True)).meeting
    try:
        draft = await at_another_time(request, meeting, asked.starts, asked.ends)
        rule = await rule_after(
            services.store, meeting, draft, scope, local_time(request), services.zone
        )
    except FieldErrors as found:
        (error, *_) = found.fields.values()
        return json_answer(Dates(error=words(request).error(error)))
    of_it = MeetingQuestion(meeting_id=meeting.id, starts=asked.starts, ends=asked.ends)
    return await _told(request, rule, of_it)


async def _told(request: web.Request, rule: Rule, meeting: MeetingQuestion | None) -> web.Response:
    """The rule's next dates, and who is taken on them."""
    calendar = await request.app[SERVICES].store.special_days.calendar()
    shown = first_slots(rule, calendar)
    clashes = await _clashes(request, meeting, [slot.day for slot in shown if slot.day])
    told = {day: await describe(request, found) for day, found in clashes.items()}
    put_off = {day for day, found in clashes.items() if any(map(puts_off, found))}
    return json_answer(next_dates(request, rule, calendar, shown, told, put_off))


async def _clashes(
    request: web.Request, asked: MeetingQuestion | None, days: Collection[dt.date]
) -> Mapping[dt.date, Sequence[Clash]]:
    draft = await read_draft(request, asked) if asked is not None else None
    if asked is None or draft is None:
        return {}
    services = request.app[SERVICES]
    store = services.store
    own = {asked.meeting_id or ""}
    if one := await store.series.of_meeting(asked.meeting_id or ""):
        own |= {row.meeting_id for row in await store.series.occurrences(one.series_id)}
    return await clashes_by_day(store, draft, days, services.zone, own)
