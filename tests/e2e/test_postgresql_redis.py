"""A real hub over PostgreSQL and Redis, each of which dies and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from tests.e2e.hub_process import HubProcess
from tests.e2e.person import BareBrowser, Person, briefing
from tests.rooms.house import Page
from tests.servers import PostgresServer, RedisServer
from tests.waiting import until

TITLE = "Giao ban qua hai máy chủ"
BACK_WITHIN_S = 60.0


@dataclass
class House:
    hub: HubProcess
    postgresql: PostgresServer
    redis: RedisServer
    secretary: Person
    commune: Person


@pytest_asyncio.fixture
async def house(
    tmp_path: Path, own_postgresql_server: PostgresServer, own_redis_server: RedisServer
) -> AsyncIterator[House]:
    """The demo province on a hub of both servers, with two people signed in."""
    hub = HubProcess(
        tmp_path / "data",
        database=own_postgresql_server.new_database(),
        redis=own_redis_server.address,
    )
    await asyncio.to_thread(hub.command, "demo")
    await asyncio.to_thread(hub.start)
    try:
        async with BareBrowser() as one, BareBrowser() as two:
            secretary, commune = Person(hub.origin, one), Person(hub.origin, two)
            assert await secretary.sign_in("thuky.nampo") == 303
            assert await commune.sign_in("diemcau.chanua") == 303
            yield House(hub, own_postgresql_server, own_redis_server, secretary, commune)
        assert "Traceback" not in hub.log(), hub.log()
    finally:
        assert await asyncio.to_thread(hub.stop) == 0
    assert not (tmp_path / "data" / "confhub.db").exists()


async def sees_hand(console: Page, *, up: bool = True) -> None:
    """Wait for a seat that changes and has its hand up, or down."""
    while ((await console.expect("member"))["member"]["hand_at"] is not None) != up:
        pass


async def test_a_meeting_is_scheduled_and_seen(house: House) -> None:
    assert await house.secretary.parts() == {
        "store": "ok",
        "bus": "ok",
        "tasks": "ok",
        "media": "ok",
        "status": 200,
    }
    status, place = await house.secretary.schedule(TITLE)
    assert status == 303, place
    status, page = await house.secretary.get(place)
    assert status == 200
    assert TITLE in page


async def test_without_redis_pages_and_rooms_go_on_and_all_is_well_when_it_is_back(
    house: House,
) -> None:
    secretary, commune = house.secretary, house.commune
    meeting = await briefing(secretary)
    console, room = await secretary.enter(meeting), await commune.enter(meeting)
    await asyncio.to_thread(house.redis.stop)

    down = await secretary.parts()
    assert (down["status"], down["store"]) == (503, "ok")
    assert down["bus"] != "ok"
    for path in ("/", "/meetings", f"/meetings/{meeting}", "/sites", "/board"):
        status, page = await secretary.get(path)
        assert status in (200, 503), (path, status)
        assert "</html>" in page
    assert (await secretary.get(f"/meetings/{meeting}"))[0] == 200
    status, place = await secretary.schedule(TITLE)
    assert status == 303, place
    await room.send("hand", raised=True)
    await sees_hand(console)

    await asyncio.to_thread(house.redis.start)
    await until(secretary.is_ready, BACK_WITHIN_S)
    assert TITLE in (await secretary.get(place))[1]
    assert await commune.sign_in("diemcau.chanua") == 303
    assert (await secretary.get("/board"))[0] == 200


async def test_without_postgresql_every_page_says_so_and_all_is_well_when_it_is_back(
    house: House,
) -> None:
    secretary, commune = house.secretary, house.commune
    meeting = await briefing(secretary)
    console, room = await secretary.enter(meeting), await commune.enter(meeting)
    await asyncio.to_thread(house.postgresql.stop)

    down = await secretary.parts()
    assert (down["status"], down["bus"]) == (503, "ok")
    assert down["store"] != "ok"
    for path in ("/", "/meetings", f"/meetings/{meeting}"):
        status, page = await secretary.get(path)
        assert status == 503, (path, status)
        assert "Xin thử lại" in page
    assert await commune.sign_in("diemcau.chanua") == 503
    # Who is in a room stays there: what they say needs no record.
    await room.send("hand", raised=True)
    await sees_hand(console)

    await asyncio.to_thread(house.postgresql.start)
    await until(secretary.is_ready, BACK_WITHIN_S)
    status, page = await secretary.get(f"/meetings/{meeting}")
    assert status == 200  # still signed in
    status, place = await secretary.schedule(TITLE)
    assert status == 303, place
    await room.send("hand", raised=False)
    await sees_hand(console, up=False)
