"""An act that a program asks for twice under one key is done once, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from confhub.people.actor import Actor, Once
from confhub.people.api_token import ApiToken
from confhub.store import Store
from confhub.store.trail.kept_answers import KEPT, DoneBefore
from tests.confhub.store.country import NOW, Country, account

ONCE = Once("key-1", "token-1", "a" * 64, "meeting-1")


@pytest.fixture
async def actor(store: Store, country: Country) -> Actor:
    maker = account(country.district)
    await store.accounts.add(maker, "-")
    end = NOW + dt.timedelta(days=90)
    made = ("token-1", country.district, maker.id, "Một cửa", "h" * 64)
    await store.api_tokens.add(ApiToken(*made, ("write_meetings",), NOW, end))
    return Actor(NOW, maker, maker.id, token_id="token-1", token_name="Một cửa", once=ONCE)


async def done(store: Store) -> list[str]:
    return [line.detail for line in await store.audit.recent(9, "meeting-1")]


async def test_of_many_at_once_one_does_it_and_the_others_are_told(
    store: Store, actor: Actor
) -> None:
    async def act(number: int) -> bool:
        try:
            async with store.work(actor) as work:
                await asyncio.sleep(0)
                await work.audit("meeting.changed", subject="meeting-1", detail=str(number))
        except DoneBefore:
            return False
        return True

    assert sorted(await asyncio.gather(*map(act, range(5)))) == [False] * 4 + [True]
    assert len(await done(store)) == 1
    (line,) = await store.audit.recent(1, "meeting-1")
    assert line.changes["access_token"] == (None, "Một cửa (token-1)")


async def test_what_failed_holds_no_key(store: Store, actor: Actor) -> None:
    async def fail() -> None:
        async with store.work(actor) as work:
            await work.audit("meeting.changed", subject="meeting-1", detail="failed")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await store.kept_answers.find("key-1", NOW) is None
    async with store.work(actor) as work:
        await work.audit("meeting.changed", subject="meeting-1", detail="done")
    assert await done(store) == ["done"]


async def test_the_answer_is_kept_for_a_day(store: Store, actor: Actor) -> None:
    async with store.work(actor) as work:
        await work.audit("meeting.changed", subject="meeting-1", detail="1")
    kept = await store.kept_answers.find("key-1", NOW)
    assert kept is not None
    assert (kept.asked, kept.subject, kept.status) == ("a" * 64, "meeting-1", None)
    await store.kept_answers.keep("key-1", 201, {"ETag": '"1"'}, b"{}")
    kept = await store.kept_answers.find("key-1", NOW + KEPT - dt.timedelta(seconds=1))
    assert kept is not None
    assert (kept.status, kept.headers, kept.body) == (201, {"ETag": '"1"'}, b"{}")
    later = NOW + KEPT
    assert await store.kept_answers.find("key-1", later) is None
    anew = Actor(later, actor.account, actor.account_id, token_id="token-1", once=ONCE)
    async with store.work(anew) as work:
        await work.audit("meeting.changed", subject="meeting-1", detail="2")
    kept = await store.kept_answers.find("key-1", later)
    assert kept is not None
    assert kept.status is None
