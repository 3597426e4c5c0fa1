"""Workers in processes of their own, to be killed; and what they must have done in the end.

A numbered job has two pieces. Each writes a line on record and tells something; where it was
delivered, a line is in a file.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from confhub.config import Settings
from confhub.identity import part_id
from confhub.jobs.delivery import Delivery
from confhub.jobs.job import Job, Kind
from confhub.jobs.runner import Runner
from confhub.pauses import Pauses
from confhub.store import Store, Told
from confhub.store import tables as t
from confhub.store.database.database import Database
from confhub.store.database.location import database_url

PIECES = 2
TOPIC = "numbers"
KIND = "number"
# A lease of half a minute passes in a third of a second, and some are lost at work too.
FASTER = 100.0
BEGAN = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
QUICK = Pauses(first_s=0.1, last_s=1.0)
MOST_TRIES = 1_000_000  # this is about loss, not about patience


def quick_now() -> dt.datetime:
    return BEGAN + dt.timedelta(seconds=(time.time() % 1_000_000) * FASTER)


def opened(settings: Settings) -> Store:
    """The store without the look at its form, which takes longer than a worker lives."""
    return Store(Database(database_url(settings)))


async def add_jobs(settings: Settings, count: int) -> None:
    store = opened(settings)
    try:
        for number in range(count):
            await store.jobs.add(
                part_id("number", str(number)),
                KIND,
                {"number": number, "piece": 0},
                quick_now(),
                None,
            )
    finally:
        await store.close()


async def count_one(job: Job) -> None:
    number, piece = str(job.payload["number"]), int(str(job.payload["piece"]))
    async with job.piece() as work:
        await work.audit("counted", subject=number, detail=str(piece))
        await work.tell(TOPIC, {"number": number, "piece": piece})
        if piece + 1 < PIECES:
            job.go_on({"number": number, "piece": piece + 1}, job.now())


def work(settings: Settings, holder: str, die_at: int | None = None) -> None:
    """Until everything is done and delivered; or killed by oneself at a step."""
    count = dying_at(die_at) if die_at is not None else lambda: None
    asyncio.run(_work(settings, holder, count))


EVERY = ("before_cursor_execute", "after_cursor_execute", "commit", "rollback")


def dying_at(step: int, events: Sequence[str] = EVERY) -> Callable[[], None]:
    """Counts steps, those of the database by itself, and kills this process at one of them."""
    left = step

    def count(*_: object) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    for name in events:
        event.listen(Engine, name, count)
    return count


async def _work(settings: Settings, holder: str, count: Callable[[], None]) -> None:
    store = opened(settings)
    log = Path(settings.data_dir) / "delivered"

    async def deliver(told: Told) -> None:
        count()
        with log.open("ab", buffering=0) as file:
            file.write(f"{told.payload['number']} {told.payload['piece']}\n".encode())
        count()

    kind = Kind(KIND, count_one, timeout_s=2.0, most_tries=MOST_TRIES, pauses=QUICK)
    runner = Runner(store, [kind], quick_now, holder)
    delivery = Delivery(
        store, {TOPIC: deliver}, quick_now, lease_s=30.0, pauses=QUICK, most_tries=MOST_TRIES
    )
    try:
        while True:
            did = await runner.do_next()
            did = bool(await delivery.deliver_waiting()) or did
            now = quick_now()
            if not did:
                jobs, news = await store.jobs.backlog(now), await store.outbox.backlog(now)
                if jobs.waiting + news.waiting == 0:
                    return
                await asyncio.sleep(0.005)  # until a lease of who was killed ends
    finally:
        await store.close()


def assert_all_is_done_once(settings: Settings, count: int) -> int:
    """How often something was delivered once more than needed."""
    every = {(str(number), str(piece)) for number in range(count) for piece in range(PIECES)}
    on_record, told, jobs = asyncio.run(_record(settings))
    assert on_record == Counter(every), "on record, each once"
    assert told == Counter(dict.fromkeys(every, 1)), "told, each once, and all delivered"
    assert jobs == count
    lines = (Path(settings.data_dir) / "delivered").read_text("ascii").split()
    delivered = Counter(zip(lines[::2], lines[1::2], strict=True))
    assert delivered.keys() == every, "delivered, each at least once"
    return delivered.total() - len(every)


async def _record(
    settings: Settings,
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], int]:
    store = opened(settings)
    try:
        async with store._database.read() as connection:
            audit = await connection.execute(select(t.audit.c.subject, t.audit.c.detail))
            told = await connection.scalars(
                select(t.outbox.c.payload).where(t.outbox.c.delivered_at.is_not(None))
            )
            done = await connection.scalars(select(t.job.c.id).where(t.job.c.done_at.is_not(None)))
            return (
                Counter((row.subject, row.detail) for row in audit),
                Counter((str(one["number"]), str(one["piece"])) for one in told),
                len(done.all()),
            )
    finally:
        await store.close()
