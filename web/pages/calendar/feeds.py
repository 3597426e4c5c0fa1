"""/account/feeds: one's calendars for other programs, each at a secret address."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.planning import feeds as desk
from confhub.identity import new_id
from confhub.meetings.feed import MOST_FEEDS, Feed, hash_of
from web.rendering.pages import redirect, render, words
from web.requests.addresses import own_origin
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

SECRET_BYTES = 32  # 256 bits


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is empty for the calendar of all that the account sees."""

    feed: Feed
    name: str


async def list_page(request: web.Request) -> web.Response:
    """GET. `?unit=` or `?site=`: what a new address is to be of."""
    return await _page(request)


async def make(request: web.Request) -> web.Response:
    """POST: a new address, shown this once."""
    fields = await posted_form(request)
    unit_id, site_id = (str(fields.get(name, "")) or None for name in ("unit", "site"))
    feed, secret = _new(request, unit_id if not site_id else None, site_id)
    await desk.make(request.app[SERVICES].store, actor_of(request), feed)
    return await _page(request, feed, secret)


async def renew(request: web.Request) -> web.Response:
    """POST: another address in its place, shown this once."""
    store, feed_id = request.app[SERVICES].store, request.match_info["feed_id"]
    old = await store.feeds.get(feed_id)
    feed, secret = _new(request, old.unit_id, old.site_id)
    await desk.renew(store, actor_of(request), feed_id, feed)
    return await _page(request, feed, secret)


async def end(request: web.Request) -> web.Response:
    """POST: the address opens nothing any more."""
    store = request.app[SERVICES].store
    await desk.end(store, actor_of(request), request.match_info["feed_id"])
    return redirect(request, "/account/feeds", words(request).gettext("Đã hủy địa chỉ lịch."))


def _new(request: web.Request, unit_id: str | None, site_id: str | None) -> tuple[Feed, str]:
    """A feed, and the secret of its address, of which only the hash is kept."""
    services = request.app[SERVICES]
    secret = services.tokens.feeds.sign(secrets.token_bytes(SECRET_BYTES))
    account_id = require_viewer(request).account.id
    now = services.clock()
    return Feed(new_id(), account_id, hash_of(secret), now, unit_id, site_id), secret


async def _page(request: web.Request, made: Feed | None = None, secret: str = "") -> web.Response:
    viewer, store = require_viewer(request), request.app[SERVICES].store
    feeds = await store.feeds.living(viewer.account.id)
    asked = Feed(
        "",
        viewer.account.id,
        "",
        request.app[SERVICES].clock(),
        request.query.get("unit") or None,
        request.query.get("site") or None,
    )
    names = await _names(request, [*feeds, asked])
    return await render(
        request,
        "calendar/feeds.html",
        rows=[Row(feed, names.get(feed.site_id or feed.unit_id or "", "")) for feed in feeds],
        made=made,
        address=f"{own_origin(request)}/calendar/{secret}" if secret else "",
        asked=asked,
        asked_name=names.get(asked.site_id or asked.unit_id or "", ""),
        is_full=len(feeds) >= MOST_FEEDS,
    )


async def _names(request: web.Request, feeds: list[Feed]) -> Mapping[str, str]:
    """Of units and sites in the viewer's reach, by their ids."""
    viewer, store, today = require_viewer(request), request.app[SERVICES].store, local_date(request)
    sites = await store.sites.get_many({feed.site_id for feed in feeds if feed.site_id})
    unit_ids = {feed.unit_id for feed in feeds if feed.unit_id}
    paths = await store.units.paths({*unit_ids, *(s.unit_id for s in sites)}, today, ended=True)
    seen = {one: path for one, path in paths.items() if viewer.may("see_meetings", path)}
    return {one: seen[one][-1].name for one in unit_ids if one in seen} | {
        site.id: site.name for site in sites if site.unit_id in seen
    }
