"""What a free time of the calendar tells the form of a new meeting: day, time, whom to invite."""

from __future__ import annotations

import datetime as dt
import re

from aiohttp import web

from web.pages.meetings.fields import OFFICE_OPENS
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_LAST_DAY = dt.date(2100, 12, 31)


def asked_day(request: web.Request) -> dt.date | None:
    """`?date=` as YYYY-MM-DD, today or later; nonsense counts as none."""
    try:
        day = dt.date.fromisoformat(request.query.get("date", ""))
    except ValueError:
        return None
    return day if local_date(request) <= day <= _LAST_DAY else None


def asked_time(request: web.Request) -> dt.time:
    """`?start=` as HH:MM, else when offices open."""
    found = _TIME.fullmatch(request.query.get("start", ""))
    return dt.time(int(found[1]), int(found[2])) if found else OFFICE_OPENS


async def asked_sites(request: web.Request) -> list[str]:
    """Ids of the rooms of `?invite=`, a unit or a site; none where one may not schedule."""
    asked, viewer = request.query.get("invite", ""), require_viewer(request)
    if not asked:
        return []
    store, today = request.app[SERVICES].store, local_date(request)
    named = await store.sites.get_many([asked])
    sites = named or await store.sites.list([asked])
    paths = await store.units.paths({site.unit_id for site in sites}, today)
    return [
        site.id
        for site in sites
        if site.active and site.unit_id in paths and viewer.may("schedule", paths[site.unit_id])
    ]
