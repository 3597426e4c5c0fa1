"""What the meeting form's page shows: choices, chosen sites, errors, warnings, others' changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from aiohttp import web

from confhub.errors import N_, ConfhubError
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import (
    AGENDA_ITEMS,
    NAME_LENGTH,
    PRESENTER_LENGTH,
    SITE_LIMIT,
    TITLE_LENGTH,
)
from confhub.units.site import Site
from confhub.units.unit import Level, Unit
from web.meetings.conflicts import Findings
from web.pages.meetings.fields import Typed, shown_meeting
from web.pages.meetings.rules import host_tree
from web.pages.meetings.typed_times import beside_fields
from web.rendering.pages import language_of, render, words
from web.rendering.site_tree import SITE_TREES, SiteTree
from web.rendering.static_files import STATIC
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# A select of more units is no choice any more; a central office names its provinces.
MOST_HOSTS = 200
# Boxes for browsers without script; above this they type site codes.
MOST_PLAIN_SITES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """An option: `depth` is how far below the viewer's unit a unit stands."""

    value: str
    text: str
    unit_id: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed while the form was open. `label` is a msgid."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not saved: fields to mend, or warnings to confirm."""

    errors: Mapping[str, ConfhubError] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    @property
    def status(self) -> int:
        return 400 if self.errors else 409


async def show_form(
    request: web.Request,
    typed: Typed,
    *,
    key: str = "",
    meeting: Meeting | None = None,
    refusal: Refusal | None = None,
    overtaken: bool = False,
    said: Sequence[str] = (),
) -> web.Response:
    """The form with everything as typed. `overtaken`: `meeting` is newer than what was edited;
    `said`: what a form that was filled in by the house tells beside it."""
    services = request.app[SERVICES]
    levels = await services.store.units.levels()
    tree = await host_tree(request, typed.host_unit_id)
    sites = await services.store.sites.get_many((*typed.site_ids, typed.chair_site_id))
    units = {unit.id: unit for unit in await _units_of(request, sites, tree)}
    differences, other_name = [], ""
    if overtaken and meeting is not None:
        stored = shown_meeting(meeting, services.zone)
        differences = await _differences(request, stored, typed)
        other_name = await _last_editor(request, meeting)
        typed = replace(typed, version=meeting.version, confirm="")
    catalogue = words(request)
    why = refusal or Refusal()
    shown = typed

    def choices() -> tuple[list[Choice], str, list[Choice] | None]:
        return (
            _chair_choices(tree, shown, sites, units),
            _picker_start(request, shown, tree, levels, sites, units),
            _plain_choices(tree),
        )

    # Over all sites of a country and hundreds of chosen ones, which live rooms must not wait.
    chairs, picker, plain = await asyncio.to_thread(choices)
    return await render(
        request,
        "meetings/form.html",
        status=409 if overtaken else refusal.status if refusal else 200,
        typed=typed,
        key=key,
        meeting=meeting,
        errors={
            name: catalogue.error(error)
            for name, error in beside_fields(why.errors, typed.date).items()
        },
        findings=why.findings,
        confirm=why.findings.seal,
        levels=[(level.id, level_name(request, level)) for level in levels],
        hosts=await _host_choices(request, typed.host_unit_id),
        chairs=chairs,
        picker=picker,
        plain=plain,
        differences=differences,
        other_name=other_name,
        said=said,
        limits={
            "title": TITLE_LENGTH,
            "name": NAME_LENGTH,
            "presenter": PRESENTER_LENGTH,
            "agenda": AGENDA_ITEMS,
        },
    )


def level_name(request: web.Request, level: Level) -> str:
    return level.name_en if language_of(request) == "en" else level.name


async def _units_of(
    request: web.Request, sites: Iterable[Site], tree: SiteTree | None
) -> list[Unit]:
    known = dict(tree.units) if tree else {}
    missing = {site.unit_id for site in sites} - known.keys()
    if missing:
        store = request.app[SERVICES].store.units
        known |= {
            unit.id: unit for unit in await store.get_many(missing, local_date(request), ended=True)
        }
    return list(known.values())


async def _host_choices(request: web.Request, chosen: str) -> list[Choice]:
    """Units the viewer may host for: all below if few, else their own units and these' children."""
    viewer = require_viewer(request)
    today = local_date(request)
    choices: dict[str, Choice] = {}
    for top in viewer.tops("schedule"):
        tree = await request.app[SITE_TREES].get(top.id, today, partial(viewer.require, "schedule"))
        for choice in _hosts_below(tree, top.id, chosen):
            choices.setdefault(choice.value, choice)
    if chosen and chosen not in choices:
        store = request.app[SERVICES].store.units
        for unit in await store.get_many([chosen], today, ended=True):
            choices[unit.id] = Choice(unit.id, unit.name, unit.id, 0)
    return list(choices.values())


