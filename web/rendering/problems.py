"""Failures as programs read them: application/problem+json (RFC 9457), in one shape everywhere."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web

from confhub.errors import ConfhubError, Conflict, FieldErrors, TooMany, Unavailable
from web.rendering.pages import language_of, words
from web.requests.bearer import challenge
from web.requests.route import BEARER, row_of

PROBLEM_TYPE = "application/problem+json"
# When to try again where the failure itself does not say: a room opens, a page leaves its seat.
RETRY_AFTER_S = 5


class WrongField(msgspec.Struct, frozen=True):
    """`pointer`: to where it stands, or is missing, in what was sent (RFC 6901)."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """`detail` says in the caller's language what to mend; `code` is stable. `fields`: the same
    for each field of a form that is wrong; `errors`: of a body of JSON."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    # As `detail`: pages of 0.1 that stay open through an upgrade read it.
    message: str
    fields: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    errors: list[WrongField] | msgspec.UnsetType = msgspec.UNSET


def problem(
    request: web.Request, error: ConfhubError, kind: type[Problem] = Problem, **more: object
) -> web.Response:
    """`more`: what a kind of its own tells besides."""
    catalogue = words(request)
    detail = catalogue.error(error)
    if isinstance(error, FieldErrors) and error.pointers is not None:
        more["errors"] = [
            WrongField(error.pointers.get(name, ""), catalogue.error(one))
            for name, one in error.fields.items()
        ]
    elif isinstance(error, FieldErrors):
        more["fields"] = {name: catalogue.error(one) for name, one in error.fields.items()}
    status = error.http_status
    title = HTTPStatus(status).phrase
    told = kind("about:blank", title, status, detail, error.code, detail, **more)  # type: ignore[arg-type]
    response = web.Response(
        status=status,
        body=msgspec.json.encode(told),
        content_type=PROBLEM_TYPE,
        headers={"Content-Language": language_of(request)},
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, Unavailable) or (isinstance(error, Conflict) and _of_device(request)):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    asked = challenge(error)
    if asked is not None:
        response.headers["WWW-Authenticate"] = asked
    return response


def _of_device(request: web.Request) -> bool:
    """A device does not read why it is refused: it tries again."""
    row = row_of(request)
    return row is not None and row.access == BEARER
