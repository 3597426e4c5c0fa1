"""Meetings as the schedule shows them, and what every page of it knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from confhub.meetings.calendar import Wanted, Within
from confhub.meetings.meeting import Listed, Meeting
from confhub.meetings.timetable import Part
from web.meetings.agreements import Mark, marks
from web.meetings.names import hosts_of
from web.pages.calendar.asked import Asked
from web.pages.calendar.place import Hit, Place, asked_place
from web.pages.meetings.choices import level_name
from web.pages.meetings.status import ENDED, STATUS_CHOICES, Standing, standing
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Card:
    """A meeting as the schedule shows it."""

    meeting: Meeting
    site_count: int
    host: str
    standing: Standing
    unconfirmed: Mark | None  # its time is not agreed yet
    recurs: bool

    def standing_of(self, part: Part) -> Standing:
        """Of one sitting: what was held stays so whatever becomes of the others."""
        return ENDED if part.sitting.is_over else self.standing


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of the schedule was asked for, and whose calendar it is. `hits`: what the name
    that was typed may mean; None: none was."""

    asked: Asked
    place: Place | None
    hits: list[Hit] | None = None


async def look_up(request: web.Request, asked: Asked) -> Page:
    return Page(asked, await asked_place(request, asked))


def wanted(request: web.Request, page: Page) -> Wanted:
    viewer, asked, place = require_viewer(request), page.asked, page.place
    scopes = viewer.scopes("see_meetings")
    return Wanted(
        seen=tuple(Within(one.unit.id, one.alone) for one in scopes),
        on=local_date(request),
        now=request.app[SERVICES].clock(),
        about=place.about if place else None,
        site_id=place.site.id if place and place.site else "",
        level_id=asked.level,
        whose=asked.whose,
        account_id=viewer.account.id,
        status=asked.status,
        text=asked.text,
    )


async def cards_of(request: web.Request, listed: Iterable[Listed]) -> dict[str, Card]:
    """By the meetings' ids, in their order."""
    services = request.app[SERVICES]
    found, now = list(listed), services.clock()
    hosts = await hosts_of(request, [one.meeting for one in found])
    known = {one.meeting.id for one in found}
    unconfirmed = await marks(request, known)
    recurring = {one.meeting_id for one in await services.store.series.of_meetings(known)}
    return {
        one.meeting.id: Card(
            one.meeting,
            one.site_count,
            hosts[one.meeting.id],
            standing(one.meeting, now),
            unconfirmed.get(one.meeting.id) if one.meeting.status == "scheduled" else None,
            one.meeting.id in recurring,
        )
        for one in found
    }


async def heading(request: web.Request, page: Page) -> Mapping[str, Any]:
    """What templates/calendar/_head.html shows."""
    store, viewer = request.app[SERVICES].store, require_viewer(request)
    levels = await store.units.levels()
    answers = viewer.may("confirm_times") and await store.agreements.is_anybody_asked()
    return {
        "asked": page.asked,
        "place": page.place,
        "hits": page.hits,
        "statuses": STATUS_CHOICES,
        "levels": [(level.id, level_name(request, level)) for level in levels],
        "may_schedule": viewer.may("schedule"),
        "may_answer": answers,
    }
