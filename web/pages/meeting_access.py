"""Which meetings somebody sees, and what they may do with one.

A meeting is seen by the accounts of its host and above, and by those whose own unit, or one
below it, is invited. For everybody else it does not exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import NotFound
from confhub.meetings import Meeting
from confhub.sites import Site
from confhub.units import Unit
from web.auth import Viewer, local_date, require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Seen:
    """A meeting that the viewer may see."""

    meeting: Meeting
    viewer: Viewer
    host_path: tuple[Unit, ...]  # from the top to the host, on the meeting's day
    own_sites: frozenset[str]  # ids of sites in the viewer's unit and below

    @property
    def may_change(self) -> bool:
        return self.viewer.may("schedule", self.host_path)

    def may_see_link(self, site_id: str) -> bool:
        """Officers of the host see every link; others those of their own units."""
        if self.viewer.may("see_links", self.host_path):
            return True
        return self.viewer.may("see_links", [self.viewer.unit]) and site_id in self.own_sites


async def see_meeting(request: web.Request, *, to_change: bool = False) -> Seen:
    """The meeting named in the address; NotFound for a foreign one too.

    `to_change`: Forbidden for somebody who only sees it.
    """
    viewer = require_viewer(request)
    services = request.app[SERVICES]
    meeting = await services.store.meetings.get(request.match_info["meeting_id"])
    host_path = await _host_path(request, meeting)
    own = frozenset(site.id for site in await own_sites(request))
    hosts = viewer.may("see_meetings", host_path)
    if not hosts and own.isdisjoint((*meeting.sites, meeting.chair_site_id)):
        raise NotFound
    if to_change:
        viewer.require("schedule", host_path)
    return Seen(meeting, viewer, tuple(host_path), own)


async def own_sites(request: web.Request) -> list[Site]:
    """Sites the viewer speaks for: of the unit and below; a site's account, of the unit only."""
    viewer = require_viewer(request)
    sites = request.app[SERVICES].store.sites
    if viewer.account.role == "site":
        return await sites.list([viewer.unit.id])
    return await sites.within(viewer.unit.id, local_date(request))


async def own_units(request: web.Request) -> list[Unit]:
    """Units whose meetings the viewer sees as host: the own unit and those below."""
    viewer = require_viewer(request)
    if viewer.account.role == "site":
        return [viewer.unit]
    return await request.app[SERVICES].store.units.tree(viewer.unit.id, local_date(request))


async def meetings_between(
    request: web.Request, start: dt.datetime, end: dt.datetime
) -> tuple[list[Meeting], Collection[str]]:
    """Meetings the viewer sees that overlap [start, end), and the ids of the viewer's units."""
    units = await own_units(request)
    sites = await own_sites(request)
    unit_ids = {unit.id for unit in units}
    found = await request.app[SERVICES].store.meetings.between(
        start, end, unit_ids=unit_ids, site_ids=[site.id for site in sites]
    )
    return found, unit_ids


async def _host_path(request: web.Request, meeting: Meeting) -> Sequence[Unit]:
    """On today's tree if the host still stands, else as it stood when the meeting was held."""
    services = request.app[SERVICES]
    try:
        return await services.store.units.path(meeting.host_unit_id, local_date(request))
    except NotFound:
        day = meeting.starts_at.astimezone(services.zone).date()
        return await services.store.units.path(meeting.host_unit_id, day)
