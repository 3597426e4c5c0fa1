"""Good answers as programs read them: JSON of a type that the route's row names, and what they ask
for again and again."""

from __future__ import annotations

import hashlib

import msgspec
from aiohttp import web

from web.requests.route import JSON_TYPE


def json_answer(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type=JSON_TYPE)


def with_tag(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """The body under an ETag, or 304 where whoever asks has it. Nobody in between keeps it."""
    tag = tag_of(body)
    kept = if_kept(request, tag)
    if kept is not None:
        return kept
    response = web.Response(
        body=body, content_type=content_type, charset="utf-8", headers=_under(tag)
    )
    response.enable_compression()
    return response


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def if_kept(request: web.Request, tag: str) -> web.Response | None:
    """304 where whoever asks has what is under this tag."""
    asked = request.headers.get("If-None-Match", "")
    if tag in (one.strip().removeprefix("W/") for one in asked.split(",")):
        return web.Response(status=304, headers=_under(tag))
    return None


def _under(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"}
