"""Whom a host may invite: its tree, who of some sites can come, and why the others cannot; and a
meeting's form, checked with that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec
from aiohttp import web

from confhub.errors import N_, Forbidden, NotFound
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft, MeetingForm, Surroundings, check_form
from confhub.planning.again import LeftOut, fitting
from confhub.units.site import Site
from confhub.units.unit import Unit
from web.rendering.pages import formats, words
from web.rendering.site_tree import SITE_TREES, SiteTree
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# More names than fit on some lines help nobody; the count says the rest.
MOST_NAMES = 20

_WHY: Mapping[str, str] = {
    "unit_ended": N_("%(site)s (đơn vị thôi hoạt động từ %(day)s)"),
    "not_in_use": N_("%(site)s (đã ngừng dùng)"),
    "out_of_reach": N_("%(site)s (ngoài phạm vi mời của đơn vị chủ trì)"),
}


class Chosen(msgspec.Struct, frozen=True):
    """A chosen site as the picker takes it (Chosen in picker-state.js); `path`: ids of units from
    the root down to its own."""

    id: str
    code: str
    name: str
    level: str
    unit_id: str = msgspec.field(name="unitId")
    unit_name: str = msgspec.field(name="unitName")
    path: list[str]


def chosen(site: Site, unit: Unit, tree: SiteTree | None) -> Chosen:
    path = (tree.path_ids(unit.id) if tree else []) or [unit.id]
    return Chosen(site.id, site.code, site.name, unit.level_id, unit.id, unit.name, path)


async def host_tree(
    request: web.Request, host_unit_id: str, *, fresh: bool = False
) -> SiteTree | None:
    """The tree a host invites from; None for a unit that never was or is out of reach."""
    if not host_unit_id:
        return None
    check = partial(require_viewer(request).require, "schedule")
    try:
        return await request.app[SITE_TREES].get(
            host_unit_id, local_date(request), check, fresh=fresh
        )
    except (Forbidden, NotFound):
        return None


async def fit(
    request: web.Request, host_unit_id: str, site_ids: Iterable[str], day: dt.date
) -> tuple[list[Site], list[LeftOut], SiteTree | None]:
    """Those of the sites that a host can invite for the day, in their order; the others; the tree
    that tells."""
    tree = await host_tree(request, host_unit_id, fresh=True)
    wanted = dict.fromkeys(site_ids)
    known = {one.id: one for one in await request.app[SERVICES].store.sites.get_many(wanted)}
    sites = [known[site_id] for site_id in wanted if site_id in known]
    return *fitting(sites, tree.units if tree else {}, day), tree


async def draft_of(
    request: web.Request, form: MeetingForm, meeting: Meeting | None = None
) -> Draft:
    """The form as a Draft, of a meeting that is changed; FieldErrors with every field's message."""
    services = request.app[SERVICES]
    tree = await host_tree(request, form.host_unit_id, fresh=True)
    sites = {site.id: site for site in await services.store.sites.get_many(form.site_ids)}
    around = Surroundings(
        zone=services.zone,
        now=services.clock(),
        levels=await services.store.units.levels(),
        sites=sites,
        reach={form.host_unit_id} if tree is not None else (),
        invitable=tree.units.keys() if tree is not None else (),
        calendar=await services.store.special_days.calendar(),
        meeting=meeting,
    )
    return check_form(form, around)


def say_left(request: web.Request, left: Sequence[LeftOut]) -> list[str]:
    """One sentence that names them; none where nobody is left out."""
    if not left:
        return []
    catalogue, formatted = words(request), formats(request)
    names = [
        catalogue.gettext(_WHY[one.why])
        % {
            "site": f"{one.unit.name}: {one.site.name}" if one.unit else one.site.name,
            "day": formatted.short_date(one.unit.valid_to)
            if one.unit and one.unit.valid_to
            else "",
        }
        for one in left[:MOST_NAMES]
    ]
    text = catalogue.ngettext(
        "Không mời lại %(num)s điểm cầu: %(names)s.",
        "Không mời lại %(num)s điểm cầu: %(names)s.",
        len(left),
    )
    listed = "; ".join(names) + ("; …" if len(left) > MOST_NAMES else "")
    return [text % {"num": len(left), "names": listed}]
