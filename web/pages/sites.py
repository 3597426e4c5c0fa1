"""/sites: find sites, see one, add and change them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.errors import N_, Conflict, FieldErrors
from confhub.identity import new_id
from confhub.meetings import Meeting
from confhub.site_import import KIND_NAMES
from confhub.sites import Site
from confhub.texts import fold
from confhub.units import Unit
from web import unit_choice
from web.auth import local_date, require_viewer
from web.form_body import posted_form
from web.pages import registry
from web.pages.site_form import (
    MOST_LINES,
    SiteForm,
    apply_form,
    form_of,
    read_form,
    with_another_line,
)
from web.pages.unit_nodes import build_tree
from web.paging import asked_page
from web.rendering import redirect, render, words
from web.services import SERVICES

PAGE_SIZE = 50  # rows with three lines each: about four screens
COMING_DAYS = 31
COMING_LIMIT = 5


async def list_page(request: web.Request) -> web.Response:
    """Sites of a chosen unit and below, filtered by words without regard to diacritics."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    today, query = local_date(request), registry.asked_text(request)
    tree = await store.units.tree(viewer.unit.id, today)
    units = {unit.id: unit for unit in tree}
    chosen = units.get(request.query.get("unit", ""), tree[0])
    everything = await store.sites.within(viewer.unit.id, today)
    own = {unit.id for unit in await store.units.tree(chosen.id, today)}
    found = [s for s in everything if s.unit_id in own and _matches(s, units[s.unit_id], query)]
    order = {unit.id: position for position, unit in enumerate(tree)}
    found.sort(key=lambda site: order[site.unit_id])
    paging = asked_page(request, len(found), PAGE_SIZE)
    (root,) = build_tree(tree, Counter(site.unit_id for site in everything))
    return await render(
        request,
        "sites/list.html",
        sites=paging.cut(found),
        paging=paging,
        root=root,
        chosen=chosen,
        opened={unit.id for unit in _up(chosen, units)},
        units=units,
        parents={unit.id: units.get(unit.parent_id or "") for unit in tree},
        query=query,
        kind_names=KIND_NAMES,
        may_add=viewer.may("edit_sites"),
    )


async def detail(request: web.Request) -> web.Response:
    viewer, services = require_viewer(request), request.app[SERVICES]
    site = await services.store.sites.get(request.match_info["site_id"])
    path = await registry.path_in_reach(request, site.unit_id, "see_units")
    return await render(
        request,
        "sites/detail.html",
        site=site,
        above=list(registry.from_viewer(path, viewer)),
        kind_names=KIND_NAMES,
        coming=await _coming(request, site) if viewer.may("see_meetings", path) else None,
        may_edit=viewer.may("edit_sites", path),
    )


async def new_page(request: web.Request) -> web.Response:
    unit_id = request.query.get("unit", require_viewer(request).unit.id)
    return await _form_page(request, None, SiteForm(unit_id=unit_id, texts=_Blank()))


async def add(request: web.Request) -> web.Response:
    fields = await posted_form(request)
    form = read_form(fields)
    if "more" in fields:
        return await _form_page(request, None, with_another_line(form))
    path = await registry.path_in_reach(request, form.unit_id, "edit_sites")
    try:
        site = apply_form(form, Site(new_id(), path[-1].id, "", ""))
        await request.app[SERVICES].store.sites.add(site)
    except (FieldErrors, Conflict) as error:
        return await _form_page(request, None, form, _field_errors(request, error))
    await registry.note(request, "site.added", site.id, site.code)
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
        changed = await request.app[SERVICES].store.sites.update(apply_form(form, site))
    except (FieldErrors, Conflict) as error:
        return await _form_page(request, site, form, _field_errors(request, error))
    await registry.note(request, "site.changed", site.id, f"version {changed.version}")
    return redirect(request, f"/sites/{site.id}", words(request).gettext(N_("Đã lưu điểm cầu.")))


async def _site_to_edit(request: web.Request) -> Site:
    site = await request.app[SERVICES].store.sites.get(request.match_info["site_id"])
    await registry.path_in_reach(request, site.unit_id, "edit_sites")
    return site


async def _form_page(
    request: web.Request, site: Site | None, form: SiteForm, problems: dict[str, str] | None = None
) -> web.Response:
    viewer = require_viewer(request)
    tree = await unit_choice.tree_below(request, viewer)
    short = len(tree) <= unit_choice.LONGEST_LIST
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
        unit=next((unit for unit in tree if unit.id == form.unit_id), None),
        unit_options=unit_choice.options(tree) if short else None,
        query=query,
        found=await unit_choice.search(request, viewer, query) if query and not short else [],
    )


async def _coming(request: web.Request, site: Site) -> list[Meeting]:
    services = request.app[SERVICES]
    now = services.clock()
    listed = await services.store.meetings.between(
        now, now + dt.timedelta(days=COMING_DAYS), site_ids=[site.id]
    )
    standing = [meeting for meeting in listed if meeting.status not in ("draft", "cancelled")]
    return standing[:COMING_LIMIT]


def _field_errors(request: web.Request, error: FieldErrors | Conflict) -> dict[str, str]:
    """Messages by field; "" is the form as a whole."""
    translate = words(request).error
    if isinstance(error, FieldErrors):
        return {name: translate(problem) for name, problem in error.fields.items()}
    # The store says in other words that a code is taken than that the row has changed.
    return {"" if error.message == Conflict.message else "code": translate(error)}


def _matches(site: Site, unit: Unit, query: str) -> bool:
    if not query:
        return True
    text = fold(f"{site.name} {site.code} {unit.name} {site.technician_name} {site.contact_name}")
    return all(word in text for word in fold(query).split())


def _up(unit: Unit, units: Mapping[str, Unit]) -> Sequence[Unit]:
    """The unit and those above it, as far as the viewer sees."""
    trail = [unit]
    while (above := units.get(trail[-1].parent_id or "")) is not None:
        trail.append(above)
    return trail


class _Blank(dict[str, str]):
    """Every text of a new form is empty."""

    def __missing__(self, _key: str) -> str:
        return ""
