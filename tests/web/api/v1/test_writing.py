"""Programs of other institutions plan meetings and answer for sites with an access token."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from aiohttp import ClientResponse

from confhub.desks import accounts
from confhub.people.actor import Actor
from tests.web.api.v1.test_reading import ask, made
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import ROOMS, schedule
from web.services import Services

NEW: dict[str, Any] = {
    "title": "Giao ban tháng 12",
    "level_id": "district",
    "host_unit_id": "nam-po",
    "chair_site_id": ROOMS["nam-po"],
    "chair_name": "Nguyễn Văn Hùng",
    "sittings": [
        {"starts_at": "2026-12-08T08:00:00+07:00", "ends_at": "2026-12-08T09:30:00+07:00"}
    ],
    "site_ids": [ROOMS["cha-nua"]],
    "agenda": [{"title": "Tình hình tháng 11", "duration_min": 30}],
}


async def send(
    client: WebClient, method: str, path: str, secret: str, body: object, **headers: str
) -> ClientResponse:
    sent = {"Authorization": f"Bearer {secret}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.request(method, f"/api/v1{path}", json=body, headers=sent)


async def create(client: WebClient, secret: str, **changes: object) -> dict[str, Any]:
    answer = await send(client, "POST", "/meetings", secret, {**NEW, **changes})
    assert answer.status == 201, await answer.text()
    told: dict[str, Any] = await answer.json()
    assert answer.headers["Location"] == f"/api/v1/meetings/{told['id']}"
    assert answer.headers["ETag"] == f'"{told["version"]}"'
    return told


async def test_a_meeting_is_planned_changed_moved_and_called_off(
    services: Services, client: WebClient, secret: str, signed_in: SignedIn
) -> None:
    told = await create(client, secret)
    assert told["site_ids"] == [ROOMS["nam-po"], ROOMS["cha-nua"]]
    assert told["sittings"][0]["starts_at"] == "2026-12-08T01:00:00Z"
    path = f"/meetings/{told['id']}"

    async def act(method: str, what: str, body: object, tag: str) -> tuple[dict[str, Any], str]:
        answer = await send(client, method, f"{path}{what}", secret, body, If_Match=tag)
        assert answer.status == 200, await answer.text()
        return await answer.json(), answer.headers["ETag"]

    tag = f'"{told["version"]}"'
    item = told["agenda"][0]
    agenda = [item | {"presenter": "Lò Thị Thư"}, {"title": "Việc khác"}]
    told, tag = await act("PATCH", "", {"title": "Họp", "agenda": agenda}, tag)
    assert (told["title"], told["chair_name"]) == ("Họp", "Nguyễn Văn Hùng")
    assert told["agenda"][0]["id"] == item["id"]
    told, tag = await act("POST", "/invite", {"site_ids": [ROOMS["si-pha"]]}, tag)
    assert told["site_ids"][-1] == ROOMS["si-pha"]
    told, tag = await act("POST", "/uninvite", {"site_ids": [ROOMS["cha-nua"]]}, tag)
    assert told["site_ids"] == [ROOMS["nam-po"], ROOMS["si-pha"]]
    span = {"starts_at": "2026-12-09T08:00:00+07:00", "ends_at": "2026-12-09T09:00:00+07:00"}
    told, tag = await act("POST", "/postpone", {"reason": "Bận", **span}, tag)
    assert (told["status"], told["starts_at"]) == ("scheduled", "2026-12-09T01:00:00Z")
    assert told["postponed_from"] == "2026-12-08T01:00:00Z"
    told, tag = await act("POST", "/postpone", {"reason": "Chờ lịch"}, tag)
    assert told["status"] == "postponed"
    told, tag = await act("POST", "/cancel", {"reason": "Không cần nữa"}, tag)
    assert (told["status"], told["status_reason"]) == ("cancelled", "Không cần nữa")
    again = await send(client, "POST", f"{path}/cancel", secret, {"reason": "x"}, If_Match=tag)
    assert (again.status, (await again.json())["code"]) == (409, "no_more_changes")
    assert await (await ask(client, path, secret)).json() == told
    # The record names the account and the token.
    (token,) = await services.store.api_tokens.of_unit("nam-po")
    lines = await services.store.audit.recent(20, told["id"], thing="meeting")
    assert {line.account_id for line in lines} == {token.account_id}
    named = (None, f"{token.name} ({token.id})")
    assert {line.changes["access_token"] for line in lines} == {named}
    story = await (await signed_in("secretary", "nam-po")).get(f"/meetings/{told['id']}/history")
    assert f"Bằng mã truy cập: {token.name}" in await story.text()


async def test_a_change_names_the_version_that_it_was_made_on(
    client: WebClient, secret: str
) -> None:
    told = await create(client, secret)
    path, new = f"/meetings/{told['id']}", {"title": "Họp"}
    missing = await send(client, "PATCH", path, secret, new)
    assert (missing.status, (await missing.json())["code"]) == (428, "if_match_required")
    for tag in ('"0"', f"{told['version']}", 'W/"1"'):
        old = await send(client, "PATCH", path, secret, new, If_Match=tag)
        assert (old.status, (await old.json())["code"]) == (412, "overtaken")
    any_ = await send(client, "PATCH", path, secret, new, If_Match="*")
    assert (any_.status, (await any_.json())["title"]) == (200, "Họp")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": 5}, "/title"),
        ({"title": " "}, "/title"),
        ({"titel": "x"}, "/titel"),
        ({"site_ids": []}, "/site_ids"),
        ({"site_ids": ["none"]}, "/site_ids"),
        ({"site_ids": [ROOMS["lai-chau"]]}, "/site_ids"),
        ({"agenda": [{"title": "a"}, {"presenter": "b"}]}, "/agenda/1/title"),
        ({"agenda": [{"title": "a", "duration_min": 0}]}, "/agenda/0/duration_min"),
        ({"sittings": []}, "/sittings"),
        ({"sittings": [{"starts_at": "2026-12-08", "ends_at": "x"}]}, "/sittings/0/starts_at"),
        ({"host_unit_id": "lai-chau"}, "/host_unit_id"),
        ({"answer_by": "2026-12-09T08:00:00+07:00"}, "/answer_by"),
        ({"answer_by": "9999-12-31T23:59:00Z"}, "/answer_by"),
    ],
)
async def test_what_is_wrong_is_named_where_it_stands(
    client: WebClient, secret: str, changes: dict[str, object], pointer: str
) -> None:
    said = set()
    for language in ("vi", "en"):
        body, headers = {**NEW, **changes}, {"Accept_Language": language}
        answer = await send(client, "POST", "/meetings", secret, body, **headers)
        assert answer.status == 400
        problem = await answer.json()
        found = {one["pointer"]: one["detail"] for one in problem["errors"]}
        assert pointer in found
        said.add((problem["detail"], found[pointer]))
    assert len(said) == 2


async def test_a_meeting_that_was_made_with_seconds_keeps_them(
    client: WebClient, secret: str, services: Services
) -> None:
    told = await create(client, secret)
    stored = await services.store.meetings.get(told["id"])
    second = dt.timedelta(seconds=1)
    moved = dataclasses.replace(
        stored, starts_at=stored.starts_at + second, ends_at=stored.ends_at + second
    )
    await services.store.meetings.update(moved)
    path = f"/meetings/{told['id']}"
    answer = await send(client, "PATCH", path, secret, {"title": "Họp"}, If_Match="*")
    assert (await answer.json())["starts_at"] == "2026-12-08T01:00:01Z"
    body = {"sittings": [{"starts_at": "2026-12-08T01:00:01Z", "ends_at": "2026-12-08T02:00:00Z"}]}
    wrong = await (await send(client, "PATCH", path, secret, body, If_Match="*")).json()
    assert [one["pointer"] for one in wrong["errors"]] == ["/sittings/0/starts_at"]


async def test_an_end_before_its_begin_is_never_the_next_day(
    client: WebClient, secret: str
) -> None:
    span = {"starts_at": "2026-12-08T22:00:00+07:00", "ends_at": "2026-12-08T01:00:00+07:00"}
    body = {**NEW, "sittings": [span]}
    answer = await send(client, "POST", "/meetings", secret, body)
    assert [one["pointer"] for one in (await answer.json())["errors"]] == ["/sittings/0/ends_at"]
    told = await create(client, secret)
    path, tag = f"/meetings/{told['id']}/postpone", f'"{told["version"]}"'
    moved = await send(client, "POST", path, secret, {"reason": "x", **span}, If_Match=tag)
    assert [one["pointer"] for one in (await moved.json())["errors"]] == ["/ends_at"]


async def test_what_is_no_json_is_a_problem_and_the_presiding_site_stays(
    client: WebClient, secret: str
) -> None:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    for body in (b"{", b"\xff", b"[" * 100_000, b'"\\ud800"'):
        answer = await client.post("/api/v1/meetings", data=body, headers=headers)
        assert (answer.status, len((await answer.json())["errors"])) == (400, 1)
    told = await create(client, secret)
    path, body_ = f"/meetings/{told['id']}/uninvite", {"site_ids": [ROOMS["nam-po"]]}
    answer = await send(client, "POST", path, secret, body_, If_Match="*")
    assert [one["pointer"] for one in (await answer.json())["errors"]] == ["/site_ids"]


async def test_who_is_taken_is_told_and_booked_all_the_same_with_a_reason(
    client: WebClient, secret: str, services: Services
) -> None:
    first = await create(client, secret)
    answer = await send(client, "POST", "/meetings", secret, NEW)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (409, "clashing")
    (clash,) = problem["clashes"]
    assert (clash["meeting_id"], clash["title"]) == (first["id"], first["title"])
    assert set(clash["site_ids"]) == {ROOMS["nam-po"], ROOMS["cha-nua"]}
    assert clash["starts_at"] == "2026-12-08T01:00:00Z"
    word = {"seal": problem["seal"]}
    silent = await send(client, "POST", "/meetings", secret, {**NEW, "override": word})
    (wrong,) = (await silent.json())["errors"]
    assert (silent.status, wrong["pointer"]) == (400, "/override/reason")
    word["reason"] = "Họp lồng ghép"
    told = await create(client, secret, override=word)
    lines = await services.store.audit.recent(20, told["id"], thing="meeting")
    (accepted,) = [line for line in lines if line.action == "meeting.clash_accepted"]
    assert accepted.detail.startswith("Họp lồng ghép")


async def test_a_time_that_has_passed_must_be_seen(client: WebClient, secret: str) -> None:
    span = {"starts_at": "2026-11-02T08:00:00+07:00", "ends_at": "2026-11-02T09:00:00+07:00"}
    answer = await send(client, "POST", "/meetings", secret, {**NEW, "sittings": [span]})
    problem = await answer.json()
    assert (answer.status, problem.get("clashes")) == (409, None)
    assert "Giờ bắt đầu đã qua" in problem["advice"][0]
    await create(client, secret, sittings=[span], override={"seal": problem["seal"]})


async def test_a_site_is_answered_for(client: WebClient, secret: str, services: Services) -> None:
    told = await create(client, secret)
    path = f"/meetings/{told['id']}/answers/{ROOMS['cha-nua']}"
    silent = await ask(client, path, secret)
    assert ((await silent.json())["standing"], silent.headers["ETag"]) == ("silent", '"0"')
    given = {"state": "attending", "people": [{"name": "Cà A Páo", "title": "Chủ tịch"}]}
    answer = await send(client, "PUT", path, secret, given, If_Match='"0"')
    said = await answer.json()
    assert (answer.status, said["standing"], said["version"]) == (200, "attending", 1)
    assert await (await ask(client, path, secret)).json() == said
    elsewhere = await send(client, "PUT", path, secret, given, If_Match='"0"')
    assert elsewhere.status == 412
    wrong = {"state": "declined", "people": [{"name": "Cà A Páo", "part": "substitute"}]}
    answer = await send(client, "PUT", path, secret, wrong, If_Match='"1"')
    found = {one["pointer"] for one in (await answer.json())["errors"]}
    assert (answer.status, found) == (400, {"/remark", "/people/0/reason"})
    lines = await services.store.audit.recent(20, told["id"])
    (line,) = [line for line in lines if line.action == "answer.given"]
    assert "access_token" in line.changes
    nobody = f"/meetings/{told['id']}/answers/{ROOMS['si-pha']}"
    assert (await send(client, "PUT", nobody, secret, given, If_Match="*")).status == 404


async def test_a_token_writes_only_what_its_scopes_say_and_in_its_unit(
    client: WebClient, secret: str, signed_in: SignedIn, services: Services
) -> None:
    admin = await signed_in("admin", "nam-po")
    reader = await made(admin, "nam-po", "read_meetings", "read_answers")
    below = await made(admin, "cha-nua", "read_meetings", "write_meetings", "write_answers")
    told = await create(client, secret)
    one = f"/meetings/{told['id']}"
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", one, {"title": "Họp"}),
        ("POST", f"{one}/invite", {"site_ids": [ROOMS["si-pha"]]}),
        ("POST", f"{one}/uninvite", {"site_ids": [ROOMS["cha-nua"]]}),
        ("POST", f"{one}/postpone", {"reason": "x"}),
        ("POST", f"{one}/cancel", {"reason": "x"}),
    ]
    answer = (f"{one}/answers/{ROOMS['nam-po']}", {"state": "attending"})
    for method, path, body in (*acts, ("PUT", *answer), ("POST", "/meetings", NEW)):
        refused = await send(client, method, path, reader, body, If_Match="*")
        assert (refused.status, (await refused.json())["code"]) == (403, "insufficient_scope")
    for method, path, body in acts:  # it is invited, so it sees the meeting
        refused = await send(client, method, path, below, body, If_Match="*")
        assert refused.status == 403
    assert (await send(client, "PUT", answer[0], below, answer[1], If_Match="*")).status == 404
    foreign = await send(client, "POST", "/meetings", below, NEW)
    assert "/host_unit_id" in [one["pointer"] for one in (await foreign.json())["errors"]]
    own = f"{one}/answers/{ROOMS['cha-nua']}"
    given = await send(client, "PUT", own, below, {"state": "unsure"}, If_Match="*")
    assert given.status == 200
    hidden = await schedule(
        await signed_in("secretary", "dien-bien"),
        services,
        host_unit_id="dien-bien",
        chair_site_id=ROOMS["dien-bien"],
        sites=ROOMS["nam-po"],
        level_id="province",
    )
    for method, path, body in acts:
        path = path.replace(told["id"], hidden.id)
        assert (await send(client, method, path, below, body, If_Match="*")).status == 404
    assert (await services.store.meetings.get(hidden.id)) == hidden


async def test_a_token_that_ended_writes_nothing_more(
    client: WebClient, secret: str, services: Services
) -> None:
    told = await create(client, secret)
    (token,) = await services.store.api_tokens.of_unit("nam-po")
    account = await services.store.accounts.get(token.account_id)
    house = Actor(services.clock())
    await accounts.change(services.store, house, dataclasses.replace(account, role="site"))
    path = f"/meetings/{told['id']}"
    answer = await send(client, "PATCH", path, secret, {"title": "Họp"}, If_Match="*")
    assert answer.status in (401, 403)
    await services.store.api_tokens.end(token.id, services.clock())
    answer = await send(client, "PATCH", path, secret, {"title": "Họp"}, If_Match="*")
    assert answer.status == 401
    assert (await services.store.meetings.get(told["id"])).title == NEW["title"]
