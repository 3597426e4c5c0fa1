"""Every task of a running hub: by its name and owner; and each of them survives a fault.

A fault is thrown into a task where it waits at that moment, as if what it waits for had failed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from confhub.bus import news
from confhub.hub.wiring import RunningHub, running_hub
from confhub.meetings.meeting import Meeting
from confhub.supervision import ledger
from confhub.units.site import Site
from confhub.units.unit import Level, NewUnit
from tests.confhub.hub.test_wiring import other_tasks
from tests.faults import throw_into
from tests.parts import settings_in, there
from tests.rooms.house import Page
from tests.statuses import set_status
from tests.waiting import until

SITES = ("huyen", "xa")
# Supervised tasks of a hub with one meeting and two sites in it, over the in-process bus.
EXPECTED = {
    "account news": 1,
    "board clock": 1,
    "board news": 2,
    "job counts": 1,
    "jobs": 1,
    "journal": 1,
    "loop watch": 1,
    "media clock": 1,
    "meeting news": 1,
    "member media": 2,
    "outbox": 1,
    "stays left open": 1,
    "reports": 1,
    "room": 1,
    "room leases": 1,
}
# Short ones by what runs in them, and who ends them.
OWNED = {
    "AsyncConnection.close": "its connection to the database, by SQLAlchemy",
    "Connections._hold": "its TCP connection, one of web.requests.connections.Connections",
    "JobStore.claim": "the runner of jobs, which waits for it even where it is cancelled",
    "OutboxStore.claim": "the delivery, which waits for it even where it is cancelled",
    "RequestHandler._handle_request": "its request, by aiohttp",
    "RequestHandler.start": "its TCP connection, by aiohttp",
    "Session._live": "its socket, rooms.hub.session.Session",
    "Session._read": "its socket, rooms.hub.session.Session",
    "Session._write": "its socket, rooms.hub.session.Session",
}


class Hub:
    """A running hub and the pages of two sites in one live meeting."""

    def __init__(self, hub: RunningHub, client: aiohttp.ClientSession) -> None:
        self.services = hub.services
        self._origin = f"http://127.0.0.1:{hub.port}"
        self._client = client
        self.pages: list[Page] = []
        self._reading: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        store = self.services.store
        now = dt.datetime.now(dt.UTC)
        await store.units.add_level(Level("district", 3, "Huyện", "District"))
        await store.units.add_level(Level("commune", 4, "Xã", "Commune"))
        await store.units.add_many(
            [
                NewUnit("district", "Huyện Nậm Pồ", None, id="huyen"),
                NewUnit("commune", "Xã Chà Nưa", "huyen", id="xa"),
            ]
        )
        for site in SITES:
            await store.sites.add(Site(site, site, site.upper(), f"Phòng họp {site}"))
        meeting = Meeting(
            id="m1",
            title="Giao ban",
            level_id="district",
            host_unit_id="huyen",
            chair_site_id="huyen",
            starts_at=now - dt.timedelta(minutes=1),
            ends_at=now + dt.timedelta(hours=1),
            sites=SITES,
        )
        await store.meetings.add(meeting)
        for link in await store.links.ensure(meeting, meeting.ends_at):
            path = f"/join/{self.services.tokens.sign(link)}/socket"
            headers = {"Origin": self._origin}
            socket = await self._client.ws_connect(self._origin + path, headers=headers)
            page = Page(socket)
            await page.hello()
            self.pages.append(page)
            self._reading.append(asyncio.create_task(_read(page)))

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def json(self, path: str) -> Any:
        async with self._client.get(self._origin + path) as answer:
            return await answer.json()

    async def text(self, path: str) -> str:
        async with self._client.get(self._origin + path) as answer:
            return await answer.text()


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with (
        running_hub(settings_in(tmp_path, slow_loop_ms=200)) as running,
        aiohttp.ClientSession() as client,
    ):
        hub = Hub(running, client)
        await hub.open()
        yield hub
        await hub.close()


async def _read(page: Page) -> None:
    """A page that does not read answers no ping, and is taken for lost."""
    async for frame in page.socket:
        page.seen.append(frame.json())


async def holds(condition: Callable[[], object]) -> None:
    async def is_so() -> bool:
        return bool(condition())

    await until(is_so)


async def test_every_long_lived_task_is_supervised_and_every_other_has_an_owner(hub: Hub) -> None:
    supervised = {item.task: item for item in ledger().tasks}
    strays = [
        f"{task.get_name()}: {runs}"
        for task in other_tasks()
        if task not in supervised and (runs := _runs(task)) not in OWNED
        # The client of this test.
        if not runs.startswith(("_read", "hub", "TCPConnector."))
    ]
    assert strays == []
    assert Counter(item.name for item in supervised.values()) == EXPECTED
    assert {str(item) for item in supervised.values() if item.of} == {
        "board news meetings",
        "board news quality",
        "journal m1",
        "member media s-huyen",
        "member media s-xa",
        "room m1",
    }
    assert all(task.get_name() == str(item) for task, item in supervised.items())


def _runs(task: asyncio.Task[object]) -> str:
    return getattr(task.get_coro(), "__qualname__", "")


async def test_a_fault_in_each_task_once_and_everything_goes_on(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    at_work = list(ledger().tasks)
    for item in at_work:
        await throw_into(item)
    # Each is at work again, on the same things: none was given up, no page was sent away.
    await holds(lambda: all(item.task in asyncio.all_tasks() for item in at_work))
    assert set(ledger().tasks) == set(at_work)
    assert ledger().failures == EXPECTED
    for item in at_work:
        assert f"{item} failed and is started again (1 in a row)" in caplog.text

    ready = await hub.json("/readyz")
    assert (ready["status"], ready["parts"]["tasks"]) == ("ok", "failing")
    assert ready["failing_tasks"] == sorted(EXPECTED)
    metrics = await hub.text("/metrics")
    assert 'confhub_task_failures_total{task="room leases"} 1.0' in metrics
    assert 'confhub_tasks_failing{task="board news"} 2.0' in metrics
    await _everything_goes_on(hub)


async def _everything_goes_on(hub: Hub) -> None:
    first, second = hub.pages
    store, bus = hub.services.store, hub.services.bus
    # The room and its sockets.
    heard = len(first.seen)
    await second.send("hand", raised=True)
    await holds(lambda: len(first.seen) > heard)
    # The members' media desks answer; what was sent is no description.
    for page in hub.pages:
        await page.send("publish", sdp="v=0", sources={})
    await holds(lambda: all(_was_answered(page, "publish") for page in hub.pages))
    # The journal: a snapshot, and who was there.
    for raised in (True, False):
        await second.send("hand", raised=raised)

        async def is_saved(raised: bool = raised) -> bool:
            snapshot = await store.rooms.snapshot("m1") or b""
            return bool(re.search(rb'"hand_at":\d', snapshot)) == raised

        await until(is_saved)
    # Reports reach the board, whose clock ticks.
    board = there(hub.services.board)
    taken = board.reports
    await holds(lambda: board.reports > taken)
    assert board.link("xa") is not None
    # Leases are held, and the schedule's and accounts' news are heard.
    assert not await bus.acquire("room:m1", "somebody else", 1.0)
    await set_status(store, "m1", "ended")
    ended = news.encode(news.MeetingNews("m1", "ended"))

    async def is_ended() -> bool:
        await bus.publish(news.MEETINGS_TOPIC, ended)
        return not there(hub.services.rooms).live()

    await until(is_ended)
    await holds(lambda: first.seen[-1].get("reason") == "ended")
    await holds(lambda: ledger().running()["room"] == 0)


async def test_listeners_on_redis_are_supervised_too(tmp_path: Path, redis_address: str) -> None:
    async with running_hub(settings_in(tmp_path, redis=redis_address)):
        listeners = [item for item in ledger().tasks if item.name == "bus listener"]
        assert sorted(item.of.rpartition(":")[2] for item in listeners) == [
            news.ACCOUNTS_TOPIC,
            news.MEETINGS_TOPIC,
            news.QUALITY_TOPIC,
        ]
        for item in listeners:
            await throw_into(item)
        assert all(not item.done() for item in listeners)


def _was_answered(page: Page, about: str) -> bool:
    return any(message.get("about") == about for message in page.seen)
