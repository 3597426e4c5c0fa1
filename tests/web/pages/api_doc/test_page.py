"""The API as a page for people: all of it, in both languages."""

from __future__ import annotations

import pytest

from tests.web.browser import WebClient
from web.api.openapi import encoded, of_programs
from web.pages.api_doc.page import read, types_of
from web.pages.api_doc.words import WORDS
from web.routes import ROUTES

TOLD = encoded(of_programs(ROUTES))()


def test_each_word_of_the_document_has_a_vietnamese_one() -> None:
    english = read(TOLD, "en")
    said = {one.summary for one in english.operations}
    said |= {field.text for one in english.operations for field in one.parameters}
    said |= {reply.text for one in english.operations for reply in one.replies}
    said |= {shape.text for shape in english.shapes}
    assert said - {""} - WORDS.keys() == set()
    assert WORDS.keys() - said == set()  # nor one for what nobody says any more


def test_each_operation_names_shapes_that_are_on_the_page() -> None:
    told = read(TOLD, "vi")
    rows = [row for row in of_programs(ROUTES) if row.api is not None]
    assert {(one.method, one.path) for one in told.operations} == {
        (row.method, row.path) for row in rows
    }
    shapes = {shape.name for shape in told.shapes}
    named = {one.body for one in told.operations}
    named |= {reply.shape for one in told.operations for reply in one.replies}
    fields = [field for shape in told.shapes for field in shape.fields]
    fields += [field for one in told.operations for field in one.parameters]
    named |= {shape for field in fields for _, shape in field.types}
    assert named - {""} <= shapes
    assert all(one.scope for one in told.operations)
    assert len({one.id for one in told.operations}) == len(told.operations)


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": "string"}, [("string", "")]),
        ({"type": "string", "format": "date-time"}, [("string (date-time)", "")]),
        ({"enum": ["live", "ended"]}, [('"live"', ""), ('"ended"', "")]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, [("integer", ""), ("null", "")]),
        ({"$ref": "#/components/schemas/Span"}, [("Span", "Span")]),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/Span"}},
            [("[Span]", "Span")],
        ),
        ({}, [("JSON", "")]),
    ],
)
def test_types_are_told_as_json_names_them(
    schema: dict[str, object], types: list[tuple[str, str]]
) -> None:
    assert list(types_of(schema)) == types


@pytest.mark.parametrize(
    ("language", "said"), [("vi", "Lập cuộc họp mới"), ("en", "A new meeting")]
)
async def test_anybody_may_read_it(client: WebClient, language: str, said: str) -> None:
    answer = await client.get("/docs/api", headers={"Accept-Language": language})
    assert answer.status == 200
    text = await answer.text()
    assert said in text
    assert "/api/v1/meetings/{meeting_id}/postpone" in text
