"""How a mail went is put on record, also while the store is away; none is tried for ever."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from confhub.errors import Unavailable
from confhub.jobs import claiming
from confhub.mail.outcome import NOT_WRITTEN, parts_of
from confhub.pauses import Pauses
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import A, B, Hub, send_out
from tests.confhub.store.country import NOW

AT_ONCE = Pauses(first_s=0.0, last_s=0.0)
DAY = dt.timedelta(days=1)


class Away:
    """The store is away for the first calls."""

    def __init__(self, write: Callable[..., Any], calls: int) -> None:
        self.called = asyncio.Event()
        self.calls = calls
        self._write = write

    async def __call__(self, *given: object) -> object:
        self._count()
        return await self._write(*given)

    @contextlib.asynccontextmanager
    async def at_once(self) -> AsyncIterator[object]:
        self._count()
        async with self._write() as queue:
            yield queue

    def _count(self) -> None:
        self.called.set()
        self.calls -= 1
        if self.calls >= 0:
            raise Unavailable


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("", "sent"),
        ("550 5.1.1 No such mailbox", "refused"),
        ("451 4.7.1 Greylisted", "waiting"),
    ],
)
async def test_while_the_store_is_away_the_outcome_is_kept(
    store: Store,
    hub: Hub,
    box: Box,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    state: str,
) -> None:
    monkeypatch.setattr(claiming, "_PAUSES", AT_ONCE)
    away = Away(store.mail.at_once, 3)
    monkeypatch.setattr(store.mail, "at_once", away.at_once)
    if answer:
        box.answers_to["*"] = [answer]
    await send_out(store)
    await hub.work()
    mail = await hub.mail_of("a")
    assert (mail.state, mail.tries, mail.in_hand) == (state, 1, False)
    assert away.calls < 0
    if state == "sent":
        await hub.later(DAY)
        assert sorted(box.recipients()) == [A, B]


async def test_a_hub_that_stops_while_the_store_is_away_tries_once_more(
    store: Store, hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Away(store.mail.at_once, 1)
    with monkeypatch.context() as patch:
        patch.setattr(store.mail, "at_once", away.at_once)
        await send_out(store)
        await hub.plan()
        sending = asyncio.ensure_future(hub.postman.send_next())
        await away.called.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    states = {mail.state for mail in (await store.mail.latest("meeting-1")).values()}
    assert states == {"sent", "waiting"}


async def test_a_mail_that_was_not_written_as_the_store_was_away_is_anybodys_at_once(
    store: Store, hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send_out(store)
    await hub.plan()
    with monkeypatch.context() as patch:
        patch.setattr(store.mail, "letters", Away(store.mail.letters, 1))
        with pytest.raises(Unavailable):
            await hub.postman.send_next()
    assert [(await hub.mail_of(code)).may_have_arrived for code in "ab"] == [False, False]
    await hub.work()
    assert sorted(box.recipients()) == [A, B]


async def test_a_mail_that_cannot_be_written_holds_up_no_other_and_is_given_up(
    store: Store, hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = store.sites.get

    async def unreadable(site_id: str) -> object:
        if site_id == "site-a":
            raise ValueError("no such field")
        return await get(site_id)

    monkeypatch.setattr(store.sites, "get", unreadable)
    await send_out(store)
    await hub.work()
    assert box.recipients() == [B]
    mail = await hub.mail_of("a")
    assert (mail.state, mail.in_hand) == ("waiting", False)
    assert parts_of(mail.error) == (NOT_WRITTEN, "ValueError: no such field")
    for _ in range(2):
        await hub.later(DAY / 24)
    assert (await hub.mail_of("a")).state == "refused"


async def test_a_mail_over_which_hubs_die_is_given_up(store: Store, hub: Hub, box: Box) -> None:
    await send_out(store)
    await hub.plan()
    for number in range(3):  # as many as it is tried
        at = NOW + number * DAY / 24
        assert len(await store.mail.claim(at, at + DAY / 24, 2)) == 2
    await hub.later(DAY / 8)
    assert box.mails == []
    mail = await hub.mail_of("a")
    assert (mail.state, "no try came to an end" in mail.error) == ("refused", True)
