"""/sites: find sites, see one, add and change them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from aiohttp import web

from confhub.desks import rights
from confhub.desks import sites as desk
from confhub.errors import N_, Conflict, FieldErrors, NotFound
from confhub.identity import new_id
from confhub.imports.sites import KIND_NAMES
from confhub.meetings.meeting import Meeting
from confhub.units.site import Site
from confhub.units.unit import Unit
from web.meetings.blockings import may_enter
from web.pages.registry import shared as registry
from web.pages.registry.site_form import (
    MOST_LINES,
    SiteForm,
    apply_form,
    form_of,
    read_form,
    with_another_line,
)
from web.pages.registry.unit_nodes import MOST_NODES, build_tree
from web.rendering import unit_choice
from web.rendering.pages import field_messages, redirect, render, words
from web.rendering.paging import Paging, asked_start
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

PAGE_SIZE = 50  # rows with three lines each: about four screens
COMING_DAYS = 31
COMING_LIMIT = 5


async def list_page(request: web.Request) -> web.Response:
    """Sites of a chosen unit and below, filtered by words without regard to diacritics."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    today, query = local_date(request), registry.asked_text(request)
    path = await _chosen_path(request)
    chosen = path[-1]
    found = await store.sites.page(chosen.id, today, query, asked_start(request), PAGE_SIZE)
    roots = [
        build_tree(await store.units.outline(top.id, today, MOST_NODES))
        for top in viewer.tops("see_units")
    ]
    return await render(
        request,
        "sites/list.html",
        sites=found.sites,
        paging=Paging(found.start, PAGE_SIZE, found.total),
        roots=roots,
        chosen=chosen,
        opened={unit.id for unit in path},
        parents=await _parents(request, {site.unit_id for site in found.sites}),
        query=query,
        kind_names=KIND_NAMES,
        may_add=viewer.may("edit_sites"),
    )


async def _chosen_path(request: web.Request) -> Sequence[Unit]:
    """From the viewer's unit down to the one of `?unit=`; where it is none of theirs, their own."""
    viewer = require_viewer(request)
    try:
        path = await registry.path_in_reach(request, request.query.get("unit", ""), "see_units")
    except NotFound:
        return viewer.tops("see_units")[:1]
    return viewer.visible(path)


async def _parents(request: web.Request, unit_ids: set[str]) -> dict[str, Unit | None]:
    """By unit id: the unit above, as far as the viewer sees."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    paths = await store.units.paths(unit_ids, local_date(request), ended=True)
    seen = {key: viewer.visible(path) for key, path in paths.items()}
    return {key: path[-2] if len(path) > 1 else None for key, path in seen.items()}


async def detail(request: web.Request) -> web.Response:
    viewer, services = require_viewer(request), request.app[SERVICES]
    site = await services.store.sites.get(request.match_info["site_id"])
    path = await registry.path_in_reach(request, site.unit_id, "see_units")
    return await render(
        request,
        "sites/detail.html",
        site=site,
        above=viewer.visible(path),
        kind_names=KIND_NAMES,
        coming=await _coming(request, site) if viewer.may("see_meetings", path) else None,
        may_edit=viewer.may("edit_sites", path),
        may_block=may_enter(viewer, path, site=True),
    )


async def new_page(request: web.Request) -> web.Response:
    own = require_viewer(request).tops("edit_sites")[0]
    unit_id = request.query.get("unit", own.id)
    return await _form_page(request, None, SiteForm(unit_id=unit_id, texts=_Blank()))


async def add(request: web.Request) -> web.Response:
    fields = await posted_form(request)
    form = read_form(fields)
    if "more" in fields:
        return await _form_page(request, None, with_another_line(form))
    path = await registry.path_in_reach(request, form.unit_id, "edit_sites")
    try:
        site = apply_form(form, Site(new_id(), path[-1].id, "", ""))
        await desk.add(request.app[SERVICES].store, actor_of(request), site)
    except (FieldErrors, Conflict) as error:
        return await _form_page(request, None, form, field_messages(request, error, taken="code"))
    return redirect(request, f"/sites/{site.id}", words(request).gettext(N_("Đã thêm điểm cầu.")))


async def edit_page(request: web.Request) -> web.Response:
    site = await _site_to_edit(request)
    return await _form_page(request, site, form_of(site))


async def change(request: web.Request) -> web.Response:
    site = await _site_to_edit(request)
    fields = await posted_form(request)
    form = read_form({**fields, "code": site.code, "unit_id": site.unit_id})
    if "more" in fields:
        return await _form_page(request, site, with_another_line(form))
    try:
        wanted = apply_form(form, site)
        await desk.change(request.app[SERVICES].store, actor_of(request), wanted)
    except (FieldErrors, Conflict) as error:
        return await _form_page(request, site, form, field_messages(request, error, taken="code"))
    return redirect(request, f"/sites/{site.id}", words(request).gettext(N_("Đã lưu điểm cầu.")))


async def _site_to_edit(request: web.Request) -> Site:
    site = await request.app[SERVICES].store.sites.get(request.match_info["site_id"])
    await registry.path_in_reach(request, site.unit_id, "edit_sites")
    return site


async def _form_page(
    request: web.Request, site: Site | None, form: SiteForm, problems: dict[str, str] | None = None
) -> web.Response:
    viewer = require_viewer(request)
    services, today = request.app[SERVICES], local_date(request)
    unit_id = site.unit_id if site else form.unit_id
    path = [one.id for one in await rights.path_to(services.store, unit_id, today)]
    able = await desk.technicians(services.store, path, services.clock()) if path else []
    technicians = [("", words(request).gettext(N_("— người ngoài, ghi tên ở dưới —")))]
    technicians += [(one.id, one.name) for one in able]
    if site and form.technician_id and form.technician_id not in dict(technicians):
        technicians.append((form.technician_id, form.texts["technician_name"]))
    tree = await unit_choice.tree_below(request, viewer, "edit_sites")
    query = registry.asked_text(request)
    return await render(
        request,
        "sites/form.html",
        status=400 if problems else 200,
        site=site,
        form=form,
        problems=problems or {},
        kinds=[("", "—"), *((k, words(request).gettext(n)) for k, n in KIND_NAMES.items())],
        most_lines=MOST_LINES,
        technicians=technicians,
        units=await unit_choice.choice(request, "edit_sites", tree, form.unit_id, query),
    )


async def _coming(request: web.Request, site: Site) -> list[Meeting]:
    services = request.app[SERVICES]
    now = services.clock()
    listed = await services.store.meetings.between(
        now, now + dt.timedelta(days=COMING_DAYS), site_ids=[site.id]
    )
    standing = [meeting for meeting in listed if meeting.status not in ("draft", "cancelled")]
    return standing[:COMING_LIMIT]


class _Blank(dict[str, str]):
    """Every text of a new form is empty."""

    def __missing__(self, _key: str) -> str:
        return ""
