"""What blocks the unit or site whose calendar is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from confhub.meetings.timetable import local_span
from web.meetings.blockings import may_enter, shown
from web.pages.calendar.cards import Page
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


async def blocked_in(
    request: web.Request, page: Page, first: dt.date, last: dt.date
) -> Mapping[str, Any]:
    """What templates/calendar/_blockings.html shows of the days from `first` to `last`."""
    place, services = page.place, request.app[SERVICES]
    if place is None:
        return {"blockings": [], "may_block": False}
    start, end = local_span(first, (last - first).days + 1, services.zone)
    found = await services.store.blockings.concerning(
        place.unit.id,
        local_date(request),
        start,
        end,
        site_id=place.site.id if place.site else "",
        alone=place.alone,
    )
    # A weekly one is between its times on other days.
    within = [one for one in found if next(one.times(start, end), None) is not None]
    path = await services.store.units.path(place.unit.id, local_date(request), ended=True)
    return {
        "blockings": await shown(request, within),
        "may_block": may_enter(require_viewer(request), path, site=True),
    }
