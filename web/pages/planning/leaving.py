"""/meetings/leaving: meetings ahead, and series, whose sites or hosts will not be there, and who
comes in their place."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from confhub.desks.planning.handing_over import replace_host_in_series, replace_site_in_series
from confhub.desks.planning.leaving import replace_host, replace_site
from confhub.errors import N_, FieldErrors, NotFound
from confhub.planning.leaving import EndingHost, Leaving, SeriesAhead, by_host, by_site
from confhub.planning.series import HostedElsewhere
from web.meetings.leaving import ahead_of, hosts_of, series_of
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of, local_date
from web.requests.form_body import posted_form
from web.services import SERVICES

_NOT_ALL_YOURS = N_(
    "Chuỗi họp có buổi do đơn vị khác chủ trì nên chưa chuyển được. Xin nhờ thư ký của đơn vị đó,"
    " hoặc thư ký cấp trên."
)


async def show(request: web.Request) -> web.Response:
    """GET"""
    return await _show(request, "", "")


async def replace(request: web.Request) -> web.Response:
    """POST: one site, in all its meetings and series that the viewer may change."""
    posted = await posted_form(request)
    old_id, new_id = (str(posted.get(name, "")) for name in ("old_id", "site_id"))
    ids = [row.meeting_id for row in await ahead_of(request) if row.site_id == old_id]
    series = [row.series_id for row in await series_of(request) if old_id and row.site_id == old_id]
    if not ids and not series:
        raise NotFound
    services, actor = request.app[SERVICES], actor_of(request)
    to = (old_id, new_id)
    try:
        count = await replace_site(services.store, actor, ids, *to)
        again = await replace_site_in_series(services.store, actor, series, *to, services.zone)
    except FieldErrors as found:
        left = {row.meeting_id for row in await ahead_of(request) if row.site_id == old_id}
        return await _show(request, old_id, _refusal(request, found, len(set(ids) - left)))
    said = words(request).ngettext(
        "Đã sửa %(num)s cuộc họp. Xin báo cho các điểm cầu.",
        "Đã sửa %(num)s cuộc họp. Xin báo cho các điểm cầu.",
        count,
    )
    return redirect(request, "/meetings/leaving", _said(request, said, count, again))


async def replace_hosts(request: web.Request) -> web.Response:
    """POST: what the viewer may change of one host's meetings and series goes to a unit that
    follows it."""
    posted = await posted_form(request)
    old_id, new_id = (str(posted.get(name, "")) for name in ("old_id", "unit_id"))
    ids = [row.meeting_id for row in await hosts_of(request) if row.unit_id == old_id]
    series = [
        row.series_id
        for row in await series_of(request)
        if not row.site_id and row.unit_id == old_id
    ]
    if not ids and not series:
        raise NotFound
    services, actor = request.app[SERVICES], actor_of(request)
    to = (old_id, new_id)
    try:
        count = await replace_host(services.store, actor, ids, *to)
        again = await replace_host_in_series(services.store, actor, series, *to, services.zone)
    except FieldErrors as found:
        left = {row.meeting_id for row in await hosts_of(request) if row.unit_id == old_id}
        return await _show(request, old_id, _refusal(request, found, len(set(ids) - left)))
    said = words(request).ngettext(
        "Đã chuyển %(num)s cuộc họp sang đơn vị kế tục.",
        "Đã chuyển %(num)s cuộc họp sang đơn vị kế tục.",
        count,
    )
    return redirect(request, "/meetings/leaving", _said(request, said, count, again))


def _said(request: web.Request, of_meetings: str, count: int, series: int) -> str:
    """What was done, without what was not."""
    of_series = words(request).ngettext(
        "Đã sửa %(num)s chuỗi họp định kỳ, từ ngày đơn vị cũ kết thúc.",
        "Đã sửa %(num)s chuỗi họp định kỳ, từ ngày đơn vị cũ kết thúc.",
        series,
    )
    said = [of_meetings % {"num": count}] if count or not series else []
    if series:
        said.append(of_series % {"num": series})
    return " ".join(said)


def _refusal(request: web.Request, found: FieldErrors, done: int) -> str:
    """Why it was not done, and what was before."""
    catalogue = words(request)
    if isinstance(found, HostedElsewhere):
        said = catalogue.gettext(_NOT_ALL_YOURS)
    else:
        said = catalogue.error(next(iter(found.fields.values())))
    if not done:
        return said
    before = catalogue.ngettext(
        "Đã sửa %(num)s cuộc họp, rồi dừng.", "Đã sửa %(num)s cuộc họp, rồi dừng.", done
    )
    return f"{before % {'num': done}} {said}"


async def _hosts(request: web.Request, series: Sequence[SeriesAhead]) -> list[EndingHost]:
    store, rows = request.app[SERVICES].store, await hosts_of(request)
    ids = {row.unit_id for row in rows} | {one.unit_id for one in series if not one.site_id}
    return by_host(rows, series, {unit_id: await store.leaving.heirs(unit_id) for unit_id in ids})


async def _show(request: web.Request, old_id: str, error: str) -> web.Response:
    store, rows = request.app[SERVICES].store, await ahead_of(request)
    series = await series_of(request)
    units = {row.unit_id for row in rows} | {one.unit_id for one in series if one.site_id}
    heirs = {unit_id: await store.leaving.heirs(unit_id) for unit_id in units}
    sites = await store.sites.list({one for ids in heirs.values() for one in ids})
    own = {unit_id: [s for s in sites if s.unit_id in ids] for unit_id, ids in heirs.items()}
    leaving = by_site(rows, series, own)
    hosts = await _hosts(request, series)
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


def _chosen(leaving: Leaving) -> str:
    """What the form proposes: the first site of who follows; nobody where there is none."""
    return leaving.successors[0].id if leaving.successors else ""
