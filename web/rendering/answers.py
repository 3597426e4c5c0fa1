"""Good answers as programs read them: JSON of a type that the route's row names."""

from __future__ import annotations

import msgspec
from aiohttp import web

from web.requests.route import JSON_TYPE


def json_answer(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type=JSON_TYPE)
