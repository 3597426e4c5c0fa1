"""Every task of a running hub: by its name and owner; and each of them survives a fault.

A fault is thrown into a task where it waits at that moment, as if what it waits for had failed.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from confhub.bus import news
from confhub.supervision import ledger
from tests.confhub.hub.met import MEETING, Beside, Hub, holds, hub_in, hub_with_all
from tests.confhub.hub.test_wiring import other_tasks
from tests.confhub.jobs.imap_server import dovecot
from tests.faults import throw_into
from tests.parts import there
from tests.rooms.house import PATIENCE_S, Page
from tests.statuses import set_status
from tests.waiting import until

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
# And of what stands beside it: Redis, a media worker (here on the same loop), mail both ways.
MORE = {
    "bus listener": 3,
    "loop watch": 1,
    "mail": 1,
    "mailbox": 1,
    "media commands": 1,
    "media link": 1,
    "sign of life": 1,
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


@pytest_asyncio.fixture(params=["alone", "with all beside it"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hub]:
    if request.param == "alone":
        async with hub_in(tmp_path) as hub:
            yield hub
        return
    redis = request.getfixturevalue("redis_address")
    with dovecot() as inbox:
        async with hub_with_all(tmp_path, redis, inbox) as hub:
            yield hub


def expected(hub: Hub) -> Counter[str]:
    return Counter(EXPECTED) + Counter(MORE if hub.beside else {})


async def test_every_long_lived_task_is_supervised_and_every_other_has_an_owner(hub: Hub) -> None:
    supervised = {item.task: item for item in ledger().tasks}
    strays = [
        f"{task.get_name()}: {runs}"
        for task in other_tasks()
        if task not in supervised and (runs := _runs(task)) not in OWNED
        # The client of this test, and the worker, which is a process elsewhere.
        if not runs.startswith(("OpenPage.", "hub", "TCPConnector.", "serve_media"))
    ]
    assert strays == []
    assert Counter(item.name for item in supervised.values()) == expected(hub)
    assert {
        str(item)
        for item in supervised.values()
        if item.of and not (hub.beside and item.name in MORE)
    } == {
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
    async with hub.speaking() as (hears, speaks):
        await _faults_come_and_go(hub, caplog)
        # Media and the way to who forwards them.
        for on in (False, True):
            await speaks.page.send("microphone", on=on)
            await hears.page.member("s-xa", microphone=on)
        assert await speaks.is_heard_by(hears)
        await _everything_goes_on(hub)


async def _faults_come_and_go(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    # Listeners first: each ends with the last who hears by it, and is made anew with the next.
    at_work = sorted(ledger().tasks, key=lambda item: item.name != "bus listener")
    every, names = expected(hub), sorted(map(str, at_work))
    for item in at_work:
        await throw_into(item)
    # Each is at work again, on the same things: none was given up, no page was sent away.
    same = {item for item in at_work if item.name != "bus listener"}
    await holds(lambda: all(item.task in asyncio.all_tasks() for item in same))
    assert same <= ledger().tasks
    assert sorted(map(str, ledger().tasks)) == names
    assert +ledger().failures == every
    for item in at_work:
        assert f"{item} failed and is started again (1 in a row)" in caplog.text

    ready = await hub.json("/readyz")
    assert (ready["status"], ready["parts"]["tasks"]) == ("ok", "failing")
    assert ready["failing_tasks"] == sorted(every)
    metrics = await hub.text("/metrics")
    assert 'confhub_task_failures_total{task="room leases"} 1.0' in metrics
    assert 'confhub_tasks_failing{task="board news"} 2.0' in metrics


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
            snapshot = await store.rooms.snapshot(MEETING) or b""
            return bool(re.search(rb'"hand_at":\d', snapshot)) == raised

        await until(is_saved)
    # Reports reach the board, whose clock ticks.
    board = there(hub.services.board)
    taken = board.reports
    await holds(lambda: board.reports > taken)
    assert board.link("xa") is not None
    await _is_heard(hub, news.ACCOUNTS_TOPIC)
    # Mail goes out, and what comes back is taken in; the keeper hears the worker.
    if hub.beside is not None:
        await hub.is_mailed(hub.beside)
        await _is_alive(hub.beside)
    # Leases are held, and the schedule's and accounts' news are heard.
    assert not await bus.acquire(f"room:{MEETING}", "somebody else", 1.0)
    await set_status(store, MEETING, "ended")
    ended = news.encode(news.MeetingNews(MEETING, "ended"))

    async def is_ended() -> bool:
        await bus.publish(news.MEETINGS_TOPIC, ended)
        return not there(hub.services.rooms).live()

    await until(is_ended)
    await holds(lambda: first.seen[-1].get("reason") == "ended")
    await holds(lambda: ledger().running()["room"] == 0)


async def _is_heard(hub: Hub, topic: str) -> None:
    """By who shares the topic's listener with the hub."""
    async with hub.services.bus.subscribe(topic) as payloads, asyncio.timeout(PATIENCE_S):
        said = news.encode(news.AccountNews("nobody"))
        await hub.services.bus.publish(topic, said)
        async for payload in payloads:
            if payload == said:
                return


async def _is_alive(beside: Beside) -> None:
    beside.is_alive()  # whatever came until now
    await holds(beside.is_alive)


def _was_answered(page: Page, about: str) -> bool:
    return any(message.get("about") == about for message in page.seen)
