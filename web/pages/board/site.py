"""/board/sites/{id}: one site's link in detail, and whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web

from confhub.errors import N_, NotFound
from confhub.imports.sites import KIND_NAMES
from confhub.units.site import Line
from confhub.words.catalogue import Catalogue
from monitoring.links import SiteLink
from monitoring.reading import Reading
from web.pages.board.chart import Chart, charts, state_bands
from web.pages.board.overview import board_of, look, see_path
from web.pages.board.rows import ICONS, NOTHING, Wording
from web.rendering.pages import formats, render, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


class Fact(NamedTuple):
    """A number with its name and unit, in the viewer's language."""

    name: str
    number: str
    unit: str


async def show(request: web.Request) -> web.Response:
    """One site in detail: a page, or with `?part=1` only what the drawer holds."""
    viewer = require_viewer(request)
    services = request.app[SERVICES]
    site = await services.store.sites.get(request.match_info["site_id"])
    path = await services.store.units.path(site.unit_id, local_date(request), ended=True)
    unit_path = see_path(viewer, path)
    watched = await look(request, site.unit_id)
    if site.id not in watched.scope.places:
        raise NotFound(N_("Điểm cầu này không còn hoạt động."))
    wording = Wording(words(request), formats(request))
    board = board_of(request)
    link = watched.links.get(site.id)
    points, now = board.history(site.id), board.now()
    template = "board/site_part.html" if request.query.get("part") else "board/site.html"
    return await render(
        request,
        template,
        site=site,
        unit_path=unit_path,
        row=wording.row(watched, site.id),
        icons=ICONS,
        link=link if link is not None and link.state != "absent" else None,
        way=wording.way(link) if link is not None else "",
        facts=_facts(link, wording, words(request)),
        reasons=[(reason.state, wording.reason(reason), reason.advice) for reason in link.reasons]
        if link
        else [],
        charts=_named(charts(points, now), wording, words(request)),
        bands=state_bands(points, now),
        nothing=NOTHING,
        at=wording.time(now),
        lines=_ordered(site.lines),
        kind_names=KIND_NAMES,
    )


def _facts(link: SiteLink | None, wording: Wording, known: Catalogue) -> list[Fact]:
    """Those that nobody measured are left out."""
    there = link is not None and link.state != "absent"
    reading = link.reading if link is not None and there else Reading()
    cells = wording.cells(reading)
    width_up, width_down = reading.available_up_bps, reading.available_down_bps
    found = (
        (N_("Mất gói lên"), cells["loss_up"], "%"),
        (N_("Mất gói xuống"), cells["loss_down"], "%"),
        (N_("Trễ khứ hồi"), wording.decimal(reading.rtt_ms, 0), "ms"),
        (N_("Độ trễ tiếng nói"), cells["delay"], "ms"),
        (N_("Dao động trễ"), cells["jitter"], "ms"),
        (N_("Gửi lên"), cells["up"], "Mbps"),
        (N_("Nhận xuống"), cells["down"], "Mbps"),
        (N_("Băng thông lên khả dụng"), wording.rate(width_up), "Mbps"),
        (N_("Băng thông xuống khả dụng"), wording.rate(width_down), "Mbps"),
        (N_("Âm thanh chắp vá"), wording.percent(reading.concealed_fraction), "%"),
        (N_("Hình nhận được"), wording.decimal(reading.frames_per_second, 0), N_("hình/giây")),
    )
    return [
        Fact(known.gettext(name), number, known.gettext(unit))
        for name, number, unit in found
        if number != NOTHING
    ]


def _named(
    found: Mapping[str, Chart], wording: Wording, known: Catalogue
) -> list[tuple[Fact, Chart]]:
    mos, loss, rtt = found["mos"], found["loss"], found["rtt"]
    return [
        (
            Fact(known.gettext(N_("Tiếng nói (MOS)")), wording.decimal(mos.latest, 1), ""),
            mos,
        ),
        (Fact(known.gettext(N_("Mất gói")), wording.decimal(loss.latest, 1), "%"), loss),
        (Fact(known.gettext(N_("Trễ khứ hồi")), wording.decimal(rtt.latest, 0), "ms"), rtt),
    ]


def _ordered(lines: tuple[Line, ...]) -> list[Line]:
    """The main lines, then the backups."""
    return sorted(lines, key=lambda line: line.backup)
