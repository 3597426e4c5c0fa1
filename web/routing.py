"""The URL table (web/routes.py) as the application has it, with an answer to a slash too many."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from confhub.bucket import Buckets
from web.api import feeds, openapi
from web.paces import MOST_CALLERS, PACES
from web.rendering import static_files
from web.rendering.pages import redirect
from web.requests.route import BEARER, MACHINE, ROWS, Route
from web.routes import ROUTES

# Files of the pages, by the version that their address names.
STATIC_FILES = Route("GET", "/static/{version}/{path:.+}", static_files.serve, MACHINE)


def add_routes(app: web.Application) -> None:
    rows: dict[tuple[str, str], Route] = {}
    app[ROWS] = rows
    app[PACES] = Buckets(MOST_CALLERS)
    app[feeds.LAST_TAGS] = feeds.LastTags()
    app[openapi.ENCODED] = openapi.encoded(rows)
    for route in ROUTES:
        _add(app, rows, route)
        # People and programs write a slash behind an address. A device gets its answer at once,
        # since few of them follow redirects; a page has one address.
        if route.access == BEARER:
            _add(app, rows, replace(route, path=f"{route.path}/"))
        elif route.method == "GET" and route.path != "/":
            _add(app, rows, Route("GET", f"{route.path}/", _drop_slash, MACHINE))
    _add(app, rows, STATIC_FILES)


def _add(app: web.Application, rows: dict[tuple[str, str], Route], route: Route) -> None:
    if route.method == "GET":
        added = app.router.add_get(route.path, route.handler)  # HEAD follows, without its body
    else:
        added = app.router.add_route(route.method, route.path, route.handler)
    canonical = added.resource.canonical if added.resource is not None else route.path
    rows[route.method, canonical] = route


async def _drop_slash(request: web.Request) -> web.Response:
    address = request.rel_url.with_path(request.rel_url.raw_path.rstrip("/"), encoded=True)
    return redirect(request, str(address.with_query(request.rel_url.query)))
