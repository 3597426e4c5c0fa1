"""Acts of programs under keys of their choice are done once, and their rate is told."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from aiohttp import ClientError, ClientResponse

from tests.web.api.v1.test_reading import ask, made
from tests.web.api.v1.test_writing import NEW, create, send
from tests.web.browser import Clock, SignedIn, WebClient
from web.services import Services


async def test_under_one_key_an_act_is_done_once(
    client: WebClient, secret: str, services: Services, clock: Clock
) -> None:
    async def post(key: str, **changes: object) -> ClientResponse:
        body = {**NEW, **changes}
        return await send(client, "POST", "/meetings", secret, body, Idempotency_Key=key)

    first, *others = await asyncio.gather(*(post("k-1") for _ in range(4)))
    assert {one.status for one in (first, *others)} == {201}
    told = [await one.json() for one in (first, *others)]
    assert {one["id"] for one in told} == {told[0]["id"]}
    # Changed since, the first answer is given again.
    path, tag = f"/meetings/{told[0]['id']}", first.headers["ETag"]
    changed = await send(client, "PATCH", path, secret, {"title": "Họp"}, If_Match=tag)
    assert changed.status == 200
    again = await post('"k-1"')
    assert (again.status, again.headers["ETag"]) == (201, tag)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await again.json() == told[0]
    other = await post("k-1", title="Khác")
    assert (other.status, (await other.json())["code"]) == (422, "key_reused")
    for key in ("", '""', "x" * 256):
        assert (await post(key)).status == 400
    # What was refused holds no key.
    refused = await post("k-2")
    assert refused.status == 409
    word = {"seal": (await refused.json())["seal"], "reason": "Họp lồng ghép"}
    assert (await post("k-2", override=word)).status == 201
    # A day later it is another act.
    clock.pass_by(seconds=86_401)
    assert (await post("k-1")).status == 409


async def test_an_act_under_a_key_is_done_once_where_the_hub_died_before_it_answered(
    client: WebClient, secret: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await create(client, secret)
    path, tag = f"/meetings/{told['id']}", f'"{told["version"]}"'
    keep = type(services.store.kept_answers).keep

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    async def patch() -> ClientResponse:
        more = {"If_Match": tag, "Idempotency_Key": "k"}
        return await send(client, "PATCH", path, secret, {"title": "Họp"}, **more)

    monkeypatch.setattr(type(services.store.kept_answers), "keep", killed)
    with pytest.raises(ClientError):  # the line breaks off
        await patch()
    monkeypatch.setattr(type(services.store.kept_answers), "keep", keep)
    answer = await patch()
    assert (answer.status, (await answer.json())["title"]) == (200, "Họp")
    stored = await services.store.meetings.get(told["id"])
    assert stored.version == told["version"] + 1


async def test_a_key_is_its_tokens_own(client: WebClient, secret: str, signed_in: SignedIn) -> None:
    other = await made(await signed_in("admin", "nam-po"), "nam-po", "write_meetings")
    for number, one in enumerate((secret, other)):
        span = {
            "starts_at": f"2026-12-1{number}T08:00:00+07:00",
            "ends_at": f"2026-12-1{number}T09:00:00+07:00",
        }
        body = {**NEW, "sittings": [span]}
        answer = await send(client, "POST", "/meetings", one, body, Idempotency_Key="k")
        assert answer.status == 201


async def test_kept_answers_are_bounded_and_forgotten(
    client: WebClient, secret: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confhub.store.trail.kept_answers.MOST_KEPT", 1)
    told = await create(client, secret)
    path = f"/meetings/{told['id']}"
    statuses = []
    for key in ("a", "b"):
        more = {"If_Match": "*", "Idempotency_Key": key}
        answer = await send(client, "PATCH", path, secret, {"title": key}, **more)
        statuses.append(answer.status)
    assert statuses == [200, 429]
    assert (await services.store.meetings.get(told["id"])).title == "a"
    now = services.clock()
    assert await services.store.retention.kept_answers(now - dt.timedelta(days=1), 10) == 0
    assert await services.store.retention.kept_answers(now + dt.timedelta(days=1), 10) == 1


async def test_what_is_left_of_the_rate_is_told(client: WebClient, secret: str) -> None:
    left = []
    for _ in range(2):
        answer = await ask(client, "/meetings", secret)
        assert answer.headers["RateLimit-Policy"] == '"route";q=120;w=24'
        left.append(answer.headers["RateLimit"].split(";")[1])
    assert left == ["r=119", "r=118"]
    told = await create(client, secret)
    path, statuses = f"/meetings/{told['id']}", set()
    for _ in range(80):
        answer = await send(client, "PATCH", path, secret, {})
        statuses.add(answer.status)
        if answer.status == 429:
            break
    assert statuses == {428, 429}
    assert answer.headers["RateLimit"].startswith('"route";r=0;')
    assert answer.headers["Retry-After"] == "1"
    assert answer.content_type == "application/problem+json"
    assert (await ask(client, "/meetings", secret)).status == 200  # another route
