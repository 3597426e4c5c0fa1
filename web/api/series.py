"""The next dates of a meeting that comes again, while its form is filled in."""

from __future__ import annotations

import msgspec
from aiohttp import web
from multidict import MultiDict

from confhub.errors import BadInput, FieldErrors
from confhub.words.dates import read_date
from web.meetings.repeat import Dates, next_dates, read_repeat, rule_of
from web.rendering.answers import json_answer
from web.rendering.pages import words
from web.requests.form_body import posted_json
from web.requests.route import Answer, Api
from web.services import SERVICES


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form's fields of these names as they stand; `date` is that of the first meeting."""

    date: str = ""
    repeat: str = ""
    repeat_interval: str = ""
    repeat_weekday: list[str] = []
    repeat_nth: str = ""
    repeat_ends: str = ""
    repeat_until: str = ""
    repeat_count: str = ""
    repeat_off_days: str = ""


DATES = Api(
    "On which dates a meeting comes again",
    {200: Answer("The next dates, with days off.", Dates)},
    question=Question,
    errors=(400,),
)


async def dates(request: web.Request) -> web.Response:
    """POST /api/meetings/dates. An unfinished form has none yet."""
    question = await posted_json(request, Question)
    fields = MultiDict[object]()
    for name in question.__struct_fields__:
        value = getattr(question, name)
        fields.extend((name, one) for one in (value if isinstance(value, list) else [value]))
    typed = read_repeat(fields)
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
    calendar = await request.app[SERVICES].store.special_days.calendar()
    return json_answer(next_dates(request, rule, calendar))
