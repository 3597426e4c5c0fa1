"""/search: what the top bar's field finds, grouped by kind, each within the viewer's rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from confhub.errors import N_
from confhub.people.policy import Action
from confhub.store import Store
from confhub.store.search import Within
from confhub.units.unit import Unit
from confhub.words.texts import searched, sought_words
from web.rendering.pages import formats, render
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# A screen of each kind; whoever looks for more adds a word, or opens the list of the kind.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """`more`: what tells two of one name apart."""

    text: str
    href: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`label` is a msgid; `all_href`: the list of the kind with the same words."""

    label: str
    icon: str
    hits: Sequence[Hit]
    is_cut: bool
    all_href: str


async def show(request: web.Request) -> web.Response:
    """GET /search?q="""
    query = searched(request.query.get("q", ""))
    words = sought_words(query)
    groups: list[Group] = []
    if words:
        for find in (_meetings, _units, _sites, _people, _accounts):
            groups += await find(request, query, words)
    return await render(request, "search.html", query=query, groups=groups, asked=bool(words))


async def _scope(request: web.Request, action: Action) -> Sequence[Within] | None:
    """Where the viewer may; None: everything. Empty: nowhere."""
    scopes = require_viewer(request).scopes(action)
    search = request.app[SERVICES].store.search
    for one in scopes:
        if one.unit.parent_id is None and not one.alone and await search.is_whole(one.unit.id):
            return None
    return [Within(one.unit.id, one.alone) for one in scopes]


def _group(label: str, icon: str, hits: Sequence[Hit], path: str, query: str) -> list[Group]:
    if not hits:
        return []
    address = f"{path}?{urlencode({'q': query})}"
    return [Group(label, icon, hits[:SHOWN], len(hits) > SHOWN, address)]


async def _meetings(request: web.Request, query: str, words: Sequence[str]) -> list[Group]:
    within = await _scope(request, "see_meetings")
    if within == []:
        return []
    store, today = request.app[SERVICES].store, local_date(request)
    found = await store.search.meetings(words, within, today, SHOWN + 1)
    names = await _unit_names(store, {one.host_unit_id for one in found}, request)
    said = formats(request)
    hits = [
        Hit(
            one.title,
            f"/meetings/{one.id}",
            f"{said.datetime(one.starts_at)} · {names.get(one.host_unit_id, '')}",
        )
        for one in found
    ]
    return _group(N_("Cuộc họp"), "calendar-days", hits, "/meetings", query)


async def _units(request: web.Request, query: str, words: Sequence[str]) -> list[Group]:
    within = await _scope(request, "see_units")
    if within == []:
        return []
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("unit", words, within, today, SHOWN + 1)
    paths = await store.units.paths(ids, today, ended=True)
    hits = [
        Hit(paths[one][-1].name, f"/units/{one}", _upper(request, paths[one]))
        for one in ids
        if paths.get(one)
    ]
    return _group(N_("Đơn vị"), "network", hits, "/units", query)


async def _sites(request: web.Request, query: str, words: Sequence[str]) -> list[Group]:
    within = await _scope(request, "see_units")
    if within == []:
        return []
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("site", words, within, today, SHOWN + 1)
    sites = {one.id: one for one in await store.sites.get_many(ids)}
    names = await _unit_names(store, {one.unit_id for one in sites.values()}, request)
    hits = [
        Hit(
            sites[one].name,
            f"/sites/{one}",
            f"{names.get(sites[one].unit_id, '')} · {sites[one].code}",
        )
        for one in ids
        if one in sites
    ]
    return _group(N_("Điểm cầu"), "map-pin", hits, "/sites", query)


async def _people(request: web.Request, query: str, words: Sequence[str]) -> list[Group]:
    within = await _scope(request, "edit_people")
    if within == []:
        return []
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("person", words, within, today, SHOWN + 1)
    people = [await store.address_book.get(one) for one in ids]
    names = await _unit_names(store, {one.unit_id for one in people}, request)
    hits = [
        Hit(
            one.name,
            f"/people/{one.id}",
            " · ".join(filter(None, (one.title, names.get(one.unit_id, "")))),
        )
        for one in people
    ]
    return _group(N_("Danh bạ"), "users", hits, "/people", query)


async def _accounts(request: web.Request, query: str, words: Sequence[str]) -> list[Group]:
    within = await _scope(request, "manage_accounts")
    if within == []:
        return []
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("account", words, within, today, SHOWN + 1)
    accounts = [await store.accounts.get(one) for one in ids]
    names = await _unit_names(store, {one.unit_id for one in accounts}, request)
    hits = [
        Hit(one.name, f"/accounts/{one.id}", f"{one.login} · {names.get(one.unit_id, '')}")
        for one in accounts
    ]
    return _group(N_("Tài khoản"), "user", hits, "/accounts", query)


async def _unit_names(store: Store, unit_ids: set[str], request: web.Request) -> dict[str, str]:
    units = await store.units.get_many(unit_ids, local_date(request), ended=True)
    return {unit.id: unit.name for unit in units}


def _upper(request: web.Request, path: Sequence[Unit]) -> str:
    """The units above, the nearest first, as far as the viewer sees them."""
    seen = require_viewer(request).visible(path)
    return ", ".join(unit.name for unit in reversed(seen[:-1]))
