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
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    asked = request.headers.get("If-None-Match", "")
    if tag in (one.strip().removeprefix("W/") for one in asked.split(",")):
        return web.Response(status=304, headers=headers)
    response = web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)
    response.enable_compression()
    return response
