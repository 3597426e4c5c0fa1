"""/docs/api: what other systems may ask, for the people who make them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from confhub.people.api_token import SCOPE_NAMES, Scope
from confhub.words.languages import Language
from web.pages.api_doc.words import in_vietnamese
from web.rendering.pages import language_of, render
from web.requests.addresses import own_origin
from web.services import ENCODED_V1

_REF = "#/components/schemas/"
# Two languages; the document is one as long as the process lives.
_KEPT = 4

Said = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Field:
    """`types`: each with the name of the shape that it is described by, "" where none."""

    name: str
    types: Sequence[tuple[str, str]]
    required: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """`shape`: of its body; "" where it has none of ours."""

    status: str
    text: str
    shape: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`body`: the shape of what is sent; "" where nothing is."""

    id: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: Sequence[Field]
    body: str
    replies: Sequence[Reply]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    text: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Told:
    operations: Sequence[Operation]
    shapes: Sequence[Shape]


async def show(request: web.Request) -> web.Response:
    """GET /docs/api"""
    told = read(request.app[ENCODED_V1](), language_of(request))
    return await render(request, "api_doc.html", told=told, origin=own_origin(request))


@functools.lru_cache(maxsize=_KEPT)
def read(document: bytes, language: Language) -> Told:
    """What the document says, in this language."""
    told: dict[str, Any] = msgspec.json.decode(document)

    def said(text: str) -> str:
        return in_vietnamese(text) if language == "vi" else " ".join(text.split())

    operations = [
        _operation(path, method, one, said)
        for path, methods in told["paths"].items()
        for method, one in methods.items()
    ]
    shapes = [_shape(name, one, said) for name, one in told["components"]["schemas"].items()]
    return Told(operations, sorted(shapes, key=lambda one: one.name))


def _operation(path: str, method: str, told: Mapping[str, Any], said: Said) -> Operation:
    (security,) = told["security"]
    scopes: list[Scope] = security["access_token"]
    return Operation(
        told["operationId"],
        method.upper(),
        path,
        said(told["summary"]),
        SCOPE_NAMES[scopes[0]] if scopes else "",
        [
            Field(
                one["name"],
                list(types_of(one["schema"])),
                one.get("required", False),
                said(one.get("description", "")),
            )
            for one in told["parameters"]
        ],
        _shape_of(told.get("requestBody", {})),
        [
            Reply(status, said(one["description"]), _shape_of(one))
            for status, one in told["responses"].items()
        ],
    )


def _shape(name: str, told: Mapping[str, Any], said: Said) -> Shape:
    required = told.get("required", ())
    fields = [
        Field(field, list(types_of(schema)), field in required)
        for field, schema in told.get("properties", {}).items()
    ]
    return Shape(name, said(told.get("description", "")), fields)


def _shape_of(told: Mapping[str, Any]) -> str:
    """The name of what a question or an answer holds."""
    for content in told.get("content", {}).values():
        ref: str = content.get("schema", {}).get("$ref", "")
        if ref:
            return ref.removeprefix(_REF)
    return ""


def types_of(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each type that a value may have, as JSON names it, with the shape behind it."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        yield name, name
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from types_of(one)
    elif "enum" in schema:
        for value in schema["enum"]:
            yield f'"{value}"', ""
    elif schema.get("type") == "array":
        for text, name in types_of(schema.get("items", {})):
            yield f"[{text}]", name
    elif "type" in schema:
        plain = schema["type"]
        yield (f"{plain} ({schema['format']})" if "format" in schema else plain), ""
    else:
        yield "JSON", ""
