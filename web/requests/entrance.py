"""Who stands at a meeting's door: by a signed-in account or by a site's link.

The meeting page and its socket ask the same questions here, and the socket asks again at every
reconnect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.meetings.admission import (
    Admission,
    admit_account,
    admit_link,
    check_link,
    check_site,
    has_site,
    is_past,
    join_units,
    sitting_at,
)
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.networks import within
from confhub.turns import ASKER
from confhub.units.site import Site
from confhub.units.unit import Level, Unit
from web.requests.addresses import client_address
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Entrance:
    """An admission, and the words by which everybody in the room knows the newcomer. `meeting`
    comes without its agenda and its other sites."""

    meeting: Meeting
    admission: Admission
    name: str  # the site's, or the officer's
    unit: str
    level: Level

    @property
    def is_chair(self) -> bool:
        """Whether this is the presiding site."""
        return self.admission.site_id == self.meeting.chair_site_id


@dataclass(frozen=True, slots=True)
class Admitted:
    """An admission by what it was given: the meeting as its door sees it, without its other sites
    and its agenda."""

    meeting: Meeting
    admission: Admission
    name: str
    unit_id: str


async def enter_by_account(request: web.Request) -> Entrance:
    """The viewer's place in the meeting named in the address; any ConfhubError of admission."""
    viewer = require_viewer(request)
    admitted = await admit_viewer(request)
    held = (one.unit for one in viewer.held)
    unit = next((unit for unit in held if unit.id == admitted.unit_id), viewer.unit)
    return await _introduce(request, admitted, unit)


async def admit_viewer(request: web.Request) -> Admitted:
    """`enter_by_account` without words: what sockets ask again and again."""
    viewer = require_viewer(request)
    services = request.app[SERVICES]
    sites = await services.store.sites.list(join_units(viewer.grants), with_lines=False)
    meeting = await services.store.meetings.at_door(
        request.match_info["meeting_id"], [site.id for site in sites]
    )
    admission = admit_account(
        meeting,
        viewer.account,
        viewer.grants,
        services.clock(),
        host_path=[unit.id for unit in await _host_path(request, meeting)],
        own_sites=[site for site in sites if site.active],
        early_min=services.settings.join_early_min,
        zone=services.zone,
        goes_on=await goes_on(request, meeting),
    )
    seat = next((site for site in sites if site.id == admission.site_id), None)
    if seat is None:
        return Admitted(meeting, admission, viewer.account.name, viewer.unit.id)
    return Admitted(meeting, admission, seat.name, seat.unit_id)


async def enter_by_link(request: web.Request) -> Entrance:
    """The place that the address's token opens; BadInput, Gone and the errors of admission."""
    return await enter_linked(request, linked(request))


def linked(request: web.Request) -> str:
    """The id of the link whose token the address carries; BadInput."""
    return request.app[SERVICES].tokens.read(request.match_info["token"])


async def enter_linked(request: web.Request, link_id: str) -> Entrance:
    """The place that this link opens now; Gone and the errors of admission."""
    admitted = await admit_linked(request, link_id)
    units = request.app[SERVICES].store.units
    unit = await units.get(admitted.unit_id, local_date(request), ended=True)
    return await _introduce(request, admitted, unit)


async def admit_linked(request: web.Request, link_id: str) -> Admitted:
    """`enter_linked` without words: what sockets ask again and again.

    The rest of the task is done for the link.
    """
    ASKER.set(("link", *within(client_address(request)), link_id))
    services = request.app[SERVICES]
    link = await services.store.links.get(link_id)
    meeting = await services.store.meetings.at_door(link.meeting_id, [link.site_id])
    site = await services.store.sites.get(link.site_id, with_lines=False)
    admission = admit_link(
        meeting,
        link,
        site,
        services.clock(),
        early_min=services.settings.join_early_min,
        zone=services.zone,
        goes_on=await goes_on(request, meeting),
    )
    return Admitted(meeting, admission, site.name, site.unit_id)


async def linked_site(request: web.Request) -> tuple[JoinLink, Meeting, Site]:
    """Whose link the address carries, of which meeting, whether its doors are open or not;
    BadInput, NotFound, Gone; Forbidden for a site that was closed. The rest of the task is done for
    the link."""
    link_id, store = linked(request), request.app[SERVICES].store
    ASKER.set(("link", *within(client_address(request)), link_id))
    link = await store.links.get(link_id)
    meeting = await store.meetings.get(link.meeting_id)
    check_link(link, meeting)
    site = await store.sites.get(link.site_id, with_lines=False)
    check_site(site)
    return link, meeting, site


async def goes_on(request: web.Request, meeting: Meeting) -> bool:
    """Whether a site is in a live meeting past the time at which its doors close."""
    services = request.app[SERVICES]
    if meeting.status != "live" or not is_past(meeting, services.clock(), goes_on=False):
        return False
    return has_site(await services.store.rooms.staying(meeting.id))


async def _introduce(request: web.Request, admitted: Admitted, unit: Unit) -> Entrance:
    """By the names of the day on which it is held, as the room's plan has them."""
    services, meeting, seat = request.app[SERVICES], admitted.meeting, admitted.admission.site_id
    units = services.store.units
    level = next(level for level in await units.levels() if level.id == unit.level_id)
    held = sitting_at(meeting, services.clock())
    day = held.starts_at.astimezone(services.zone).date()
    names = await units.names_on([(unit.id, day)])
    sites = await services.store.sites.on_days([(seat, day)] if seat else [], services.zone)
    name = next((site.name for site in sites.values()), admitted.name)
    return Entrance(meeting, admitted.admission, name, names.get((unit.id, day), unit.name), level)


async def _host_path(request: web.Request, meeting: Meeting) -> Sequence[Unit]:
    """On today's tree; of a host that stands no more, as it stood last."""
    services = request.app[SERVICES]
    return await services.store.units.path(meeting.host_unit_id, local_date(request), ended=True)
