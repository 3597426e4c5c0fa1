"""Jobs: claimed by one, done once, tried again with growing pauses, and given up in the open."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest

from confhub.errors import NotFound, Unavailable
from confhub.jobs.job import Job, Kind
from confhub.jobs.runner import Runner
from confhub.pauses import Pauses
from confhub.store import Store
from confhub.store.queue.jobs import LostLease
from confhub.supervision import supervise
from tests.confhub.store.country import NOW

SECOND = dt.timedelta(seconds=1)
PAUSES = Pauses(first_s=10.0, last_s=40.0)


@dataclasses.dataclass
class Hub:
    """One hub's runner, by a clock of its own."""

    store: Store
    work: Callable[[Job], Awaitable[None]]
    now: dt.datetime = NOW
    name: str = "hub-1"
    every: dt.timedelta | None = None
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        kind = Kind(
            "count",
            self.work,
            most_tries=3,
            pauses=PAUSES,
            every=self.every,
            timeout_s=self.timeout_s,
        )
        self.runner = Runner(self.store, [kind], lambda: self.now, self.name)

    async def add(self, job_id: str = "job") -> None:
        await self.store.jobs.add(job_id, "count", {"number": 1}, self.now, None)

    async def do_all(self) -> int:
        done = 0
        while await self.runner.do_next():
            done += 1
        return done


async def note(job: Job) -> None:
    async with job.piece() as work:
        await work.audit("counted", subject=job.id)


async def noted(store: Store) -> list[str]:
    return [entry.subject for entry in await store.audit.recent(99)]


async def test_a_job_is_done_once_however_often_it_is_added(store: Store) -> None:
    hub = Hub(store, note)
    for _ in range(3):
        await hub.add()
    assert await hub.do_all() == 1
    await hub.add()
    assert await hub.do_all() == 0
    assert await noted(store) == ["job"]
    assert hub.runner.outcomes["count", "done"] == 1


async def test_hubs_that_look_at_once_take_different_jobs(store: Store) -> None:
    hubs = [Hub(store, note, name=f"hub-{number}") for number in range(4)]
    for number in range(12):
        await hubs[0].add(f"job-{number}")
    did = await asyncio.gather(*(hub.do_all() for hub in hubs))
    assert sum(did) == 12
    assert sorted(await noted(store)) == sorted(f"job-{number}" for number in range(12))


