"""What was told is delivered: at once, in order, again after a failure, given up in the open."""

from __future__ import annotations

import asyncio
import datetime as dt

from confhub.bus.local import LocalBus
from confhub.bus.news import MEETINGS_TOPIC, MeetingNews, decode_meeting
from confhub.errors import Unavailable
from confhub.jobs.delivery import Delivery, news_on
from confhub.jobs.desk import JobDesk
from confhub.jobs.job import Job, Kind
from confhub.people.actor import Actor
from confhub.store import Store, Told
from confhub.supervision import supervise
from tests.confhub.store.country import NOW
from tests.waiting import until

SECOND = dt.timedelta(seconds=1)


async def tell(store: Store, *meetings: str) -> None:
    async with store.work(Actor(NOW)) as work:
        for meeting in meetings:
            await work.tell(MEETINGS_TOPIC, MeetingNews(meeting, "changed"))


async def test_news_are_on_the_bus_as_soon_as_they_are_committed(store: Store) -> None:
    bus = LocalBus()
    delivery = Delivery(store, news_on(bus), lambda: NOW, look_every_s=3600.0)
    store.on_told(delivery.wake)
    task = supervise(delivery.run, "outbox")
    async with bus.subscribe(MEETINGS_TOPIC) as heard:
        await tell(store, "m1", "m2", "m3")
        async with asyncio.timeout(10):
            found = [decode_meeting(await anext(heard)) for _ in range(3)]
    assert found == [MeetingNews(meeting, "changed") for meeting in ("m1", "m2", "m3")]

    async def is_settled() -> bool:
        return (await store.outbox.backlog(NOW)).waiting == 0

    await until(is_settled)
    await task.close()
    await bus.close()


async def test_what_fails_waits_and_holds_up_nothing_else(store: Store) -> None:
    now, delivered, away = NOW, [], True

    async def deliver(told: Told) -> None:
        if away and told.payload["meeting_id"] == "m1":
            raise Unavailable(code="bus_unavailable")
        delivered.append(told.payload["meeting_id"])

    delivery = Delivery(store, {MEETINGS_TOPIC: deliver}, lambda: now)
    await tell(store, "m1", "m2")
    assert await delivery.deliver_waiting() == 2
    assert delivered == ["m2"]
    assert await delivery.deliver_waiting() == 0
    away, now = False, NOW + SECOND
    assert await delivery.deliver_waiting() == 1
    assert delivered == ["m2", "m1"]
    assert (await store.outbox.backlog(now)).waiting == 0


async def test_what_cannot_be_delivered_is_given_up_and_can_be_sent_again(store: Store) -> None:
    now, delivered, broken = NOW, [], True

    async def deliver(told: Told) -> None:
        if broken:
            raise ZeroDivisionError
        delivered.append(told.id)

    delivery = Delivery(store, {MEETINGS_TOPIC: deliver}, lambda: now, most_tries=2)
    await tell(store, "m1")
    for _ in range(3):
        await delivery.deliver_waiting()
        now += 3600 * SECOND
    (dead,) = await store.outbox.dead(9)
    assert (dead.topic, dead.tries, dead.error) == (MEETINGS_TOPIC, 2, "ZeroDivisionError: ")
    assert delivery.outcomes[MEETINGS_TOPIC, "dead"] == 1
    await store.outbox.revive(dead.id, now)
    broken = False
    assert await delivery.deliver_waiting() == 1
    assert delivered == [dead.id]
    assert await store.outbox.dead(9) == []


async def test_a_topic_of_another_version_is_left_to_it(store: Store) -> None:
    delivery = Delivery(store, {"letters": news_on(LocalBus())[MEETINGS_TOPIC]}, lambda: NOW)
    await tell(store, "m1")
    assert await delivery.deliver_waiting() == 0
    assert (await store.outbox.backlog(NOW)).waiting == 1


async def test_what_a_hub_that_stops_did_not_deliver_is_another_s_at_once(store: Store) -> None:
    begun = asyncio.Event()
    delivered: list[object] = []

    async def hang(told: Told) -> None:
        if delivered:
            begun.set()
            await asyncio.Event().wait()
        delivered.append(told.payload["meeting_id"])

    async def deliver(told: Told) -> None:
        delivered.append(told.payload["meeting_id"])

    await tell(store, "m1", "m2", "m3")
    task = supervise(Delivery(store, {MEETINGS_TOPIC: hang}, lambda: NOW).run, "outbox")
    await begun.wait()
    await task.close()
    other = Delivery(store, {MEETINGS_TOPIC: deliver}, lambda: NOW)
    assert await other.deliver_waiting() == 2
    assert delivered == ["m1", "m2", "m3"]


async def test_what_a_dead_hub_had_claimed_is_delivered_by_another(store: Store) -> None:
    bus, now = LocalBus(), NOW
    delivery = Delivery(store, news_on(bus), lambda: now)
    await tell(store, "m1")
    (claimed,) = await store.outbox.claim([MEETINGS_TOPIC], NOW, NOW + SECOND, 9)
    assert await delivery.deliver_waiting() == 0
    now = NOW + SECOND
    async with bus.subscribe(MEETINGS_TOPIC) as heard:
        assert await delivery.deliver_waiting() == 1
        assert decode_meeting(await anext(heard)).meeting_id == "m1"
    # The first, should it live after all, has no say any more.
    assert not await store.outbox.failed(claimed, "late", now, now)
    await bus.close()


async def test_a_hub_that_stops_delivers_first_what_was_told(store: Store) -> None:
    bus = LocalBus()
    desk = JobDesk(store, [Kind("nothing", _nothing)], news_on(bus), lambda: NOW, "hub")
    async with bus.subscribe(MEETINGS_TOPIC) as heard:
        desk.start()
        await tell(store, "m1", "m2")
        await desk.close()
        found = [decode_meeting(await anext(heard)).meeting_id for _ in range(2)]
    assert found == ["m1", "m2"]
    assert (await store.outbox.backlog(NOW)).waiting == 0
    await bus.close()


async def _nothing(_job: Job) -> None:
    """There is none to do."""
