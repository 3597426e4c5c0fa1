"""Who is cancelled while it claims gives back what the claim brings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.errors import Unavailable
from confhub.jobs import claiming
from confhub.jobs.claiming import claimed
from confhub.jobs.delivery import Delivery
from confhub.jobs.job import Job, Kind
from confhub.jobs.runner import Runner
from confhub.people.actor import Actor
from confhub.store import Store, Told
from tests.confhub.store.country import NOW


class Held:
    """A claim whose answer comes late: it is written, and nobody knows yet."""

    def __init__(self, claim: Callable[..., Awaitable[object]]) -> None:
        self.written, self.goes_on = asyncio.Event(), asyncio.Event()
        self._claim = claim

    async def __call__(self, *given: object) -> object:
        found = await self._claim(*given)
        self.written.set()
        await self.goes_on.wait()
        return found

    async def cut_off(self, doing: Awaitable[object]) -> None:
        task = asyncio.ensure_future(doing)
        await self.written.wait()
        task.cancel()
        self.goes_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_news_of_a_delivery_that_is_cut_off_while_it_claims_are_another_s_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.work(Actor(NOW)) as work:
        await work.tell(MEETINGS_TOPIC, MeetingNews("m1", "changed"))
    delivered: list[str] = []

    async def deliver(told: Told) -> None:
        delivered.append(told.id)

    topics, held = {MEETINGS_TOPIC: deliver}, Held(store.outbox.claim)
    with monkeypatch.context() as patch:
        patch.setattr(store.outbox, "claim", held)
        await held.cut_off(Delivery(store, topics, lambda: NOW).deliver_waiting())
    assert delivered == []
    assert await Delivery(store, topics, lambda: NOW).deliver_waiting() == 1


async def test_a_job_of_a_runner_that_is_cut_off_while_it_claims_is_another_s_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def work(job: Job) -> None:
        done.append(job.id)

    await store.jobs.add("job", "count", {}, NOW, None)
    kind = Kind("count", work)
    held = Held(store.jobs.claim)
    with monkeypatch.context() as patch:
        patch.setattr(store.jobs, "claim", held)
        await held.cut_off(Runner(store, [kind], lambda: NOW, "hub-1").do_next())
    assert await Runner(store, [kind], lambda: NOW, "hub-2").do_next()
    assert done == ["job"]


async def test_a_database_that_does_not_answer_holds_up_no_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claiming, "GIVE_BACK_S", 0.01)
    begun = asyncio.Event()

    async def hangs() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def refused(_found: None) -> None:
        raise Unavailable

    task = asyncio.ensure_future(claimed(hangs(), refused))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