async def test_what_fails_is_tried_again_with_growing_pauses_and_then_given_up(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(job: Job) -> None:
        async with job.piece() as work:
            await work.audit("counted", subject=job.id)
            raise Unavailable(code="mail_unavailable")

    hub = Hub(store, fail)
    await hub.add()
    tried_at = []
    for second in range(120):
        hub.now = NOW + second * SECOND
        if await hub.do_all():
            tried_at.append(second)
    # Pauses of 10 and 20 s, each up to half shorter.
    first, second, third = tried_at
    assert first == 0
    assert 5 <= second <= 11
    assert 10 <= third - second <= 21
    assert await noted(store) == []
    (dead,) = await store.jobs.dead(9)
    assert (dead.id, dead.topic, dead.tries, dead.payload) == ("job", "count", 3, {"number": 1})
    assert "mail_unavailable" in dead.error
    assert (await store.jobs.backlog(hub.now)).dead == 1
    outcomes = {outcome: number for (_, outcome), number in hub.runner.outcomes.items()}
    assert outcomes == {"done": 0, "failed": 2, "dead": 1}


async def test_what_was_given_up_can_be_done_again(store: Store) -> None:
    fails = True

    async def fail_first(job: Job) -> None:
        if fails:
            raise ZeroDivisionError
        await note(job)

    hub = Hub(store, fail_first)
    await hub.add()
    for _ in range(3):
        assert await hub.do_all() == 1
        hub.now += 60 * SECOND
    assert len(await store.jobs.dead(9)) == 1
    fails = False
    await store.jobs.revive("job", hub.now)
    assert await hub.do_all() == 1
    assert await noted(store) == ["job"]
    assert await store.jobs.dead(9) == []
    with pytest.raises(NotFound):
        await store.jobs.revive("job", hub.now)


async def test_who_lost_the_lease_stores_nothing_of_what_he_did(store: Store) -> None:
    slow, quick = Hub(store, note), Hub(store, note, name="hub-2")

    async def outlive(job: Job) -> None:
        quick.now = slow.now + dt.timedelta(minutes=10)
        assert await quick.do_all() == 1
        async with job.piece() as work:
            await work.audit("counted twice", subject=job.id)

    slow = Hub(store, outlive)
    await slow.add()
    assert await slow.do_all() == 1
    assert [entry.action for entry in await store.audit.recent(9)] == ["counted"]
    assert slow.runner.outcomes["count", "done"] == 0


async def test_an_outcome_under_an_old_epoch_is_refused(store: Store) -> None:
    await Hub(store, note).add()
    until = NOW + SECOND
    old = await store.jobs.claim(["count"], NOW, until, "hub-1")
    assert await store.jobs.claim(["count"], NOW, until, "hub-2") is None
    new = await store.jobs.claim(["count"], until, until + SECOND, "hub-2")
    assert old is not None
    assert new is not None
    assert (old.id, old.epoch, old.tries) == (new.id, 1, 1)
    with pytest.raises(LostLease):
        await store.jobs.finish(old, until)
    with pytest.raises(LostLease):
        await store.jobs.fail(old, "late", until, None)
    await store.jobs.finish(new, until)
    with pytest.raises(LostLease):
        await store.jobs.go_on(new, {}, until)


async def test_a_job_that_takes_its_hub_with_it_each_time_is_given_up_too(store: Store) -> None:
    hub = Hub(store, note)
    await hub.add()
    for _ in range(3):
        assert await store.jobs.claim(["count"], hub.now, hub.now + SECOND, "hub-1") is not None
        hub.now += SECOND
    assert await hub.do_all() == 1
    assert await noted(store) == []
    assert len(await store.jobs.dead(9)) == 1


async def test_a_hub_that_stops_gives_its_job_to_another_at_once(store: Store) -> None:
    begun = asyncio.Event()

    async def hang(job: Job) -> None:
        async with job.piece() as work:
            await work.audit("counted twice", subject=job.id)
            begun.set()
            await asyncio.Event().wait()

    stopping = Hub(store, hang)
    await stopping.add()
    task = supervise(stopping.runner.run, "jobs")
    await begun.wait()
    await task.close()
    claim = await store.jobs.claim(["count"], NOW, NOW + SECOND, "hub-2")
    assert claim is not None
    assert claim.tries == 1, "what was cut off counts as no try"
    await store.jobs.give_back(claim, NOW)
    assert await Hub(store, note, name="hub-2").do_all() == 1
    assert [entry.action for entry in await store.audit.recent(9)] == ["counted"]


async def test_a_job_that_hangs_is_cut_off(store: Store) -> None:
    async def hang(job: Job) -> None:
        await asyncio.Event().wait()

    hub = Hub(store, hang, timeout_s=0.05)
    await hub.add()
    assert await hub.do_all() == 1
    assert hub.runner.outcomes["count", "failed"] == 1


async def test_a_job_of_many_pieces_goes_on_where_it_was(store: Store) -> None:
    async def step(job: Job) -> None:
        number = int(str(job.payload["number"]))
        async with job.piece() as work:
            await work.audit("counted", subject=str(number))
            if number < 4:
                job.go_on({"number": number + 1}, job.now())

    hub = Hub(store, step)
    await hub.add()
    assert await hub.do_all() == 4
    assert sorted(await noted(store)) == ["1", "2", "3", "4"]


async def test_a_job_of_every_hour_is_made_once_an_hour_by_however_many_hubs(
    store: Store,
) -> None:
    hour = dt.timedelta(hours=1)
    hubs = [Hub(store, note, name=name, every=hour) for name in ("hub-1", "hub-2")]
    for minute in range(0, 180, 20):
        for hub in hubs:
            hub.now = NOW.replace(minute=0) + minute * dt.timedelta(minutes=1)
            await hub.runner._plan()
            await hub.do_all()
    assert len(await noted(store)) == 3
