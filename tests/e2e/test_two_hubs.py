"""Two real hubs over one PostgreSQL and one Redis: a meeting runs in one of them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientConnectionResetError

from confhub.bus.redis import RedisBus
from confhub.config import Settings
from confhub.meetings.tokens import KEY_FILE, read_key
from confhub.store import Store, open_store
from rooms.hub.ownership import HOLDERS_TABLE
from tests.e2e.hub_process import HubProcess, starting
from tests.e2e.person import BareBrowser, Person, briefing
from tests.servers import PostgresServer, RedisServer
from tests.waiting import until

# Short, so that tests need not wait for half a minute; a busy machine still renews in time.
LEASE_S = 6
PATIENCE_S = 60.0
# The hub opens a socket a second for one account, and thirty at once; pages wait longer than this.
KNOCK_EVERY_S = 0.5


@dataclass
class Pair:
    """Both hubs bear the default name. `people` are signed in at both."""

    hubs: tuple[HubProcess, HubProcess]
    redis: RedisServer
    store: Store
    browsers: tuple[BareBrowser, BareBrowser]

    def secretary(self, hub: int) -> Person:
        return Person(self.hubs[hub].origin, self.browsers[0])

    def commune(self, hub: int) -> Person:
        return Person(self.hubs[hub].origin, self.browsers[1])

    async def holders(self) -> Mapping[str, bytes]:
        """Who runs which room, as the bus says."""
        bus = RedisBus(self.redis.address)
        try:
            return await bus.entries(HOLDERS_TABLE)
        finally:
            await bus.close()


@pytest.fixture(scope="module")
def demo_database(
    postgresql_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of a database with the demo, to be copied."""
    address = postgresql_server.new_database()
    HubProcess(tmp_path_factory.mktemp("demo"), database=address).load_demo()
    return address


@pytest_asyncio.fixture
async def pair(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    postgresql_server: PostgresServer,
    demo_database: str,
    own_redis_server: RedisServer,
) -> AsyncIterator[Pair]:
    database = postgresql_server.new_database(template=demo_database)
    hubs = tuple(
        HubProcess(
            tmp_path / name,
            database=database,
            redis=own_redis_server.address,
            lease_s=str(LEASE_S),
        )
        for name in ("one", "two")
    )
    first, second = hubs
    for hub in hubs:
        hub.settings |= dict.fromkeys(getattr(request, "param", ()), hub.origin)
    read_key(first.data_dir)
    shutil.copy(first.data_dir / KEY_FILE, second.data_dir)
    async with AsyncExitStack() as stack:
        ready = []
        for hub in hubs:
            ready.append(await stack.enter_async_context(starting(hub)))
            stack.callback(hub.resume)
        await asyncio.gather(*ready)
        store = await open_store(Settings(data_dir=str(second.data_dir), database=database))
        stack.push_async_callback(store.close)
        one, two = [await stack.enter_async_context(BareBrowser()) for _ in hubs]
        pair = Pair((first, second), own_redis_server, store, (one, two))
        assert await pair.secretary(0).sign_in("thuky.nampo") == 303
        assert await pair.commune(0).sign_in("diemcau.chanua") == 303
        yield pair
        for hub in hubs:
            assert "Traceback" not in hub.log(), hub.log()


async def knock(person: Person, meeting: str) -> dict[str, Any]:
    """What a page is told first: welcome, or closed."""
    page = await person.knock(meeting)
    await page.send("hello", version=1)
    while (message := await page.receive()) is not None:
        if message["type"] in ("welcome", "closed"):
            await page.socket.close()
            return message
    raise AssertionError("closed without a word")


async def test_hubs_of_one_name_do_not_share_a_room(pair: Pair) -> None:
    meeting = await briefing(pair.secretary(0))
    await pair.secretary(0).enter(meeting)
    said = await knock(pair.commune(1), meeting)
    assert (said["type"], said.get("reason")) == ("closed", "stopping"), said
    assert "hub-1" in said["message"]


async def welcomed(person: Person, meeting: str) -> None:
    """Knock until there is a welcome, as a page does that was sent away."""

    async def is_in() -> bool:
        if (await knock(person, meeting))["type"] == "welcome":
            return True
        await asyncio.sleep(KNOCK_EVERY_S)
        return False

    await until(is_in, PATIENCE_S)


async def logged(hub: HubProcess, line: str, times: int = 1) -> None:
    async def is_there() -> bool:
        return hub.log().count(line) >= times

    await until(is_there, PATIENCE_S)


@pytest.mark.parametrize("how", ["away", "emptied"])
async def test_whoever_runs_the_room_keeps_it_when_redis_has_forgotten(
    pair: Pair, how: str
) -> None:
    meeting = await briefing(pair.secretary(0))
    console = await pair.secretary(0).enter(meeting)
    room = await pair.commune(0).enter(meeting)
    if how == "away":
        await asyncio.to_thread(pair.redis.stop)
        await logged(pair.hubs[0], "not renewed", times=4)  # more than a lease's time
        await asyncio.to_thread(pair.redis.start)
    else:
        pair.redis.forget_everything()

    async def renewed() -> bool:
        said = await knock(pair.secretary(1), meeting)
        assert said["type"] == "closed", said
        await asyncio.sleep(KNOCK_EVERY_S)
        return bool(pair.redis.get(f"confhub:lease:room:{meeting}") == lease)

    (holder,) = set((await pair.store.ownership.held()).values())
    lease = holder.encode()
    await until(renewed, PATIENCE_S)
    await room.send("hand", raised=True)
    while (await console.expect("member"))["member"]["hand_at"] is None:
        pass


