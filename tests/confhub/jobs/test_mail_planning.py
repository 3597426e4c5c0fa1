"""The planning of mails beside hubs that send them, and on hubs that do not."""

from __future__ import annotations

import asyncio
import datetime as dt

from confhub.bus.local import LocalBus
from confhub.config import Settings
from confhub.desks.mail.following import JOB
from confhub.desks.mail.planning import plan
from confhub.hub.wiring import _open_jobs
from confhub.identity import new_id
from confhub.jobs.runner import Runner
from confhub.people.actor import Actor
from confhub.store import Store, open_store
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import HOUR, MEETING, A, B, Hub, move, schedule, send_out
from tests.confhub.store.country import NOW, Country, found_country

DAY = 24 * HOUR


async def test_no_mail_is_claimed_between_the_look_at_it_and_the_end_of_the_planning(
    postgresql_settings: Settings,
) -> None:
    """SQLite has one writer anyway."""
    store = await open_store(postgresql_settings)
    try:
        await schedule(store, await found_country(store))
        await send_out(store)
        async with store.work(Actor(NOW), new_id()) as work:
            await plan(work, MEETING, "", 10, 60)
        async with store.work(Actor(NOW), new_id()) as work:
            seen = await work.mail.hold_of_sites(MEETING, ["site-a", "site-b"])
            assert set(seen) == {"site-a", "site-b"}
            async with asyncio.timeout(60):  # it waits for nobody
                assert await store.mail.claim(NOW, NOW + HOUR, 2) == []
        assert len(await store.mail.claim(NOW, NOW + HOUR, 2)) == 2
    finally:
        await store.close()


async def test_what_was_planned_and_dropped_is_neither_read_again_nor_kept(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    for _ in range(6):
        await move(store)
        await hub.plan()
    async with store.work(Actor(NOW)) as work:
        mails = await work.mail.hold_of_sites(MEETING, ["site-a"])
        assert [(mail.number, mail.state) for mail in mails["site-a"]] == [
            (7, "waiting"),
            (1, "sent"),
        ]
    later = NOW + 8 * DAY
    assert await taken(store, later) == (10, 5)
    assert await taken(store, later) == (0, 0)
    await hub.work()
    assert sorted(box.recipients()) == [A, A, B, B]


async def taken(store: Store, now: dt.datetime) -> tuple[int, int]:
    """Mails and letters that a sweep takes."""
    async with store.work(Actor(now)) as work:
        mails = await work.retention.mails(now - DAY, 99)
        return mails, await work.retention.letters(99)


async def test_a_hub_that_sends_no_mail_plans_it_for_those_that_do(
    store: Store, country: Country, settings: Settings
) -> None:
    assert not settings.mail_host
    bus = LocalBus()
    desk = _open_jobs(settings, store, bus, lambda: None, None, None, b"k" * 32)
    await schedule(store, country)
    await send_out(store)
    runner = Runner(store, [desk.runner._kinds[JOB]], lambda: NOW, "hub-1")
    while await runner.do_next():
        pass
    mails = await store.mail.latest(MEETING)
    assert {mail.state for mail in mails.values()} == {"waiting"}
    assert set(mails) == {"site-a", "site-b"}
    assert desk.postman is None
    await bus.close()
