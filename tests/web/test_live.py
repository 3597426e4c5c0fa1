"""News of accounts reach what is open, whatever goes wrong with one of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from confhub.bus.local import LocalBus
from confhub.bus.news import ACCOUNTS_TOPIC, AccountNews, encode
from confhub.supervision import Supervised, supervise
from web.live import Live
from web.services import Services


@contextlib.asynccontextmanager
async def following(news: Live) -> AsyncIterator[Supervised]:
    task = supervise(news.follow, "account news")
    try:
        yield task
    finally:
        await task.close()


async def told(services: Services, task: Supervised, heard: asyncio.Event) -> None:
    """Tell of the account until it is heard: the bus keeps nothing for who is not there yet."""
    async with asyncio.timeout(10):
        while not heard.is_set():
            assert not task.done()
            await services.bus.publish(ACCOUNTS_TOPIC, encode(AccountNews("an")))
            await asyncio.sleep(0.01)


async def test_a_page_that_fails_keeps_no_other_from_its_news(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    news, heard = Live(services), asyncio.Event()

    def fails() -> None:
        raise ZeroDivisionError

    async with following(news) as task:
        with news.watch("an", fails), news.watch("an", heard.set):
            await told(services, task, heard)
        again = asyncio.Event()
        with news.watch("an", again.set):
            await told(services, task, again)
    assert "a page did not take account news" in caplog.text


async def test_news_go_on_after_an_error_nobody_foresaw(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe, failures = services.bus.subscribe, [ZeroDivisionError()]

    def failing_once(topic: str) -> Any:
        if failures:
            raise failures.pop()
        return subscribe(topic)

    monkeypatch.setattr(services.bus, "subscribe", failing_once)
    news, heard = Live(services), asyncio.Event()
    with news.watch("an", heard.set):
        async with following(news) as task:
            await told(services, task, heard)
    assert "account news failed" in caplog.text


async def test_where_news_were_lost_everybody_is_asked(services: Services) -> None:
    news, one, other = Live(services), asyncio.Event(), asyncio.Event()
    async with following(news) as task:
        with news.watch("an", one.set):
            await told(services, task, one)
        one.clear()
        assert isinstance(services.bus, LocalBus)
        with news.watch("an", one.set), news.watch("binh", other.set):
            services.bus.lose_news(ACCOUNTS_TOPIC)
            async with asyncio.timeout(10):
                await asyncio.gather(one.wait(), other.wait())
