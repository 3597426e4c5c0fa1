"""Notices about times that have to be confirmed, each in its receiver's language."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from confhub.desks.mail.notices import asking_about, still_told
from confhub.jobs.bags.bag import Ready
from confhub.mail.message import Sender, notice_message
from confhub.mail.notice import GATHERED, TO_CENTRE, Notice, is_true, notice_body
from confhub.store import Store
from confhub.store.queue.outgoing import Outgoing
from confhub.words.addresses import can_be_sent_to
from confhub.words.catalogue import catalogue
from confhub.words.formats import Formats
from confhub.words.languages import Language


class PeopleBag:
    """As its module."""

    def __init__(self, store: Store, sender: Sender) -> None:
        self.queue: Outgoing[Notice] = store.notices
        self._store = store
        self._sender = sender

    async def beside(self, one: Notice, now: dt.datetime, until: dt.datetime) -> Sequence[Notice]:
        return await self._store.notices.join(one, now, until) if one.what in GATHERED else ()

    async def ready(self, one: Notice, also: Sequence[Notice], now: dt.datetime) -> Ready:
        store = self._store
        accounts = await store.accounts.get_many([one.account_id])
        people = await store.accounts.people([one.account_id])
        asking = await asking_about(store, one.meeting_id, now.astimezone(self._zone).date())
        if not accounts or not accounts[0].active or asking is None:
            return Ready(is_past=True)
        person = people[one.account_id]
        is_due = is_true(one, asking, now) and await still_told(store, asking, one, now)
        if not is_due or not can_be_sent_to(person.email):
            return Ready(is_past=True)
        others, named = {}, set()
        for other in also:
            told = await asking_about(store, other.meeting_id, now.astimezone(self._zone).date())
            is_due = told is not None and is_true(other, told, now)
            if told is not None and is_due and await still_told(store, told, other, now):
                others[other.meeting_id] = told.meeting
                named.add(other.id)
        sender = self._speaking(accounts[0].language)
        body = notice_body(one.what, asking, others, sender.origin, sender.say, sender.formats)
        whose = asking.host if one.what in TO_CENTRE else asking.centre
        to = person.name, person.email
        data = await asyncio.to_thread(notice_message, one, body, whose, to, sender)
        return Ready(person.email, data, told=frozenset(named))

    @property
    def _zone(self) -> dt.tzinfo:
        return self._sender.formats.zone

    def _speaking(self, language: Language) -> Sender:
        return replace(
            self._sender,
            say=catalogue(language).gettext,
            formats=Formats(language, self._sender.formats.zone),
            language=language,
        )
