"""Invitations to sites, and what changes of them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from confhub.desks.letters.papers import NotPrinted, Papers
from confhub.jobs.bags.bag import Ready
from confhub.mail.letter import Letter, Mail
from confhub.mail.message import Attached, Marks, Sender, message_of
from confhub.mail.text import COMES, Recipient
from confhub.meetings.meeting import JoinLink
from confhub.meetings.tokens import JoinTokens
from confhub.store import Store
from confhub.store.queue.outgoing import Outgoing
from confhub.words.addresses import can_be_sent_to

# An invitation whose letter cannot be printed goes without it after so many tries, which are some
# minutes: its link matters more.
PRINT_TRIES = 3


class SiteBag:
    """As its module."""

    def __init__(self, store: Store, sender: Sender, tokens: JoinTokens, papers: Papers) -> None:
        self.queue: Outgoing[Mail] = store.mail
        self.sender = sender
        self._store = store
        self._tokens = tokens
        self._papers = papers

    async def beside(self, one: Mail, now: dt.datetime, until: dt.datetime) -> Sequence[Mail]:
        return ()

    async def ready(self, one: Mail, also: Sequence[Mail], now: dt.datetime) -> Ready:
        store, sender = self._store, self.sender
        letters = await store.mail.letters({one.letter_id, one.before_id or one.letter_id})
        letter, site = letters[one.letter_id], await store.sites.get(one.site_id)
        zone = sender.formats.zone
        day = letter.meeting.starts_at.astimezone(zone).date()
        called = (await store.sites.on_days([(site.id, day)], zone))[site.id, day]
        units = await store.units.names_on([(called.unit_id, day)])
        link = JoinLink(one.link_id, one.meeting_id, one.site_id, letter.meeting.ends_at)
        address = f"{letter.origin}/join/{self._tokens.sign(link)}"
        to = Recipient(called.name, units[called.unit_id, day], address)
        before, data = letters.get(one.before_id or ""), b""
        if can_be_sent_to(site.email):
            marks = self._marks(one)
            attached = await self._attached(one, letter)
            data = await asyncio.to_thread(
                message_of, one, letter, before, to, site.email, sender, marks, attached
            )
        is_late = letter.meeting.ends_at <= now and one.kind != "cancel"
        return Ready(site.email, data, is_late)

    async def _attached(self, one: Mail, letter: Letter) -> Attached | None:
        if one.kind not in COMES:
            return None
        try:
            return await self._papers.of(letter)
        except NotPrinted:
            if one.tries < PRINT_TRIES:
                raise
            return None

    def _marks(self, one: Mail) -> Marks:
        answers = self._tokens.answers
        return Marks(answers.sign(one.link_id), answers.sign_mail(one.link_id))
