"""The invited sites of one meeting: units, links, who is in the room; by level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from confhub.errors import N_
from confhub.long_work import beside
from confhub.meetings.meeting import JoinLink
from confhub.meetings.tokens import JoinTokens
from confhub.units.site import Site
from confhub.units.unit import Unit
from confhub.words.texts import fold
from web.meetings.access import Seen
from web.meetings.attendance import Presence, presences
from web.meetings.names import sites_at
from web.pages.meetings.choices import level_name
from web.requests.addresses import own_origin
from web.requests.auth import local_date
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class InvitedSite:
    site: Site
    unit: Unit
    upper: str  # name of the unit above, to tell communes of one name apart
    is_chair: bool
    state: str  # "present", "left", "" (has not come yet)
    presence: Presence | None  # None: has not come
    link: JoinLink | None  # None: the viewer may not see it
    address: str  # of a link that opens or will open the room; else empty

    @property
    def is_revoked(self) -> bool:
        return self.link is not None and self.link.revoked_at is not None


@dataclass(frozen=True, slots=True)
class LevelGroup:
    name: str
    sites: list[InvitedSite]

    @property
    def is_mixed(self) -> bool:
        """Whether the units stand under different upper ones, which then need naming."""
        return len({one.upper for one in self.sites}) > 1

    @property
    def came(self) -> int:
        return sum(one.presence is not None for one in self.sites)

    @property
    def present(self) -> int:
        return sum(one.state == "present" for one in self.sites)


async def invited_sites(request: web.Request, seen: Seen) -> list[LevelGroup]:
    """Invited sites by level, the highest first; within one by the names of the unit above, of
    the unit and of the site, the chair's at the head."""
    services = request.app[SERVICES]
    store, meeting = services.store, seen.meeting
    ids = dict.fromkeys((meeting.chair_site_id, *meeting.sites))
    known = await sites_at(request, await store.sites.get_many(ids), meeting.starts_at)
    sites = {site.id: site for site in known}
    day = meeting.starts_at.astimezone(services.zone).date()
    units = await _units_with_uppers(request, {site.unit_id for site in sites.values()}, day)
    links = {link.site_id: link for link in await store.links.latest(meeting.id)}
    attendance, now = await store.rooms.attendance(meeting.id), services.clock()
    levels = [(level.id, level_name(request, level)) for level in await store.units.levels()]
    address = partial(_address, own_origin(request), services.tokens)

    def grouped() -> list[LevelGroup]:
        came = presences(attendance, now)
        is_to_come = meeting.status not in ("cancelled", "ended")
        groups: dict[str, list[InvitedSite]] = {}
        for site_id in ids:
            site = sites.get(site_id)
            unit = units.get(site.unit_id) if site else None
            if site is None or unit is None:
                continue
            link = links.get(site_id) if seen.may_see_link(site_id) else None
            living = link is not None and link.revoked_at is None and is_to_come
            groups.setdefault(unit.level_id, []).append(
                InvitedSite(
                    site=site,
                    unit=unit,
                    upper=_name_of(units, unit.parent_id),
                    is_chair=site_id == meeting.chair_site_id,
                    state=_state(came.get(site_id)),
                    presence=came.get(site_id),
                    link=link,
                    address=address(link) if link is not None and living else "",
                )
            )
        return [
            LevelGroup(name, sorted(groups[key], key=_place))
            for key, name in levels
            if key in groups
        ]

    # Hundreds of sites, each with a signed address: some 30 ms, which live rooms must not wait.
    return await beside(grouped)


def _place(one: InvitedSite) -> tuple[bool, str, str, str]:
    return not one.is_chair, fold(one.upper), fold(one.unit.name), fold(one.site.name)


def _name_of(units: Mapping[str, Unit], unit_id: str | None) -> str:
    return units[unit_id].name if unit_id is not None and unit_id in units else ""


def _address(origin: str, tokens: JoinTokens, link: JoinLink) -> str:
    return f"{origin}/join/{tokens.sign(link)}"


async def _units_with_uppers(
    request: web.Request, unit_ids: set[str], day: dt.date
) -> Mapping[str, Unit]:
    """The units and their parents, as they stand on the meeting's day, or stood last; as they stand
    today, where sites were handed to units that began only after it."""
    store, today = request.app[SERVICES].store.units, local_date(request)
    units = {unit.id: unit for unit in await store.get_many(unit_ids, day, ended=True)}
    if later := unit_ids - units.keys():
        units |= {unit.id: unit for unit in await store.get_many(later, today, ended=True)}
    parents = {unit.parent_id for unit in units.values() if unit.parent_id} - units.keys()
    return units | {unit.id: unit for unit in await store.get_many(parents, day, ended=True)}


def _state(presence: Presence | None) -> str:
    if presence is None:
        return ""
    return "present" if presence.left_at is None else "left"


STATE_WORDS: Mapping[str, tuple[str, str]] = {
    "present": (N_("Đang trong phòng"), "good"),
    "left": (N_("Đã rời phòng"), "fair"),
    "": (N_("Chưa vào"), "absent"),
}
