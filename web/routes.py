"""The one URL table. A row is signed-in unless it says PUBLIC or BEARER; nothing is open by
oversight.

Add your rows to your family's block. `action` asks that the viewer's role has the right at all;
where it holds is for the handler: `request[VIEWER].require("schedule", unit_path)`. A POST takes a
short form unless `body` says otherwise.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal

from aiohttp import web

from confhub.people.policy import Action
from web import sockets
from web.api import conduct, device_sessions, health, metrics, whep, whip
from web.api import meetings as meetings_api
from web.api import units as units_api
from web.pages import home, room
from web.pages.board import overview as board
from web.pages.board import site as board_site
from web.pages.board import stream as board_stream
from web.pages.meetings import detail as meeting_detail
from web.pages.meetings import form as meeting_form
from web.pages.meetings import join_links
from web.pages.meetings import list as meetings_list
from web.pages.people import list as accounts
from web.pages.people import own_password, signin
from web.pages.registry import csv_import, sites, units
from web.rendering.pages import redirect
from web.requests.auth import PasswordIssued, require_viewer
from web.requests.form_body import (
    BODIES,
    FORM,
    JSON,
    LONG_FORM,
    NOTHING,
    SIGN_IN_FORM,
    UPLOAD,
    Body,
)

# The one page of somebody whose password is known to whoever made it; leaving is public.
OWN_PASSWORD = "/account/password"  # noqa: S105 - an address

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Access = Literal["signed_in", "public", "bearer"]
PUBLIC: Access = "public"
# A token in the Authorization header, which the handler asks for; cookies mean nothing there.
BEARER: Access = "bearer"


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    access: Access = "signed_in"
    action: Action | None = None
    body: Body | None = None

    @property
    def takes(self) -> Body:
        if self.body is not None:
            return self.body
        return FORM if self.method == "POST" and self.access != BEARER else NOTHING


ROUTES: tuple[Route, ...] = (
    # shell
    Route("GET", "/", home.show),
    Route("GET", "/signin", signin.show, PUBLIC),
    Route("POST", "/signin", signin.enter, PUBLIC, body=SIGN_IN_FORM),
    Route("POST", "/signout", signin.leave, PUBLIC),
    Route("POST", "/language", signin.change_language, PUBLIC),
    Route("GET", "/healthz", health.alive, PUBLIC),
    Route("GET", "/readyz", health.ready, PUBLIC),
    # accounts
    Route("GET", "/account/password", own_password.show),
    Route("POST", "/account/password", own_password.change),
    Route("GET", "/accounts", accounts.list_page, action="manage_accounts"),
    Route("GET", "/accounts/new", accounts.new_page, action="manage_accounts"),
    Route("POST", "/accounts/new", accounts.add, action="manage_accounts"),
    Route("GET", "/accounts/{account_id}", accounts.edit_page, action="manage_accounts"),
    Route("POST", "/accounts/{account_id}", accounts.change, action="manage_accounts"),
    Route(
        "GET",
        "/accounts/{account_id}/password",
        accounts.ask_reset,
        action="manage_accounts",
    ),
    Route(
        "POST",
        "/accounts/{account_id}/password",
        accounts.reset_password,
        action="manage_accounts",
    ),
    # units and sites
    Route("GET", "/units", units.list_page, action="see_units"),
    Route("GET", "/units/import", csv_import.units_page, action="edit_units"),
    Route("POST", "/units/import", csv_import.take_units, action="edit_units", body=UPLOAD),
    Route("GET", "/units/template.csv", csv_import.units_template, action="edit_units"),
    Route("GET", "/units/{unit_id}", units.detail, action="see_units"),
    Route("GET", "/sites", sites.list_page, action="see_units"),
    Route("GET", "/sites/import", csv_import.sites_page, action="edit_sites"),
    Route("POST", "/sites/import", csv_import.take_sites, action="edit_sites", body=UPLOAD),
    Route("GET", "/sites/template.csv", csv_import.sites_template, action="edit_sites"),
    Route("GET", "/sites/new", sites.new_page, action="edit_sites"),
    Route("POST", "/sites/new", sites.add, action="edit_sites"),
    Route("GET", "/sites/{site_id}", sites.detail, action="see_units"),
    Route("GET", "/sites/{site_id}/edit", sites.edit_page, action="edit_sites"),
    Route("POST", "/sites/{site_id}/edit", sites.change, action="edit_sites"),
    # meetings
    Route("GET", "/meetings", meetings_list.show, action="see_meetings"),
    Route("GET", "/meetings/new", meeting_form.new, action="schedule"),
    Route("POST", "/meetings/new", meeting_form.create, action="schedule", body=LONG_FORM),
    Route("GET", "/meetings/{meeting_id}", meeting_detail.show),
    Route("GET", "/meetings/{meeting_id}/edit", meeting_form.edit),
    Route("POST", "/meetings/{meeting_id}/edit", meeting_form.save, body=LONG_FORM),
    Route("GET", "/meetings/{meeting_id}/postpone", meeting_detail.ask_postpone),
    Route("POST", "/meetings/{meeting_id}/postpone", meeting_detail.postpone),
    Route("GET", "/meetings/{meeting_id}/cancel", meeting_detail.ask_cancel),
    Route("POST", "/meetings/{meeting_id}/cancel", meeting_detail.cancel),
    Route("GET", "/meetings/{meeting_id}/links", join_links.show),
    Route("GET", "/meetings/{meeting_id}/links/{link_id}/revoke", join_links.ask_revoke),
    Route("POST", "/meetings/{meeting_id}/links/{link_id}/revoke", join_links.revoke),
    Route("GET", "/meetings/{meeting_id}/links/{link_id}/renew", join_links.ask_renew),
    Route("POST", "/meetings/{meeting_id}/links/{link_id}/renew", join_links.renew),
    Route("GET", "/api/units/tree", units_api.tree, action="see_units"),
    Route("GET", "/api/units/search", units_api.search, action="see_units"),
    Route("POST", "/api/meetings/conflicts", meetings_api.conflicts, action="schedule", body=JSON),
    Route("POST", "/api/meetings/{meeting_id}/extend", conduct.extend, body=JSON),
    Route("POST", "/api/meetings/{meeting_id}/reopen", conduct.reopen, body=JSON),
    # rooms
    Route("GET", "/meetings/{meeting_id}/room", room.show),
    Route("GET", "/join/{token}", room.show_by_link, PUBLIC),
    Route("GET", "/meetings/{meeting_id}/socket", sockets.serve_account),
    Route("GET", "/join/{token}/socket", sockets.serve_link, PUBLIC),
    # devices
    Route("OPTIONS", "/whip/{meeting_id}", device_sessions.endpoint_options, BEARER),
    Route("GET", "/whip/{meeting_id}", device_sessions.nothing, BEARER),
    Route("POST", "/whip/{meeting_id}", whip.publish, BEARER),
    Route("OPTIONS", "/whip/{meeting_id}/{session_id}", device_sessions.session_options, BEARER),
    Route("GET", "/whip/{meeting_id}/{session_id}", device_sessions.nothing, BEARER),
    Route("PATCH", "/whip/{meeting_id}/{session_id}", whip.change, BEARER),
    Route("DELETE", "/whip/{meeting_id}/{session_id}", whip.end, BEARER),
    Route("OPTIONS", "/whep/{meeting_id}", device_sessions.endpoint_options, BEARER),
    Route("GET", "/whep/{meeting_id}", device_sessions.nothing, BEARER),
    Route("POST", "/whep/{meeting_id}", whep.play, BEARER),
    Route("OPTIONS", "/whep/{meeting_id}/{session_id}", device_sessions.session_options, BEARER),
    Route("GET", "/whep/{meeting_id}/{session_id}", device_sessions.nothing, BEARER),
    Route("PATCH", "/whep/{meeting_id}/{session_id}", whep.change, BEARER),
    Route("DELETE", "/whep/{meeting_id}/{session_id}", whep.end, BEARER),
    # board and metrics
    Route("GET", "/board", board.show, action="see_board"),
    Route("GET", "/board/stream", board_stream.show, action="see_board"),
    Route("GET", "/board/sites/{site_id}", board_site.show, action="see_board"),
    Route("GET", "/metrics", metrics.show, PUBLIC),
)


def add_routes(app: web.Application) -> None:
    app[BODIES] = {(route.method, route.path): route.takes for route in ROUTES}
    for route in ROUTES:
        _add(app, route.method, route.path, _guarded(route))
        # People and programs write a slash behind an address. A device gets its answer at once,
        # since few of them follow redirects; a page has one address.
        if route.access == BEARER:
            _add(app, route.method, f"{route.path}/", route.handler)
        elif route.method == "GET" and route.path != "/":
            _add(app, route.method, f"{route.path}/", _drop_slash)


def _add(app: web.Application, method: str, path: str, handler: Handler) -> None:
    if method == "GET":
        app.router.add_get(path, handler)  # HEAD follows; aiohttp discards the body
    else:
        app.router.add_route(method, path, handler)


async def _drop_slash(request: web.Request) -> web.Response:
    address = request.rel_url.with_path(request.rel_url.raw_path.rstrip("/"), encoded=True)
    return redirect(request, str(address.with_query(request.rel_url.query)))


def _guarded(route: Route) -> Handler:
    if route.access != "signed_in":
        return route.handler

    @wraps(route.handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        viewer = require_viewer(request)
        if viewer.account.password_issued and route.path != OWN_PASSWORD:
            raise PasswordIssued
        if route.action is not None:
            viewer.require(route.action)
        return await route.handler(request)

    return guarded
