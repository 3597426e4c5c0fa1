"""The board's stream: snapshot, rows, beats, and its ends."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
import pytest_asyncio
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator

from confhub.errors import Unavailable
from confhub.store import Store
from confhub.units.site import Site
from tests.parts import there
from tests.waiting import until
from tests.web.api.conftest import DOCUMENT
from tests.web.board_pages import Stream, add_meeting, report, with_board
from tests.web.browser import Clock, SignedIn, WebClient, other_browser, sign_in, submit
from web.app import build_app
from web.pages.board import stream as board_stream
from web.services import Services

JSON = {"Accept": "text/event-stream, application/json"}


@pytest_asyncio.fixture
async def services(services: Services) -> AsyncIterator[Services]:
    async with with_board(services) as made:
        yield made


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream's own pace, faster: what it sends does not depend on it."""
    monkeypatch.setattr(board_stream, "BEAT_S", 0.05)
    monkeypatch.setattr(board_stream, "CHECK_S", 0.1)
    monkeypatch.setattr(board_stream, "GATHER_S", 0.01)
    monkeypatch.setattr(board_stream, "LARGE_GATHER_S", 0.01)


async def listen(browser: WebClient, query: str = "") -> tuple[ClientResponse, Stream]:
    answer = await browser.get(f"/board/stream{query}", headers=JSON)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer, Stream(answer)


def later(services: Services, **span: float) -> None:
    clock = services.clock
    assert isinstance(clock, Clock)
    clock.pass_by(**span)


async def test_a_snapshot_holds_all_the_page_shows(signed_in: SignedIn, services: Services) -> None:
    await report(services, "cha-nua", loss_up=0.12)
    answer, stream = await listen(await signed_in("technician", "dien-bien"))
    name, told = await stream.next()
    assert name == "snapshot"
    assert (told["full"], told["total"], told["cut"]) == (True, 4, 0)
    assert told["at"] == "12:00"
    assert told["counts"] == {"poor": 1, "absent": 3}
    assert [group["id"] for group in told["groups"]] == ["dien-bien", "nam-po"]
    row = next(row for row in told["rows"] if row["id"] == "cha-nua-room")
    assert row["cells"]["loss_up"] == "12"
    assert row["marks"] == {"loss_up": "poor"}
    assert row["folded"] == "phong hop xa cha nua xa cha nua cha-nua"
    answer.close()


async def test_events_keep_to_the_document_of_the_api(
    signed_in: SignedIn, services: Services
) -> None:
    (said,) = DOCUMENT["paths"]["/board/stream"]["get"]["responses"]["200"]["content"].values()
    schemas = {one["title"]: {"$ref": one["$ref"]} for one in said["schema"]["oneOf"]}
    assert schemas.keys() == board_stream.EVENTS.keys()
    await report(services, "cha-nua", loss_up=0.12)
    answer, stream = await listen(await signed_in("technician", "dien-bien"))
    events = [await stream.next(), await stream.next()]
    await report(services, "cha-nua", loss_up=0.0)
    events.append(("rows", await stream.expect("rows")))
    answer.close()
    for name, told in events:
        schema = schemas[name] | {"components": DOCUMENT["components"]}
        faults = Draft202012Validator(schema).iter_errors(told)
        assert [error.message for error in faults] == [], name


async def test_a_change_comes_as_its_row_and_the_counts(
    signed_in: SignedIn, services: Services
) -> None:
    answer, stream = await listen(await signed_in("technician", "nam-po"))
    await stream.expect("snapshot")
    await report(services, "cha-nua", loss_up=0.12)
    told = await stream.expect("rows")
    assert [(row["id"], row["word"]) for row in told["rows"]] == [("cha-nua-room", "Kém")]
    assert told["counts"] == {"poor": 1, "absent": 2}
    assert told["groups"] == {"nam-po": {"poor": 1, "absent": 2}}
    await report(services, "cha-nua", connected=False)
    await stream.row("cha-nua", "lost")
    answer.close()


async def test_a_look_at_its_head_gets_no_body(signed_in: SignedIn) -> None:
    browser = await signed_in("technician", "dien-bien")
    answer = await browser.head("/board/stream", headers=JSON)
    assert answer.status == 200
    assert answer.content_type == "text/event-stream"
    # The next answer of the connection is not taken for a body.
    assert (await browser.get("/healthz")).status == 200


async def test_a_calm_board_beats(signed_in: SignedIn) -> None:
    answer, stream = await listen(await signed_in("technician", "nam-po"))
    await stream.expect("snapshot")
    assert await stream.next() == ("beat", {"at": "12:00"})
    assert await stream.next() == ("beat", {"at": "12:00"})
    answer.close()


async def test_a_meeting_that_opens_is_told_without_any_report(
    signed_in: SignedIn, services: Services
) -> None:
    answer, stream = await listen(await signed_in("technician", "nam-po"))
    await stream.expect("snapshot")
    await add_meeting(services, "cha-nua", "nam-po")
    later(services, seconds=20)
    row = await stream.row("cha-nua", "missing")
    assert row["since"] == "11:30"
    answer.close()


async def test_a_commune_hears_of_nobody_else(signed_in: SignedIn, services: Services) -> None:
    answer, stream = await listen(await signed_in("technician", "cha-nua"))
    told = await stream.expect("snapshot")
    assert [row["id"] for row in told["rows"]] == ["cha-nua-room"]
    await report(services, "si-pha", loss_up=0.12)
    assert (await stream.next())[0] == "beat"
    answer.close()


