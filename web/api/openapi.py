"""GET /api/openapi.json: what programs may call, made from the URL table (OpenAPI 3.1)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from web.rendering.problems import PROBLEM_TYPE, Problem
from web.requests.csrf import HEADER, SAFE_METHODS
from web.requests.route import BEARER, JSON_TYPE, PLAIN_TYPE, TOKEN, Answer, Api, Route
from web.services import ENCODED_V1

DOCUMENT = Api("This document", {200: Answer("OpenAPI 3.1.", dict[str, Any])})
# Of what is described here, not of the hub: who looks for holes need not be told that.
API_VERSION = "1"
SCHEMES = {
    "sign_in": {
        "type": "apiKey",
        "in": "cookie",
        "name": "confhub",
        "description": "Set by POST /signin; over TLS its name is __Host-confhub.",
    },
    "device": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of a site's link, from the meeting's page of links.",
    },
    "access_token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of a unit, which who administers it makes on its page.",
    },
}


# How much may still be asked (web/paces.py).
PACE_HEADERS = ("RateLimit", "RateLimit-Policy")
# Made when it is first asked for, and once: it takes 5 ms, and anybody may ask.
Encoded = Callable[[], bytes]
ENCODED = web.AppKey[Encoded]("openapi")


async def show(request: web.Request) -> web.Response:
    return web.Response(body=request.app[ENCODED](), content_type=JSON_TYPE)


async def show_v1(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json: what programs with access tokens may call, and nothing else."""
    return web.Response(body=request.app[ENCODED_V1](), content_type=JSON_TYPE)


def encoded(rows: Iterable[Route]) -> Encoded:
    """The document of these rows as bytes."""
    return functools.cache(lambda: msgspec.json.encode(document(rows)))


def of_programs(rows: Iterable[Route]) -> list[Route]:
    """Rows for programs with access tokens."""
    return [row for row in rows if row.access == TOKEN]


def document(routes: Iterable[Route]) -> dict[str, object]:
    """The OpenAPI document of the rows that programs may call."""
    rows = [(row, row.api) for row in routes if row.api is not None and row.path[-1] != "/"]
    kinds = [kind for _, api in rows for kind in _kinds(api)]
    refs, components = msgspec.json.schema_components(
        [*kinds, Problem], ref_template="#/components/schemas/{name}"
    )
    schema = {id(kind): ref for kind, ref in zip([*kinds, Problem], refs, strict=True)}
    paths: dict[str, dict[str, object]] = {}
    for row, api in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, api, schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": "confhub", "version": API_VERSION},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": SCHEMES},
    }


def _kinds(api: Api) -> list[object]:
    found = [answer.kind for answer in api.answers.values() if answer.kind is not None]
    found += [kind for answer in api.answers.values() for kind in answer.events.values()]
    found += [kind for kinds in api.messages.values() for kind in kinds]
    found += api.problems.values()
    return found if api.question is None else [*found, api.question]


def _operation(row: Route, api: Api, schema: dict[int, dict[str, object]]) -> dict[str, object]:
    said: dict[str, object] = {
        "operationId": _operation_id(row),
        "summary": api.summary,
        "parameters": _parameters(row, api),
        "responses": {
            str(status): _good(answer, schema, row)
            for status, answer in sorted(api.answers.items())
        }
        | {
            str(status): _problem(status, schema[id(api.problems.get(status, Problem))])
            for status in errors(row, api)
            if status not in api.answers
        },
    }
    body = _body(row, api, schema)
    if body is not None:
        said["requestBody"] = body
    if api.messages:  # OpenAPI has no word for what goes over a socket
        said["x-messages"] = {
            side: {"oneOf": [schema[id(kind)] for kind in kinds]}
            for side, kinds in api.messages.items()
        }
    if row.access == "signed_in":
        said["security"] = [{"sign_in": []}]
    elif row.access == TOKEN:
        said["security"] = [{"access_token": [row.scope] if row.scope else []}]
    elif row.access == BEARER and row.method not in SAFE_METHODS:
        said["security"] = [{"device": []}]
    return said


def _operation_id(row: Route) -> str:
    words = re.sub(r"\W+", "_", row.path).strip("_")
    return f"{row.method.lower()}_{words}"


def errors(row: Route, api: Api) -> list[int]:
    """Statuses of problems: what follows from the row, and what its own rules answer."""
    unsafe = row.method not in SAFE_METHODS
    found = {500, 503, *api.errors, *api.problems}
    if row.access in ("signed_in", TOKEN) or (row.access == BEARER and unsafe):
        found |= {401, 403}
    if unsafe:
        found |= {400, 413, 415}
    if row.pace is not None:
        found.add(429)
    return sorted(found)


def _parameters(row: Route, api: Api) -> list[dict[str, object]]:
    in_path: list[dict[str, object]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", row.path)
    ]
    in_query: list[dict[str, object]] = [
        {
            "name": query.name,
            "in": "query",
            "description": query.text,
            "schema": dict(query.schema),
        }
        for query in api.query
    ]
    token: list[dict[str, object]] = [
        {
            "name": HEADER,
            "in": "header",
            "required": True,
            "description": "The csrf-token of any page of the sign-in.",
            "schema": {"type": "string"},
        }
    ]
    in_header: list[dict[str, object]] = [
        {
            "name": header.name,
            "in": "header",
            "required": header.required,
            "description": header.text,
            "schema": dict(header.schema),
        }
        for header in api.headers
    ]
    needs_token = row.guard == "token" and row.method not in SAFE_METHODS
    return in_path + in_query + in_header + (token if needs_token else [])


def _body(row: Route, api: Api, schema: dict[int, dict[str, object]]) -> dict[str, object] | None:
    if not row.takes.types:
        return None
    said = schema[id(api.question)] if api.question is not None else _untyped(row.takes.types)
    return {
        "required": api.question is not None or JSON_TYPE not in row.takes.types,
        "description": f"At most {row.takes.most_bytes} bytes, not compressed.",
        "content": {kind: {"schema": said} for kind in row.takes.types},
    }


def _untyped(types: tuple[str, ...]) -> dict[str, object]:
    return {"type": "object"} if {JSON_TYPE, PLAIN_TYPE} & set(types) else {"type": "string"}


def _good(answer: Answer, schema: dict[int, dict[str, object]], row: Route) -> dict[str, object]:
    said: dict[str, object] = {"description": answer.text}
    if answer.events:
        said["content"] = {answer.content_type: {"schema": _events(answer.events, schema)}}
    elif answer.kind is not None:
        said["content"] = {answer.content_type: {"schema": schema[id(answer.kind)]}}
    elif answer.content_type != JSON_TYPE:
        said["content"] = {answer.content_type: {"schema": {"type": "string"}}}
    named = (*answer.headers, *PACE_HEADERS) if row.access == TOKEN else answer.headers
    if named:
        said["headers"] = {name: {"schema": {"type": "string"}} for name in named}
    if answer.links:
        said["links"] = {name: dict(link) for name, link in answer.links.items()}
    return said


def _events(events: Mapping[str, type], schema: dict[int, dict[str, object]]) -> dict[str, object]:
    """Of the JSON in the data of each event; its title is the event's name."""
    return {"oneOf": [{"title": name, **schema[id(kind)]} for name, kind in events.items()]}


def _problem(status: int, said: dict[str, object]) -> dict[str, object]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_TYPE: {"schema": said}},
    }
