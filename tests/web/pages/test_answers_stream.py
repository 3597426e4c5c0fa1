"""Whoever has the table of answers open hears that a site answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from aiohttp import ClientResponse

from confhub.answers.given import Given
from confhub.bus.local import LocalBus
from confhub.bus.news import ANSWERS_TOPIC
from confhub.desks.answers import giving
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from tests.web.board_pages import Stream
from tests.web.browser import NOON, SignedIn, WebClient, submit
from tests.web.meeting_pages import ROOMS, of_nam_po
from web.pages.answers import stream as answers_stream
from web.services import Services

SITES = (ROOMS["nam-po"], ROOMS["cha-nua"], ROOMS["si-pha"])


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream's own pace, faster: what it sends does not depend on it."""
    monkeypatch.setattr(answers_stream, "BEAT_S", 0.05)
    monkeypatch.setattr(answers_stream, "CHECK_S", 0.1)
    monkeypatch.setattr(answers_stream, "GATHER_S", 0.01)


@pytest_asyncio.fixture
async def meetings(services: Services) -> AsyncIterator[list[Meeting]]:
    made = []
    for number in (1, 2):
        start = NOON + dt.timedelta(days=2 * number)
        made.append(of_nam_po(start, id=f"briefing-{number}", sites=SITES))
        await services.store.meetings.add(made[-1])
        await services.store.links.ensure(made[-1], made[-1].ends_at)
    yield made


async def listen(browser: WebClient, meeting: Meeting) -> tuple[ClientResponse, Stream]:
    answer = await browser.get(f"/meetings/{meeting.id}/answers/stream")
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/event-stream"
    stream = Stream(answer)
    # What was answered before is told at once: the page may be older than the stream.
    assert await stream.next() == ("answers", {"meeting_id": meeting.id})
    return answer, stream


async def say(services: Services, meeting: Meeting, site_id: str) -> None:
    links = await services.store.links.latest(meeting.id)
    (link,) = [one for one in links if one.site_id == site_id]
    actor = Actor(services.clock().astimezone(services.zone))
    await giving.answer_by_link(services.store, actor, link.id, 0, Given("attending"))


async def quiet(stream: Stream) -> bool:
    return [(await stream.next())[0] for _ in range(3)] == ["beat"] * 3


async def test_the_secretary_hears_of_each_answer_to_this_meeting_alone(
    signed_in: SignedIn, services: Services, meetings: list[Meeting]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    page = await (await browser.get(f"/meetings/{meetings[0].id}/answers")).text()
    assert "js/answers.js" in page
    assert 'data-live="answers"' in page
    answer, stream = await listen(browser, meetings[0])
    await say(services, meetings[1], ROOMS["cha-nua"])
    assert await quiet(stream)
    await say(services, meetings[0], ROOMS["cha-nua"])
    await stream.expect("answers")
    assert await quiet(stream)
    await services.bus.publish(ANSWERS_TOPIC, b"{}")  # of a hub that says it otherwise
    await stream.expect("answers")
    answer.close()


async def test_a_site_hears_of_its_own_answer_and_of_no_others(
    signed_in: SignedIn, services: Services, meetings: list[Meeting]
) -> None:
    answer, stream = await listen(await signed_in("site", "cha-nua"), meetings[0])
    await say(services, meetings[0], ROOMS["si-pha"])
    assert await quiet(stream)
    await say(services, meetings[0], ROOMS["cha-nua"])
    await stream.expect("answers")
    answer.close()


async def test_news_that_were_lost_are_asked_for_and_who_signs_out_hears_no_more(
    signed_in: SignedIn, services: Services, meetings: list[Meeting]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer, stream = await listen(browser, meetings[0])
    assert isinstance(services.bus, LocalBus)
    services.bus.lose_news(ANSWERS_TOPIC)
    await stream.expect("answers")
    assert (await submit(browser, "/signout", {})).status == 303
    await stream.expect("signed_out")
    with pytest.raises(EOFError):
        await stream.next()
    answer.close()


async def test_others_are_told_nothing(signed_in: SignedIn, meetings: list[Meeting]) -> None:
    browser = await signed_in("secretary", "lai-chau")
    assert (await browser.get(f"/meetings/{meetings[0].id}/answers/stream")).status == 404


async def test_a_site_that_is_invited_meanwhile_is_heard_of(
    signed_in: SignedIn, services: Services, meetings: list[Meeting]
) -> None:
    answer, stream = await listen(await signed_in("secretary", "nam-po"), meetings[0])
    assert await quiet(stream)
    known = await services.store.meetings.get(meetings[0].id)
    late = ROOMS["dien-bien"]
    wider = await services.store.meetings.update(replace(known, sites=(*known.sites, late)))
    await stream.expect("answers")  # the table has one more
    assert await quiet(stream)
    await services.store.links.ensure(wider, wider.ends_at)
    await say(services, wider, late)
    await stream.expect("answers")
    answer.close()
