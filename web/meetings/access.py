"""Which meetings somebody sees (confhub/desks/rights.py has the rule), and what a page shows of
one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from confhub.desks import rights
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
    own_sites: frozenset[str]  # ids of the meeting's sites in the viewer's units and below
    linked_sites: frozenset[str]  # those of all whose links they may see

    @property
    def may_change(self) -> bool:
        return self.viewer.may("schedule", self.host_path)

    @property
    def may_drive(self) -> bool:
        return self.viewer.may("drive", self.host_path)

    def may_see_link(self, site_id: str) -> bool:
        """As `rights.linked_sites`."""
        return site_id in self.linked_sites


async def see_meeting(
    request: web.Request, meeting_id: str = "", *, to_change: bool = False
) -> Seen:
    """A meeting, else the one named in the address; NotFound for a foreign one too.

    `to_change`: Forbidden for somebody who only sees it.
    """
    viewer = require_viewer(request)
    store, today = request.app[SERVICES].store, local_date(request)
    meeting = await store.meetings.get(meeting_id or request.match_info["meeting_id"])
    sight = await rights.see(store, viewer, meeting, today)
    if to_change:
        viewer.require("schedule", sight.host_path)
    linked = await rights.linked_sites(store, viewer, meeting, sight.host_path, today)
    return Seen(meeting, viewer, tuple(sight.host_path), sight.own_sites, linked)


async def meetings_between(
    request: web.Request, start: dt.datetime, end: dt.datetime
) -> list[Listed]:
    """Meetings the viewer sees that overlap [start, end), by start and title."""
    store, found = request.app[SERVICES].store.meetings, dict[str, Listed]()
    scopes = require_viewer(request).scopes("see_meetings")
    for one in scopes:
        for listed in await store.listed(
            start, end, unit_id=one.unit.id, on=local_date(request), alone=one.alone
        ):
            known = found.get(listed.meeting.id)
            found[listed.meeting.id] = listed if known is None or listed.hosted else known
    if len(scopes) == 1:
        return list(found.values())
    return sorted(
        found.values(), key=lambda one: (one.meeting.starts_at, one.meeting.title, one.meeting.id)
    )


async def seen_among(
    request: web.Request, meeting_ids: Collection[str], *, alone: bool = False
) -> set[str]:
    """Those of the meetings that the viewer sees; `alone`: by their units themselves, not by those
    below."""
    store, seen = request.app[SERVICES].store.meetings, set[str]()
    viewer = require_viewer(request)
    for one in viewer.held if alone else viewer.scopes("see_meetings"):
        seen |= await store.concerns(
            meeting_ids, unit_id=one.unit.id, on=local_date(request), alone=alone or one.alone
        )
    return seen
