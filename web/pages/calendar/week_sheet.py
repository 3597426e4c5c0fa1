"""/meetings/week: the week as an office hangs it out: by day, morning and afternoon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from aiohttp import web

from confhub.meetings.calendar import edges
from confhub.meetings.meeting import MeetingStatus
from confhub.meetings.timetable import WEEK_DAYS, Day, Part, Session, once_by_day, session_of
from confhub.store.planning.calendar import TakingPart
from confhub.units.unit import Unit
from confhub.words.texts import fold
from web.meetings.names import sites_on, unit_names
from web.pages.calendar.asked import Asked, read_query
from web.pages.calendar.cards import Card, Page, cards_of, heading, look_up, wanted
from web.pages.calendar.days import marks_of
from web.rendering.pages import render
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# A sheet of five days then has some ten pages at most; who needs more takes a unit or a level.
MOST_A_DAY = 40
# As many as a cell names before it counts.
MOST_NAMED = 6
# What is put off or called off is not in a plan of work.
_HELD: tuple[MeetingStatus, ...] = ("scheduled", "live", "ended")
# Before the name of a place: "Huyện Nậm Pồ" is signed in Nậm Pồ.
_KINDS = ("thanh pho", "thi xa", "thi tran", "dac khu", "tinh", "quan", "huyen", "phuong", "xa")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sheet says of a meeting."""

    card: Card
    taking: TakingPart | None
    room: str
    room_unit: str


@dataclass(frozen=True, slots=True)
class Line:
    """One meeting of a session, or what of it falls on the day."""

    part: Part
    facts: Facts


@dataclass(frozen=True, slots=True)
class SheetDay:
    on: dt.date
    sessions: Sequence[tuple[Session, Sequence[Line]]]
    cut: int  # so many meetings are not on the sheet

    @property
    def rows(self) -> int:
        return sum(len(lines) for _, lines in self.sessions)


async def show(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    asked = read_query(request.query, local_date(request))
    page = await look_up(request, replace(asked, view="week"))
    first = asked.on - dt.timedelta(days=asked.on.weekday())
    on = [first + dt.timedelta(days=n) for n in range(WEEK_DAYS)]
    query = replace(wanted(request, page), statuses=_HELD)
    shown = await services.store.calendar.days(
        [edges(day, services.zone) for day in on], query, MOST_A_DAY
    )
    cards = await cards_of(request, [one for day in shown for one in day.meetings])
    meetings = [card.meeting for card in cards.values()]
    facts = await _facts(request, cards)
    days = [
        _sheet_day(day, facts, of_day.more)
        for day, of_day in zip(
            once_by_day(meetings, first, WEEK_DAYS, services.zone), shown, strict=True
        )
    ]
    unit, upper = await _whose(request, page)
    return await render(
        request,
        "calendar/week_sheet.html",
        days=days,
        unit=unit,
        upper=upper,
        town=town_of(unit.name),
        first=first,
        last=on[-1],
        cut=sum(day.cut for day in days),
        made_at=services.clock(),
        week=first.isocalendar().week,
        marks=await marks_of(request, on),
        previous=_at(page.asked, first - dt.timedelta(days=WEEK_DAYS)),
        following=_at(page.asked, first + dt.timedelta(days=WEEK_DAYS)),
        **await heading(request, page),
    )


def town_of(unit_name: str) -> str:
    """Where a unit signs: its name without what kind it is; empty where that says no place."""
    words = unit_name.split()
    for kind in _KINDS:
        length = len(kind.split())
        if len(words) > length and fold(" ".join(words[:length])) == kind:
            return " ".join(words[length:])
    return ""


def _at(asked: Asked, on: dt.date) -> str:
    return replace(asked, on=on).sheet()


async def _whose(request: web.Request, page: Page) -> tuple[Unit, Unit | None]:
    """The unit whose plan it is, and the one above."""
    unit = page.place.unit if page.place else require_viewer(request).tops("see_meetings")[0]
    store = request.app[SERVICES].store.units
    path = await store.path(unit.id, local_date(request), ended=True)
    return path[-1], path[-2] if len(path) > 1 else None


async def _facts(request: web.Request, cards: Mapping[str, Card]) -> dict[str, Facts]:
    """By the meetings' ids; units by the names that they have on those days."""
    services = request.app[SERVICES]
    store = services.store
    days: dict[dt.date, list[str]] = {}
    for key, card in cards.items():
        days.setdefault(card.meeting.starts_at.astimezone(services.zone).date(), []).append(key)
    taking: dict[str, TakingPart] = {}
    for day, ids in days.items():
        taking |= await store.calendar.taking_part(ids, day, MOST_NAMED)
    begins = {key: card.meeting.starts_at for key, card in cards.items()}
    chairs = {key: (card.meeting.chair_site_id, begins[key]) for key, card in cards.items()}
    rooms = await sites_on(request, chairs)
    units = await unit_names(request, {key: (rooms[key].unit_id, begins[key]) for key in rooms})
    return {
        key: Facts(
            card, taking.get(key), rooms[key].name if key in rooms else "", units.get(key, "")
        )
        for key, card in cards.items()
    }


def _sheet_day(day: Day, facts: Mapping[str, Facts], cut: int) -> SheetDay:
    lines = [Line(part, facts[part.meeting.id]) for part in day.parts if _is_held(part)]
    return SheetDay(day.on, _sessions(lines), cut)


def _is_held(part: Part) -> bool:
    """Also of a meeting that was called off after that sitting."""
    return part.meeting.status in _HELD or part.sitting.is_over


def _sessions(lines: Iterable[Line]) -> list[tuple[Session, Sequence[Line]]]:
    return [
        (session, list(of_it))
        for session, of_it in groupby(lines, lambda line: session_of(line.part.starts_at))
    ]
