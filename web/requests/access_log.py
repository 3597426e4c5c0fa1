"""One line a request. Its route is named, never its path: a path may carry a join token."""

from __future__ import annotations

import logging
from typing import TypeGuard

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from web.requests.addresses import client_address

log = logging.getLogger("web.access")


def is_routed(request: web.BaseRequest) -> TypeGuard[web.Request]:
    """Whether the request could be read: else it belongs to no route and to no application."""
    if not isinstance(request, web.Request):
        return False
    try:
        return request.match_info is not None
    except AssertionError:  # how aiohttp says so
        return False


def route_of(request: web.BaseRequest) -> str:
    """`/join/{token}` of whatever was asked for; "-" where no route fits."""
    if not is_routed(request):
        return "-"
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"


class AccessLogger(AbstractAccessLogger):
    """`GET /join/{token} 200 12 ms 3456 bytes 192.0.2.7`"""

    @property
    def enabled(self) -> bool:
        return log.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        log.info(
            "%s %s %d %.0f ms %d bytes %s",
            request.method,
            route_of(request),
            response.status,
            time * 1000,
            response.body_length,
            client_address(request) if is_routed(request) else request.remote,
        )
