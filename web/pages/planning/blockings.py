"""/blockings: when sites of a unit cannot meet: list, enter, end, and the meetings in their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.planning import blockings as desk
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors, NotFound
from confhub.identity import is_id, new_id
from confhub.planning.blocking import KINDS, REACHES, REASON_LENGTH, Blocking
from confhub.units.site import Site
from confhub.units.unit import Unit
from confhub.words.dates import read_date
from confhub.words.texts import one_line
from web.meetings.access import seen_among
from web.meetings.blockings import KIND_NAMES, Shown, may_enter, shown
from web.meetings.names import unit_names
from web.pages.meetings.typed_times import plain_day, plain_time
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, local_date, local_time, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

# As far ahead as a list looks: what is entered is within it.
_FAR = dt.timedelta(days=3660)
_NAMES = ("key", "target", "kind", "reason", "first", "start", "last", "end", "repeat", "until")


@dataclass(frozen=True, slots=True)
class Place:
    """The unit whose blockings are looked at, and perhaps one site of it."""

    path: Sequence[Unit]
    sites: Sequence[Site]
    site: Site | None

    @property
    def unit(self) -> Unit:
        return self.path[-1]

    @property
    def query(self) -> str:
        return f"site={self.site.id}" if self.site else f"unit={self.unit.id}"


async def list_page(request: web.Request) -> web.Response:
    """GET /blockings?unit= or ?site="""
    place = await _place(request, request.query.get("unit", ""), request.query.get("site", ""))
    today = local_date(request).isoformat()
    typed = dict.fromkeys(_NAMES, "")
    typed |= {"key": new_id(), "kind": "maintenance", "first": today, "last": today}
    typed |= {"start": "08:00", "end": "17:00"}
    if place.site:
        typed["target"] = f"site:{place.site.id}"
    return await _list(request, place, typed)


async def add(request: web.Request) -> web.Response:
    """POST /blockings?unit= or ?site=. The form carries the new one's id: sent twice it is entered
    once."""
    place = await _place(request, request.query.get("unit", ""), request.query.get("site", ""))
    posted, today = await posted_form(request), local_date(request)
    typed = {name: one_line(str(posted.get(name, ""))) for name in _NAMES}
    typed |= {name: plain_day(typed[name], today) for name in ("first", "last", "until")}
    typed |= {name: plain_time(typed[name]) for name in ("start", "end")}
    if not is_id(typed["key"]):
        typed["key"] = new_id()
    try:
        blocking = _read(request, place, typed)
        await desk.add(request.app[SERVICES].store, actor_of(request), blocking)
    except (FieldErrors, Conflict) as error:
        if isinstance(error, Conflict):
            typed["key"] = new_id()
        return await _list(request, place, typed, field_messages(request, error))
    said = words(request).gettext("Đã ghi. Lịch họp và ô tìm giờ trống tránh thời gian này.")
    return redirect(request, f"/blockings/{blocking.id}", said)


async def show(request: web.Request) -> web.Response:
    """GET /blockings/{blocking_id}: with the meetings that stand in spite of it."""
    blocking, place = await _known(request)
    services = request.app[SERVICES]
    hits = await services.store.blockings.hits(blocking, local_time(request))
    seen = await seen_among(request, [hit.meeting_id for hit in hits])
    hosts = {hit.meeting_id: (hit.host_unit_id, hit.starts_at) for hit in hits}
    (row,) = await shown(request, [blocking])
    return await render(
        request,
        "planning/blocking.html",
        row=row,
        kind=KIND_NAMES[blocking.kind],
        back=f"/blockings?{place.query}",
        hits=hits,
        seen=seen,
        hosts=await unit_names(request, hosts),
        is_over=blocking.over_at is not None and blocking.over_at <= services.clock(),
    )


async def end(request: web.Request) -> web.Response:
    """POST /blockings/{blocking_id}/end"""
    blocking, place = await _known(request)
    await desk.end(request.app[SERVICES].store, actor_of(request), blocking.id)
    said = words(request).gettext("Đã kết thúc; thời gian này lại họp được.")
    return redirect(request, f"/blockings?{place.query}", said)


async def _list(
    request: web.Request,
    place: Place,
    typed: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
) -> web.Response:
    services, viewer = request.app[SERVICES], require_viewer(request)
    now, today = services.clock(), local_date(request)
    site_id = place.site.id if place.site else ""
    found = await services.store.blockings.concerning(
        place.unit.id, today, now, now + _FAR, site_id=site_id
    )
    rows = await shown(request, found)
    return await render(
        request,
        "planning/blockings.html",
        status=400 if problems else 200,
        place=place,
        rows=rows,
        open_to=await _changeable(request, rows),
        kinds=KIND_NAMES,
        targets=_targets(request, place),
        typed=typed,
        problems=problems or {},
        reason_limit=REASON_LENGTH,
        may_schedule=viewer.may("schedule", place.path),
    )


def _targets(request: web.Request, place: Place) -> list[tuple[str, str]]:
    """What the viewer may block here, by the value of the form's choice."""
    viewer, translate = require_viewer(request), words(request).gettext
    found = [(f"site:{site.id}", site.name) for site in place.sites]
    if viewer.may("schedule", place.path):
        below = translate(N_("%(unit)s và mọi đơn vị cấp dưới")) % {"unit": place.unit.name}
        found = [
            ("unit", translate(N_("Mọi điểm cầu của riêng đơn vị này"))),
            ("below", below),
            *found,
        ]
    if viewer.runs_the_house:
        found.append(("hub", translate(N_("Máy chủ họp: mọi cuộc họp"))))
    return found


