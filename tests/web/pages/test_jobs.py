"""Jobs and news that were given up: shown to who runs the house, and tried again."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.people.actor import Actor
from tests.web.browser import Clock, SignedIn, csrf
from web.services import Services

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
async def given_up(services: Services, clock: Clock) -> None:
    store, now = services.store, clock.now
    await store.jobs.add("job-1", "overrun meetings", {}, now, None)
    claim = await store.jobs.claim(["overrun meetings"], now, now + MINUTE, "hub-1")
    assert claim is not None
    await store.jobs.fail(claim, "Unavailable: bus_unavailable", now, None)
    async with store.work(Actor(now)) as work:
        await work.tell("letters", {"to": "ai@example.vn"})
    (told,) = await store.outbox.claim(["letters"], now, now + MINUTE, 1)
    await store.outbox.failed(told, "<b>no such mailbox</b>", now, None)


@pytest.mark.usefixtures("given_up")
async def test_what_was_given_up_is_shown_with_its_reason(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "central")
    page = await (await browser.get("/jobs")).text()
    for words in (
        "Tìm cuộc họp quá giờ",
        "Unavailable: bus_unavailable",
        "letters",
        "&lt;b&gt;no such mailbox&lt;/b&gt;",
    ):
        assert words in page


@pytest.mark.usefixtures("given_up")
async def test_it_is_tried_again_on_record_and_gone_from_the_page(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("admin", "central")
    token = {"csrf": await csrf(browser)}
    (told,) = await services.store.outbox.dead(9)
    for path in ("/jobs/job/job-1/again", f"/jobs/news/{told.id}/again"):
        answer = await browser.post(path, data=token, allow_redirects=False)
        assert answer.status == 303
        # Twice is no second try.
        assert (await browser.post(path, data=token)).status == 404
    assert "Không có việc nào bị bỏ dở" in await (await browser.get("/jobs")).text()
    now = clock.now
    assert await services.store.jobs.claim(["overrun meetings"], now, now + MINUTE, "hub-1")
    assert await services.store.outbox.claim(["letters"], now, now + MINUTE, 1)
    (line,) = await services.store.audit.recent(9, "job-1")
    assert (line.action, line.account_id != "") == ("job.again", True)


@pytest.mark.usefixtures("given_up")
async def test_who_administers_a_part_has_no_say(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    assert (await browser.get("/jobs")).status == 403
    assert "/jobs" not in await (await browser.get("/")).text()
    token = {"csrf": await csrf(browser)}
    assert (await browser.post("/jobs/job/job-1/again", data=token)).status == 403


async def test_nothing_else_can_be_tried_again(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "central")
    token = {"csrf": await csrf(browser)}
    assert (await browser.post("/jobs/meeting/job-1/again", data=token)).status == 404
