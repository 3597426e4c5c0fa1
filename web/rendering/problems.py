"""Failures as programs read them: application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus

from aiohttp import web

from confhub.errors import ConfhubError, Conflict, TooMany, Unavailable
from web.rendering.pages import language_of, words
from web.requests.bearer import challenge

# When to try again where the failure itself does not say: a room opens, a page leaves its seat.
RETRY_AFTER_S = 5


def problem(request: web.Request, error: ConfhubError) -> web.Response:
    """`detail` says in the caller's language what to mend; `code` is stable."""
    status = error.http_status
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": words(request).error(error),
        "code": error.code,
    }
    response = web.Response(
        status=status,
        body=json.dumps(body, ensure_ascii=False).encode(),
        content_type="application/problem+json",
        headers={"Content-Language": language_of(request)},
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, Conflict | Unavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    asked = challenge(error)
    if asked is not None:
        response.headers["WWW-Authenticate"] = asked
    return response
