"""/search: what the top bar's field finds, grouped by kind, each within the viewer's rights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from confhub.errors import N_
from confhub.people.policy import Action
from confhub.store.search import Scope
from confhub.units.unit import Unit
from confhub.words.texts import searched, sought_words
from web.meetings.names import hosts_of
from web.pages.registry.shared import scope_of
from web.rendering.pages import formats, render
from web.rendering.unit_choice import former_names
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# A screen of each kind; whoever looks for more adds a word, or opens the list of the kind.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """`more`: what tells two of one name apart; `former`: the name that was found."""

    text: str
    href: str
    more: str = ""
    former: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`label` is a msgid; `all_href`: the list of the kind with the same words."""

    label: str
    icon: str
    hits: Sequence[Hit]
    is_cut: bool
    all_href: str


@dataclass(frozen=True, slots=True)
class Kind:
    """`find`: the best hits for the words within units, one more than is shown if there are more;
    `path`: the list of the kind."""

    label: str
    icon: str
    path: str
    action: Action
    find: Callable[[web.Request, Sequence[str], Scope], Awaitable[Sequence[Hit]]]


async def show(request: web.Request) -> web.Response:
    """GET /search?q="""
    query = searched(request.query.get("q", ""))
    words = sought_words(query)
    found = [await _group(request, kind, query, words) for kind in _KINDS] if words else []
    groups = [group for group in found if group.hits]
    return await render(request, "search.html", query=query, groups=groups, asked=bool(words))


async def _group(request: web.Request, kind: Kind, query: str, words: Sequence[str]) -> Group:
    within = await scope_of(request, kind.action)
    hits = await kind.find(request, words, within) if within != [] else ()
    address = f"{kind.path}?{urlencode({'q': query})}"
    return Group(kind.label, kind.icon, hits[:SHOWN], len(hits) > SHOWN, address)


async def _meetings(request: web.Request, words: Sequence[str], within: Scope) -> Sequence[Hit]:
    store, today = request.app[SERVICES].store, local_date(request)
    found = await store.search.meetings(words, within, today, SHOWN + 1)
    hosts, said = await hosts_of(request, found), formats(request)
    return [
        Hit(
            one.title,
            f"/meetings/{one.id}",
            f"{said.datetime(one.starts_at)} · {hosts[one.id]}",
        )
        for one in found
    ]


async def _units(request: web.Request, words: Sequence[str], within: Scope) -> Sequence[Hit]:
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("unit", words, within, today, SHOWN + 1)
    paths = await store.units.paths(ids, today, ended=True)
    former = await former_names(request, ids, words)
    return [
        Hit(paths[one][-1].name, f"/units/{one}", _upper(request, paths[one]), former.get(one, ""))
        for one in ids
        if paths.get(one)
    ]


async def _sites(request: web.Request, words: Sequence[str], within: Scope) -> Sequence[Hit]:
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("site", words, within, today, SHOWN + 1)
    sites = {one.id: one for one in await store.sites.get_many(ids)}
    names = await store.units.names({one.unit_id for one in sites.values()}, today)
    return [
        Hit(one.name, f"/sites/{one.id}", f"{names.get(one.unit_id, '')} · {one.code}")
        for one in (sites[site_id] for site_id in ids if site_id in sites)
    ]


async def _people(request: web.Request, words: Sequence[str], within: Scope) -> Sequence[Hit]:
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("person", words, within, today, SHOWN + 1)
    people = {one.id: one for one in await store.address_book.get_many(ids)}
    names = await store.units.names({one.unit_id for one in people.values()}, today)
    return [
        Hit(
            one.name,
            f"/people/{one.id}",
            " · ".join(filter(None, (one.title, names.get(one.unit_id, "")))),
        )
        for one in (people[person_id] for person_id in ids if person_id in people)
    ]


async def _accounts(request: web.Request, words: Sequence[str], within: Scope) -> Sequence[Hit]:
    store, today = request.app[SERVICES].store, local_date(request)
    ids = await store.search.ids("account", words, within, today, SHOWN + 1)
    accounts = {one.id: one for one in await store.accounts.get_many(ids)}
    names = await store.units.names({one.unit_id for one in accounts.values()}, today)
    return [
        Hit(one.name, f"/accounts/{one.id}", f"{one.login} · {names.get(one.unit_id, '')}")
        for one in (accounts[account_id] for account_id in ids if account_id in accounts)
    ]


def _upper(request: web.Request, path: Sequence[Unit]) -> str:
    """The units above, the nearest first, as far as the viewer sees them."""
    seen = require_viewer(request).visible(path)
    return ", ".join(unit.name for unit in reversed(seen[:-1]))


_KINDS = (
    Kind(N_("Cuộc họp"), "calendar-days", "/meetings", "see_meetings", _meetings),
    Kind(N_("Đơn vị"), "network", "/units", "see_units", _units),
    Kind(N_("Điểm cầu"), "map-pin", "/sites", "see_units", _sites),
    Kind(N_("Danh bạ"), "users", "/people", "edit_people", _people),
    Kind(N_("Tài khoản"), "user", "/accounts", "manage_accounts", _accounts),
)
