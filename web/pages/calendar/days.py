"""Days off and their names, for the views that show whole days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from web.rendering.pages import language_of
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Marks:
    names: dict[dt.date, str]  # of those that have one
    off: set[dt.date]


async def marks_of(request: web.Request, days: Iterable[dt.date]) -> Marks:
    calendar = await request.app[SERVICES].store.special_days.calendar()
    every = list(days)
    names = {day: calendar.name_of(day, language_of(request)) for day in every}
    return Marks(
        {day: name for day, name in names.items() if name},
        {day for day in every if not calendar.is_working(day)},
    )