async def _changeable(request: web.Request, rows: Sequence[Shown]) -> set[str]:
    """Ids of those that the viewer may end."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    homes = await store.sites.get_many({row.blocking.site_id for row in rows})
    unit_of = {site.id: site.unit_id for site in homes}
    units = {row.blocking.unit_id or unit_of.get(row.blocking.site_id, "") for row in rows} - {""}
    paths = await store.units.paths(units, local_date(request), ended=True)
    found = set()
    for blocking in (row.blocking for row in rows):
        path = paths.get(blocking.unit_id or unit_of.get(blocking.site_id, ""), [])
        if blocking.reach == "hub":
            may = viewer.runs_the_house
        else:
            may = may_enter(viewer, path, site=blocking.reach == "site")
        if may:
            found.add(blocking.id)
    return found


async def _place(request: web.Request, unit_id: str, site_id: str) -> Place:
    """NotFound out of reach; one's own unit where none is named."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    site = await store.sites.get(site_id, with_lines=False) if site_id else None
    if site:
        unit_id = site.unit_id
    elif not unit_id:
        unit_id = viewer.tops("schedule" if viewer.may("schedule") else "edit_sites")[0].id
    path = await store.units.path(unit_id, local_date(request), ended=True)
    if not may_enter(viewer, path, site=True):
        raise NotFound
    own = [one for one in await store.sites.list([unit_id]) if one.active or one == site]
    return Place(path, own, site)


async def _known(request: web.Request) -> tuple[Blocking, Place]:
    """The blocking of the address, and where it belongs; NotFound for who may not end it."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    blocking = await store.blockings.get(request.match_info["blocking_id"])
    if blocking.reach == "hub":
        if not viewer.runs_the_house:
            raise NotFound
        return blocking, await _place(request, "", "")
    place = await _place(request, blocking.unit_id, blocking.site_id)
    if not may_enter(viewer, place.path, site=blocking.reach == "site"):
        raise NotFound
    return blocking, place


def _read(request: web.Request, place: Place, typed: Mapping[str, str]) -> Blocking:
    """FieldErrors for what cannot be read; the rest is the use case's to refuse."""
    services, problems = request.app[SERVICES], dict[str, ConfhubError]()
    reach, _, site_id = typed["target"].partition(":")
    if reach not in REACHES or (site_id and site_id not in {one.id for one in place.sites}):
        problems["target"] = BadInput(N_("Xin chọn nơi không họp được."))
    kind = next((one for one in KINDS if one == typed["kind"]), None)
    if kind is None:
        problems["kind"] = BadInput(N_("Xin chọn loại."))
    moments = []
    for day_name, time_name in (("first", "start"), ("last", "end")):
        day = _day(typed[day_name], day_name, problems, needed=True)
        try:
            time = dt.time.fromisoformat(typed[time_name])
        except ValueError:
            problems[time_name] = BadInput(N_("Xin nhập giờ, ví dụ 08:00."))
            continue
        if day is not None:
            local = dt.datetime.combine(day, time, services.zone)
            moments.append(local.astimezone(dt.UTC))
    until = _day(typed["until"], "until", problems) if typed["repeat"] == "weekly" else None
    if problems or kind is None:
        raise FieldErrors(problems)
    return Blocking(
        id=typed["key"],
        reach=next(one for one in REACHES if one == reach),
        kind=kind,
        reason=typed["reason"],
        starts_at=moments[0],
        ends_at=moments[1],
        zone=services.zone.key,
        unit_id=place.unit.id if reach in ("unit", "below") else "",
        site_id=site_id if reach == "site" else "",
        weekly=typed["repeat"] == "weekly",
        until=until,
    )


def _day(
    text: str, name: str, problems: dict[str, ConfhubError], *, needed: bool = False
) -> dt.date | None:
    try:
        day = read_date(text)
    except BadInput as error:
        problems[name] = error
        return None
    if day is None and needed:
        problems[name] = BadInput(N_("Xin nhập ngày."))
    return day
