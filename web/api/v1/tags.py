"""One thing under its ETag: its version where it has one, else a hash of what is told."""

from __future__ import annotations

import msgspec
from aiohttp import web

from web.rendering.answers import if_kept, json_answer, tag_of
from web.requests.route import Answer

TAGGED = ("ETag",)
UNCHANGED = Answer("Nothing has changed since the If-None-Match that was sent.")


def with_version(request: web.Request, value: object, version: int) -> web.Response:
    return _under(request, value, f'"{version}"')


def under(version: int) -> dict[str, str]:
    """Headers of what was written under a version."""
    return {"ETag": f'"{version}"', "Cache-Control": "private, no-cache"}


def tagged(request: web.Request, value: object) -> web.Response:
    return _under(request, value, tag_of(msgspec.json.encode(value)))


def _under(request: web.Request, value: object, tag: str) -> web.Response:
    kept = if_kept(request, tag)
    if kept is not None:
        return kept
    response = json_answer(value)
    response.headers.update({"ETag": tag, "Cache-Control": "private, no-cache"})
    return response
