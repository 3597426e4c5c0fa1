"""Who stands at a meeting's door: by a signed-in account or by a site's link.

The meeting page and its socket ask the same questions here, and the socket asks again at every
reconnect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.meetings.admission import Admission, admit_account, admit_link, join_units
from confhub.meetings.meeting import Meeting
from confhub.turns import ASKER
from confhub.units.unit import Level, Unit
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Entrance:
    """An admission, and the words by which everybody in the room knows the newcomer."""

    meeting: Meeting
    admission: Admission
    name: str  # the site's, or the officer's
    unit: str
    level: Level

    @property
    def is_chair(self) -> bool:
        """Whether this is the presiding site."""
        return self.admission.site_id == self.meeting.chair_site_id


async def enter_by_account(request: web.Request) -> Entrance:
    """The viewer's place in the meeting named in the address; any ConfhubError of admission."""
    viewer = require_viewer(request)
    services = request.app[SERVICES]
    meeting = await services.store.meetings.get(request.match_info["meeting_id"])
    sites = await services.store.sites.list(join_units(viewer.grants))
    admission = admit_account(
        meeting,
        viewer.account,
        viewer.grants,
        services.clock(),
        host_path=[unit.id for unit in await _host_path(request, meeting)],
        own_sites=[site for site in sites if site.active],
        early_min=services.settings.join_early_min,
        zone=services.zone,
    )
    seat = next((site for site in sites if site.id == admission.site_id), None)
    if seat is None:
        unit, name = viewer.unit, viewer.account.name
    else:
        unit = next(one.unit for one in viewer.held if one.unit.id == seat.unit_id)
        name = seat.name
    return await _introduce(request, meeting, admission, unit, name)


async def enter_by_link(request: web.Request) -> Entrance:
    """The place that the address's token opens; BadInput, Gone and the errors of admission."""
    services = request.app[SERVICES]
    link_id = services.tokens.read(request.match_info["token"])
    return await enter_linked(request, link_id)


async def enter_linked(request: web.Request, link_id: str) -> Entrance:
    """The place that this link opens now; Gone and the errors of admission.

    The rest of the task is done for the link.
    """
    ASKER.set(f"link {link_id}")
    services = request.app[SERVICES]
    now = services.clock()
    link = await services.store.links.get(link_id)
    meeting = await services.store.meetings.get(link.meeting_id)
    site = await services.store.sites.get(link.site_id)
    admission = admit_link(
        meeting,
        link,
        site,
        now,
        early_min=services.settings.join_early_min,
        zone=services.zone,
    )
    unit = await services.store.units.get(site.unit_id, local_date(request), ended=True)
    return await _introduce(request, meeting, admission, unit, site.name)


async def _introduce(
    request: web.Request, meeting: Meeting, admission: Admission, unit: Unit, name: str
) -> Entrance:
    store = request.app[SERVICES].store
    level = next(level for level in await store.units.levels() if level.id == unit.level_id)
    return Entrance(meeting, admission, name, unit.name, level)


async def _host_path(request: web.Request, meeting: Meeting) -> Sequence[Unit]:
    """On today's tree; of a host that stands no more, as it stood last."""
    services = request.app[SERVICES]
    return await services.store.units.path(meeting.host_unit_id, local_date(request), ended=True)