async def test_a_large_board_tells_of_trouble_and_opened_groups_only(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.sites.add_many(
        [Site(f"extra{n}", "lai-chau", f"x-{n}", f"Phòng {n}") for n in range(500)]
    )
    browser = await signed_in("technician", "central")
    answer, stream = await listen(browser)
    told = await stream.expect("snapshot")
    assert (told["full"], told["rows"]) == (False, [])
    await report(services, "cha-nua", loss_up=0.12)
    assert (await stream.row("cha-nua", "poor"))["group"] == "dien-bien"
    await report(services, "cha-nua", connected=False, left=True)
    while "cha-nua-room" not in (told := await stream.expect("rows"))["gone"]:
        pass
    answer.close()
    answer, stream = await listen(browser, "?open=dien-bien")
    assert {row["id"] for row in (await stream.expect("snapshot"))["rows"]} == {
        "dien-bien-room", "nam-po-room", "cha-nua-room", "si-pha-room",
    }  # fmt: skip
    answer.close()
    answer, stream = await listen(browser, "?q=cha+nua")
    assert [row["id"] for row in (await stream.expect("snapshot"))["rows"]] == ["cha-nua-room"]
    answer.close()


async def test_sites_that_were_added_come_with_a_new_snapshot(
    signed_in: SignedIn, services: Services
) -> None:
    answer, stream = await listen(await signed_in("technician", "nam-po"))
    await stream.expect("snapshot")
    await services.store.sites.add(Site("new-room", "cha-nua", "moi", "Phòng họp mới"))
    later(services, minutes=6)
    told = await stream.expect("snapshot")
    assert told["total"] == 4
    answer.close()


async def test_signing_out_ends_the_stream_and_says_so(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "nam-po")
    _, stream = await listen(browser)
    await stream.expect("snapshot")
    account = await services.store.accounts.by_login("technician.nam-po")
    assert account is not None
    await services.store.accounts.end_sign_ins(account[0].id)
    await stream.expect("signed_out")
    with pytest.raises(EOFError):
        await stream.next()


async def test_a_program_that_is_not_signed_in_gets_an_answer_and_no_page(
    client: WebClient,
) -> None:
    answer = await client.get("/board/stream", headers=JSON, allow_redirects=False)
    assert answer.status == 401
    assert answer.content_type == "application/problem+json"


async def test_a_hub_that_stops_ends_its_streams_at_once(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_stream, "GATHER_S", 3600.0)
    _, stream = await listen(await signed_in("technician", "nam-po"))
    await stream.expect("snapshot")
    await stream.expect("beat")
    there(services.board).end_watches()
    async with asyncio.timeout(10):
        with pytest.raises(EOFError):
            await stream.expect("nothing")


async def test_a_page_that_goes_is_forgotten(signed_in: SignedIn, services: Services) -> None:
    answer, stream = await listen(await signed_in("technician", "nam-po"))
    await stream.expect("snapshot")
    assert there(services.board).watchers == 1
    answer.close()

    async def nobody_watches() -> bool:
        return bool(there(services.board).watchers == 0)

    await until(nobody_watches)


async def test_too_many_watchers_are_sent_away(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_stream, "MAX_STREAMS", 1)
    browser = await signed_in("technician", "nam-po")
    first, stream = await listen(browser)
    await stream.expect("snapshot")
    answer = await browser.get("/board/stream", headers=JSON)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 0
    first.close()


async def test_links_go_on_while_the_store_is_away(services: Services) -> None:
    """The board is needed most when something else is broken."""
    gate = Gate(services.store)
    app = build_app(dataclasses.replace(services, store=cast(Store, gate)))
    async with TestClient(TestServer(app)) as browser:
        await sign_in(browser, "technician.nam-po")
        answer, stream = await listen(browser)
        await stream.expect("snapshot")
        gate.is_shut = True
        later(services, minutes=6)  # nothing that was read is fresh any more
        await report(services, "cha-nua", loss_up=0.12)
        await stream.row("cha-nua", "poor")
        assert gate.refused > 0
        answer.close()


class Gate:
    """A store that can be taken away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_shut = False
        self.refused = 0

    def __getattr__(self, name: str) -> Part:
        return Part(self, getattr(self._store, name))


class Part:
    def __init__(self, gate: Gate, part: object) -> None:
        self._gate = gate
        self._part = part

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def ask(*values: Any, **named: Any) -> Any:
            if self._gate.is_shut:
                self._gate.refused += 1
                raise Unavailable
            return await getattr(self._part, name)(*values, **named)

        return ask


async def test_an_account_has_few_streams_and_leaves_room_for_others(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_stream, "MOST_BY_ACCOUNT", 2)
    greedy, other = await signed_in("technician", "nam-po"), await signed_in("admin", "central")
    opened = [await listen(greedy) for _ in range(2)]
    assert (await greedy.get("/board/stream", headers=JSON)).status == 429
    answer, stream = await listen(other)
    await stream.expect("snapshot")
    for taken, _ in [*opened, (answer, stream)]:
        taken.close()

    async def is_free() -> bool:
        again = await greedy.get("/board/stream", headers=JSON)
        again.close()
        return again.status == 200

    await until(is_free)


async def test_a_stream_ends_at_once_with_its_sign_in(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_stream, "CHECK_S", 3600.0)
    monkeypatch.setattr(board_stream, "BEAT_S", 3600.0)
    monkeypatch.setattr(board_stream, "GATHER_S", 3600.0)
    async with TestClient(TestServer(build_app(services))) as browser:
        await sign_in(browser, "technician.nam-po")
        answer, stream = await listen(browser)
        await stream.expect("snapshot")
        async with other_browser(browser) as administrator:
            await sign_in(administrator, "admin.nam-po")
            await submit(administrator, "/accounts/techn-nam-po/password", {})
            await stream.expect("signed_out")
        answer.close()
