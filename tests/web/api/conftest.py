"""Every answer that a test of this folder sees keeps to the document of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from aiohttp import web
from jsonschema import Draft202012Validator

from web.api import openapi
from web.middleware import MIDDLEWARES
from web.requests.route import Handler, Route, row_of
from web.routes import ROUTES

DOCUMENT: dict[str, Any] = json.loads(msgspec.json.encode(openapi.document(ROUTES)))


@pytest.fixture(autouse=True)
def checked_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was answered and checked, as `POST /api/… 200`; fails at the end for a wrong answer."""
    checked: list[str] = []
    wrong: list[str] = []

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        row, line = row_of(request), request.transport
        if line is None or line.is_closing():
            return response  # which nobody gets
        if row is not None and row.api is not None and isinstance(response, web.Response):
            said = f"{row.method} {row.path.rstrip('/')} {response.status}"
            wrong.extend(f"{said}: {fault}" for fault in faults(row, response))
            checked.append(said)
        return response

    monkeypatch.setattr("web.app.MIDDLEWARES", (check, *MIDDLEWARES))
    yield checked
    assert wrong == []


def faults(row: Route, response: web.Response) -> list[str]:
    """What an answer has that the document does not say, or the other way round."""
    operation = DOCUMENT["paths"][row.path.rstrip("/")][row.method.lower()]
    said = operation["responses"].get(str(response.status))
    if said is None:
        return ["no such status in the document"]
    body = response.body if isinstance(response.body, bytes) else b""
    content = said.get("content", {})
    if not content:
        return ["a body, and none in the document"] if body else []
    if response.content_type not in content:
        return [f"{response.content_type} instead of {', '.join(content)}"]
    if not response.content_type.endswith("json"):
        return []
    schema = content[response.content_type]["schema"] | {"components": DOCUMENT["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(body))]
