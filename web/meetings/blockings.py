"""Blockings in words, for whoever meets one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import N_
from confhub.planning.blocking import Blocking
from confhub.planning.takings import Cause
from confhub.units.unit import Unit
from web.rendering.pages import formats, span, words
from web.requests.auth import Viewer, local_date
from web.services import SERVICES

KIND_NAMES: Mapping[Cause, str] = {
    "maintenance": N_("Bảo trì"),
    "power_cut": N_("Cắt điện"),
    "busy": N_("Bận việc"),
}

# Within a sentence: why somebody is no free to meet.
_SAID: Mapping[Cause, str] = {
    "load": N_("lúc máy chủ họp đầy"),
    "maintenance": N_("lịch bảo trì “%(reason)s”"),
    "power_cut": N_("lịch cắt điện “%(reason)s”"),
    "busy": N_("giờ bận “%(reason)s”"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A blocking as lists show it; `what` cannot meet."""

    blocking: Blocking
    what: str
    when: str

    @property
    def kind(self) -> str:
        """A msgid."""
        return KIND_NAMES[self.blocking.kind]


async def shown(request: web.Request, blockings: Sequence[Blocking]) -> list[Shown]:
    store, today = request.app[SERVICES].store, local_date(request)
    sites = await store.sites.get_many({one.site_id for one in blockings if one.site_id})
    units = {one.unit_id for one in blockings if one.unit_id}
    units |= {site.unit_id for site in sites}
    names = await store.units.names(units, today)
    rooms = {site.id: f"{site.name}, {names.get(site.unit_id, '')}" for site in sites}
    translate = words(request).gettext

    def what(one: Blocking) -> str:
        if one.reach == "hub":
            return translate(N_("Mọi cuộc họp trên máy chủ"))
        if one.reach == "site":
            return rooms.get(one.site_id, one.site_id)
        name = names.get(one.unit_id, one.unit_id)
        below = one.reach == "below"
        said = N_("%(unit)s và cấp dưới") if below else N_("Các điểm cầu của %(unit)s")
        return translate(said) % {"unit": name}

    return [Shown(one, what(one), say_when(request, one)) for one in blockings]


def say_when(request: web.Request, blocking: Blocking) -> str:
    """07:00–11:00, 02/12/2026; of a weekly one its day of the week, and from when to when."""
    formatted = formats(request)
    when = long_span(request, blocking.starts_at, blocking.ends_at)
    first = formatted.short_date(blocking.starts_at)
    if not blocking.weekly:
        return when if "/" in when else f"{when}, {first}"
    values = {"weekday": formatted.weekday(blocking.starts_at), "when": when, "first": first}
    if blocking.until is None:
        return words(request).gettext("%(weekday)s hằng tuần %(when)s, từ %(first)s") % values
    values["last"] = formatted.short_date(blocking.until)
    said = words(request).gettext("%(weekday)s hằng tuần %(when)s, từ %(first)s đến %(last)s")
    return said % values


def may_enter(viewer: Viewer, path: Sequence[Unit], *, site: bool) -> bool:
    """Whether they enter and end blockings of the unit's sites (`site`), or of all it is."""
    return viewer.may("schedule", path) or (site and viewer.may("edit_sites", path))


def say_blocking(request: web.Request, cause: Cause, reason: str) -> str:
    """lịch cắt điện “Thay trạm biến áp”"""
    return words(request).gettext(_SAID[cause]) % {"reason": reason}


def long_span(request: web.Request, starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    """Its hours where it is over within a day and a half, else its days too."""
    if ends_at - starts_at <= dt.timedelta(hours=36):
        return span(request, starts_at, ends_at)
    formatted = formats(request)
    ends = (f"{formatted.time(at)} {formatted.short_date(at)}" for at in (starts_at, ends_at))
    return " – ".join(ends)
