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
from confhub.meetings.meeting import Listed, Meeting
from confhub.units.unit import Unit
from web.requests.auth import Viewer, local_date, require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Seen:
    """A meeting that the viewer may see."""

    meeting: Meeting
    viewer: Viewer
    host_path: tuple[Unit, ...]  # from the top to the host
    own_sites: frozenset[str]  # ids of the meeting's sites in the viewer's unit and below

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
    own = await services.store.sites.ids_within(
        (*meeting.sites, meeting.chair_site_id),
        viewer.unit.id,
        local_date(request),
        alone=speaks_alone(viewer),
    )
    if not own and not viewer.may("see_meetings", host_path):
        raise NotFound
    if to_change:
        viewer.require("schedule", host_path)
    return Seen(meeting, viewer, tuple(host_path), own)


def speaks_alone(viewer: Viewer) -> bool:
    """A site's account speaks for its own unit, others' for the units below too."""
    return viewer.account.role == "site"


async def meetings_between(
    request: web.Request, start: dt.datetime, end: dt.datetime
) -> list[Listed]:
    """Meetings the viewer sees that overlap [start, end)."""
    viewer = require_viewer(request)
    return await request.app[SERVICES].store.meetings.listed(
        start,
        end,
        unit_id=viewer.unit.id,
        on=local_date(request),
        alone=speaks_alone(viewer),
    )


async def seen_among(request: web.Request, meeting_ids: Collection[str]) -> set[str]:
    """Those of the meetings that the viewer sees."""
    viewer = require_viewer(request)
    return await request.app[SERVICES].store.meetings.concerns(
        meeting_ids,
        unit_id=viewer.unit.id,
        on=local_date(request),
        alone=speaks_alone(viewer),
    )


async def _host_path(request: web.Request, meeting: Meeting) -> Sequence[Unit]:
    """On today's tree; of a host that stands no more, as it stood last."""
    services = request.app[SERVICES]
    return await services.store.units.path(meeting.host_unit_id, local_date(request), ended=True)
