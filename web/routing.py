"""The URL table (web/routes.py) as the application has it, with an answer to a slash too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from aiohttp import web, web_urldispatcher

from confhub.bucket import Buckets
from web.api import feeds, openapi
from web.paces import MOST_CALLERS, PACES
from web.rendering import static_files
from web.rendering.pages import redirect
from web.requests.route import BEARER, MACHINE, ROWS, Route
from web.routes import ROUTES
from web.services import ENCODED_V1

# Files of the pages, by the version that their address names.
STATIC_FILES = Route("GET", "/static/{version}/{path:.+}", static_files.serve, MACHINE)


@dataclass(frozen=True, slots=True)
class _Table:
    resources: Sequence[web_urldispatcher.AbstractResource]
    rows: Mapping[tuple[str, str], Route]
    document: openapi.Encoded
    document_v1: openapi.Encoded


def add_routes(app: web.Application) -> None:
    table = _table()
    app[ROWS] = table.rows
    app[PACES] = Buckets(MOST_CALLERS)
    app[feeds.LAST_TAGS] = feeds.LastTags()
    app[openapi.ENCODED] = table.document
    app[ENCODED_V1] = table.document_v1
    for resource in table.resources:
        app.router.register_resource(resource)


@cache
def _table() -> _Table:
    """Alike for every application of a process: to read so many addresses takes some 40 ms."""
    router, rows = web.UrlDispatcher(), dict[tuple[str, str], Route]()
    for route in ROUTES:
        _add(router, rows, route)
        # People and programs write a slash behind an address. A device gets its answer at once,
        # since few of them follow redirects; a page has one address.
        if route.access == BEARER:
            _add(router, rows, replace(route, path=f"{route.path}/"))
        elif route.method == "GET" and route.path != "/":
            _add(router, rows, Route("GET", f"{route.path}/", _drop_slash, MACHINE))
    _add(router, rows, STATIC_FILES)
    documents = openapi.encoded(rows.values()), openapi.encoded(openapi.of_programs(ROUTES))
    return _Table(tuple(router.resources()), rows, *documents)


def _add(router: web.UrlDispatcher, rows: dict[tuple[str, str], Route], route: Route) -> None:
    if route.method == "GET":
        added = router.add_get(route.path, route.handler)  # HEAD follows, without its body
    else:
        added = router.add_route(route.method, route.path, route.handler)
    canonical = added.resource.canonical if added.resource is not None else route.path
    rows[route.method, canonical] = route


async def _drop_slash(request: web.Request) -> web.Response:
    address = request.rel_url.with_path(request.rel_url.raw_path.rstrip("/"), encoded=True)
    return redirect(request, str(address.with_query(request.rel_url.query)))