def _hosts_below(tree: SiteTree, top_id: str, chosen: str) -> Iterable[Choice]:
    upper = {unit.id for unit in tree.path[:-1]}
    below = [unit for unit in tree.units.values() if unit.id not in upper]
    if len(below) > MOST_HOSTS:
        near = {top_id, chosen}
        below = [u for u in below if u.id in near or u.parent_id == top_id]
    top = len(tree.path)
    for unit in below:
        depth = max(0, len(tree.path_ids(unit.id)) - top)
        yield Choice(unit.id, unit.name, unit.id, depth)


def _chair_choices(
    tree: SiteTree | None, typed: Typed, sites: Iterable[Site], units: Mapping[str, Unit]
) -> list[Choice]:
    """The host's own sites first, then those invited."""
    own = tree.sites.get(typed.host_unit_id, ()) if tree else ()
    offered = {site.id: site for site in (*own, *sites)}
    return [
        Choice(site.id, f"{units[site.unit_id].name}: {site.name}", site.unit_id)
        for site in offered.values()
        if site.unit_id in units
    ]


def _picker_start(
    request: web.Request,
    typed: Typed,
    tree: SiteTree | None,
    levels: Iterable[Level],
    sites: Iterable[Site],
    units: Mapping[str, Unit],
) -> str:
    """JSON for startPicking in picker-state.js, safe inside a <script>."""
    chosen_ids = set(typed.site_ids)
    start = {
        "host": typed.host_unit_id,
        "hostPath": [unit.id for unit in tree.path] if tree else [typed.host_unit_id],
        "limit": SITE_LIMIT,
        "sprite": request.app[STATIC].url("vendor/icons.svg"),
        "levels": [
            {"id": level.id, "rank": level.rank, "name": level_name(request, level)}
            for level in levels
        ],
        "chosen": [
            {
                "id": site.id,
                "code": site.code,
                "name": site.name,
                "level": units[site.unit_id].level_id,
                "unitId": site.unit_id,
                "unitName": units[site.unit_id].name,
                "path": (tree.path_ids(site.unit_id) if tree else []) or [site.unit_id],
            }
            for site in sites
            if site.id in chosen_ids and site.unit_id in units
        ],
    }
    return json.dumps(start, ensure_ascii=False).replace("<", "\\u003c")


def _plain_choices(tree: SiteTree | None) -> list[Choice] | None:
    """Boxes for browsers without script; None where there are too many."""
    if tree is None:
        return []
    if len(tree.all_sites()) > MOST_PLAIN_SITES:
        return None
    return [
        Choice(site.id, f"{unit.name}: {site.name}", unit.id, len(tree.path_ids(unit.id)) - 1)
        for unit in tree.units.values()
        for site in tree.sites.get(unit.id, ())
    ]


_LABELS: Mapping[str, str] = {
    "title": N_("Tên cuộc họp"),
    "date": N_("Ngày họp"),
    "start": N_("Bắt đầu"),
    "end": N_("Kết thúc"),
    "chair_name": N_("Người chủ trì"),
    "note": N_("Ghi chú"),
}


async def _differences(request: web.Request, stored: Typed, typed: Typed) -> list[Difference]:
    """Where the stored meeting and the typed form part, as texts."""
    found = [
        Difference(label, getattr(stored, name), getattr(typed, name))
        for name, label in _LABELS.items()
        if getattr(stored, name).strip() != getattr(typed, name).strip()
    ]
    if stored.host_unit_id != typed.host_unit_id:
        store = request.app[SERVICES].store.units
        ids = [stored.host_unit_id, typed.host_unit_id]
        names = {u.id: u.name for u in await store.get_many(ids, local_date(request), ended=True)}
        found.append(Difference(N_("Đơn vị chủ trì"), *(names.get(one, "—") for one in ids)))
    if stored.agenda != typed.agenda:
        agendas = ("; ".join(row.title for row in one.agenda) for one in (stored, typed))
        found.append(Difference(N_("Chương trình"), *agendas))
    if set(stored.site_ids) != set(typed.site_ids):
        found.append(await _site_difference(request, stored, typed))
    return found


async def _site_difference(request: web.Request, stored: Typed, typed: Typed) -> Difference:
    store = request.app[SERVICES].store.sites
    ids = {*stored.site_ids} ^ {*typed.site_ids}
    names = {site.id: site.name for site in await store.get_many(ids)}

    def only(here: Typed, there: Typed) -> str:
        extra = [names.get(one, one) for one in here.site_ids if one not in set(there.site_ids)]
        count = len(here.site_ids)
        text = words(request).ngettext("%(num)s điểm cầu", "%(num)s điểm cầu", count)
        text %= {"num": count}
        return (
            f"{text} (+ {', '.join(extra[:5])}{'…' if len(extra) > 5 else ''})" if extra else text
        )

    return Difference(N_("Điểm cầu"), only(stored, typed), only(typed, stored))


async def _last_editor(request: web.Request, meeting: Meeting) -> str:
    store = request.app[SERVICES].store
    for entry in await store.audit.recent(1, meeting.id):
        if entry.account_id:
            return (await store.accounts.get(entry.account_id)).name
    return ""
