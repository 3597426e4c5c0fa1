"""The document of the API: made from the URL table, true to its standard and to the answers."""

from __future__ import annotations

import msgspec
import pytest
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

from rooms.protocol.codec import tag_of
from tests.web.api.conftest import DOCUMENT, faults
from tests.web.browser import SignedIn, WebClient, csrf
from web.api import openapi
from web.routes import ROUTES
from web.sockets import SOCKET


def test_it_is_a_document_of_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_it_holds_what_programs_may_call_and_nothing_else() -> None:
    told = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    assert told == {(row.method, row.path) for row in ROUTES if row.api is not None}
    assert ("POST", "/api/meetings/conflicts") in told
    ids = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/meetings/{meeting_id}/socket", "/join/{token}/socket"])
def test_sockets_stand_in_it_with_every_message_of_both_sides(path: str) -> None:
    operation = DOCUMENT["paths"][path]["get"]
    assert "101" in operation["responses"]
    for side, kinds in SOCKET.messages.items():
        told = [tag_in(one["$ref"]) for one in operation["x-messages"][side]["oneOf"]]
        assert told == [tag_of(kind) for kind in kinds]
        assert {"from_page": "hand", "from_hub": "invited"}[side] in told


def tag_in(ref: str) -> str:
    schema = DOCUMENT["components"]["schemas"][ref.rpartition("/")[2]]
    (tag,) = schema["properties"]["type"]["enum"]
    return str(tag)


async def test_it_is_served_to_everybody(client: WebClient) -> None:
    answer = await client.get("/api/openapi.json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert await answer.json() == DOCUMENT


async def test_it_is_made_once(client: WebClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await client.get("/api/openapi.json")
    monkeypatch.setattr(openapi, "document", None)
    assert (await client.get("/api/openapi.json")).status == 200


async def test_limits_rights_and_refusals_follow_from_the_row() -> None:
    asked = DOCUMENT["paths"]["/api/meetings/{meeting_id}/extend"]["post"]
    assert asked["security"] == [{"sign_in": []}]
    assert {"400", "401", "403", "404", "409", "413", "415", "429"} <= set(asked["responses"])
    assert [one["name"] for one in asked["parameters"]] == ["meeting_id", "X-CSRF-Token"]
    assert "65536 bytes" in asked["requestBody"]["description"]
    assert DOCUMENT["paths"]["/whip/{meeting_id}"]["post"]["security"] == [{"device": []}]


async def test_answers_are_checked_against_it(
    signed_in: SignedIn, checked_answers: list[str]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await browser.get("/api/units/tree")
    await browser.get("/api/units/tree?through=moon")
    token = {"X-CSRF-Token": await csrf(browser)}
    await browser.post("/api/meetings/conflicts", json={}, headers=token)
    await browser.post("/api/meetings/conflicts", data=b"", headers=token)
    assert checked_answers == [
        "GET /api/units/tree 200",
        "GET /api/units/tree 400",
        "POST /api/meetings/conflicts 200",
        "POST /api/meetings/conflicts 415",
    ]


def test_an_answer_that_does_not_keep_to_it_is_found() -> None:
    row = next(row for row in ROUTES if row.path == "/api/units/tree")

    def answered(body: object, status: int = 200, kind: str = "application/json") -> list[str]:
        made = web.Response(body=msgspec.json.encode(body), status=status, content_type=kind)
        return faults(row, made)

    assert answered({"path": [], "units": []}) == []
    assert answered({"path": []}) == ["'units' is a required property"]
    assert answered({"path": [1], "units": []}) == ["1 is not of type 'string'"]
    assert answered({}, 418) == ["no such status in the document"]
    assert answered({}, kind="text/html") == ["text/html instead of application/json"]


async def test_who_asks_too_often_is_told_when_to_come_back(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    path = "/api/meetings/nothing/reopen"
    token = {"X-CSRF-Token": await csrf(browser)}
    answers = [await browser.post(path, json={}, headers=token) for _ in range(40)]
    assert [answer.status for answer in answers[:20]] == [404] * 20
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.headers["Retry-After"] == "1"
    assert (await refused.json())["code"] == "too_many"
    other = await signed_in("secretary", "lai-chau")
    token = {"X-CSRF-Token": await csrf(other)}
    assert (await other.post(path, json={}, headers=token)).status == 404