async def test_a_hub_that_slept_while_its_room_was_taken_harms_nothing(pair: Pair) -> None:
    meeting = await briefing(pair.secretary(0))
    before = await pair.secretary(0).enter(meeting)
    await pair.commune(0).enter(meeting)
    await until(lambda: saved(pair.store, meeting, b'"present"'), PATIENCE_S)
    pair.hubs[0].pause()
    await welcomed(pair.secretary(1), meeting)
    console = await pair.secretary(1).enter(meeting)
    room = await pair.commune(1).enter(meeting)
    await console.send("layout", mode="grid")
    await room.send("hand", raised=True)
    await until(lambda: saved(pair.store, meeting, b'"grid"', b'"hand_at"'), PATIENCE_S)
    held = await pair.store.ownership.held()
    told = await pair.holders()
    assert held == {key: told[key].decode() for key in held}

    pair.hubs[0].resume()
    later = time.monotonic() + LEASE_S
    await logged(pair.hubs[0], "was taken by another hub")
    with contextlib.suppress(ClientConnectionResetError):  # while it answers an old ping
        await before.closed()
    assert (await knock(pair.secretary(0), meeting))["type"] == "closed"
    assert await saved(pair.store, meeting, b'"grid"', b'"hand_at"')
    assert await pair.store.ownership.held() == held
    stays = await pair.store.rooms.attendance(meeting)
    assert sum(stay.left_at is None for stay in stays) == 2

    async def is_a_lease_later() -> bool:
        return time.monotonic() > later and await pair.holders() == told

    await until(is_a_lease_later, PATIENCE_S)  # the entry is kept up by who runs the room
    assert await pair.store.rooms.attendance(meeting) == stays
    await room.send("hand", raised=False)
    while (await console.expect("member"))["member"]["hand_at"] is not None:
        pass


async def saved(store: Store, meeting: str, *parts: bytes) -> bool:
    snapshot = await store.rooms.snapshot(meeting) or b""
    return all(part in snapshot for part in parts)


async def test_after_a_planned_stop_the_other_hub_takes_the_room_at_once(pair: Pair) -> None:
    meeting = await briefing(pair.secretary(0))
    await pair.commune(0).enter(meeting)
    assert await asyncio.to_thread(pair.hubs[0].stop) == 0
    assert (await knock(pair.commune(1), meeting))["type"] == "welcome"


async def test_a_hub_that_was_killed_takes_its_rooms_back_as_it_starts(pair: Pair) -> None:
    meeting = await briefing(pair.secretary(0))
    await pair.commune(0).enter(meeting)
    await asyncio.to_thread(pair.hubs[0].kill)
    await asyncio.to_thread(pair.hubs[0].start)
    assert (await knock(pair.commune(0), meeting))["type"] == "welcome"
    assert (await knock(pair.commune(1), meeting))["type"] == "closed"


async def test_a_hub_with_another_key_does_not_start(pair: Pair) -> None:
    second = pair.hubs[1]
    await asyncio.to_thread(second.stop)
    (second.data_dir / KEY_FILE).unlink()
    with pytest.raises(AssertionError, match="ended at once"):
        await asyncio.to_thread(second.start)
    assert "secret.key không phải khóa của cơ sở dữ liệu này" in second.log()
    shutil.copy(pair.hubs[0].data_dir / KEY_FILE, second.data_dir)
    await asyncio.to_thread(second.start)


@pytest.mark.parametrize("pair", [("relay_address",)], indirect=True)
async def test_a_page_that_comes_to_the_wrong_hub_is_relayed_to_the_right_one(pair: Pair) -> None:
    meeting = await briefing(pair.secretary(0))
    console = await pair.secretary(0).enter(meeting)
    room = await pair.commune(1).enter(meeting)
    await room.send("hand", raised=True)
    while (await console.expect("member"))["member"]["hand_at"] is None:
        pass
    (holder,) = set((await pair.store.ownership.held()).values())
    # The page comes back by itself: it stays a while with the hub that ends, then takes it over.
    assert await asyncio.to_thread(pair.hubs[0].stop) == 0
    assert await room.closed() is not None
    await welcomed(pair.commune(1), meeting)
    assert set((await pair.store.ownership.held()).values()) != {holder}


@pytest.mark.parametrize("pair", [("hub_address",)], indirect=True)
async def test_a_page_is_sent_to_the_hub_that_runs_its_meeting(pair: Pair) -> None:
    meeting = await briefing(pair.secretary(0))
    await pair.secretary(0).enter(meeting)
    commune, path = pair.commune(1), f"/meetings/{meeting}/room"
    async with commune.session.get(f"{commune.origin}{path}", allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == f"{pair.hubs[0].origin}{path}"
    assert (await pair.commune(0).get(path))[0] == 200
