"""/meetings/leaving: meetings ahead whose sites will not be there, and who comes in their place."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from confhub.desks.planning.leaving import replace_host, replace_site
from confhub.errors import FieldErrors, NotFound
from confhub.planning.leaving import Ahead, EndingHost, Leaving, by_host, by_site
from web.meetings.leaving import ahead_of, hosts_of
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of, local_date
from web.requests.form_body import posted_form
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """GET"""
    return await _show(request, "", "")


async def replace(request: web.Request) -> web.Response:
    """POST: one site, in all its meetings that the viewer may change."""
    posted = await posted_form(request)
    old_id, new_id = (str(posted.get(name, "")) for name in ("old_id", "site_id"))
    ids = [row.meeting_id for row in await ahead_of(request) if row.site_id == old_id]
    if not ids:
        raise NotFound
    store = request.app[SERVICES].store
    try:
        count = await replace_site(store, actor_of(request), ids, old_id, new_id)
    except FieldErrors as found:
        return await _show(request, old_id, words(request).error(found.fields["site_id"]))
    said = words(request).ngettext(
        "Đã sửa %(num)s cuộc họp. Xin báo cho các điểm cầu.",
        "Đã sửa %(num)s cuộc họp. Xin báo cho các điểm cầu.",
        count,
    )
    return redirect(request, "/meetings/leaving", said % {"num": count})


async def replace_hosts(request: web.Request) -> web.Response:
    """POST: all meetings of one host that the viewer may change go to a unit that follows it."""
    posted = await posted_form(request)
    old_id, new_id = (str(posted.get(name, "")) for name in ("old_id", "unit_id"))
    ids = [row.meeting_id for row in await hosts_of(request) if row.unit_id == old_id]
    if not ids:
        raise NotFound
    store = request.app[SERVICES].store
    try:
        count = await replace_host(store, actor_of(request), ids, old_id, new_id)
    except FieldErrors as found:
        return await _show(request, old_id, words(request).error(found.fields["unit_id"]))
    said = words(request).ngettext(
        "Đã chuyển %(num)s cuộc họp sang đơn vị kế tục.",
        "Đã chuyển %(num)s cuộc họp sang đơn vị kế tục.",
        count,
    )
    return redirect(request, "/meetings/leaving", said % {"num": count})


async def _hosts(request: web.Request) -> list[EndingHost]:
    store, rows = request.app[SERVICES].store, await hosts_of(request)
    ids = {row.unit_id for row in rows}
    return by_host(rows, {unit_id: await store.leaving.heirs(unit_id) for unit_id in ids})


async def _show(request: web.Request, old_id: str, error: str) -> web.Response:
    store, rows = request.app[SERVICES].store, await ahead_of(request)
    heirs = {unit_id: await store.leaving.heirs(unit_id) for unit_id in _units(rows)}
    sites = await store.sites.list({one for ids in heirs.values() for one in ids})
    own = {unit_id: [s for s in sites if s.unit_id in ids] for unit_id, ids in heirs.items()}
    leaving = by_site(rows, own)
    hosts = await _hosts(request)
    named = {*heirs, *(site.unit_id for one in leaving for site in one.successors)}
    for host in hosts:
        named |= {host.unit_id, *host.successors}
    return await render(
        request,
        "planning/leaving.html",
        status=400 if error else 200,
        leaving=leaving,
        hosts=hosts,
        names=await store.units.names(named, local_date(request)),
        chosen=_chosen,
        refused=old_id,
        error=error,
    )


def _units(rows: Iterable[Ahead]) -> set[str]:
    return {row.unit_id for row in rows}


def _chosen(leaving: Leaving) -> str:
    """What the form proposes: the first site of who follows; nobody where there is none."""
    return leaving.successors[0].id if leaving.successors else ""
