"""Sends mail, one after another, by whichever hub is free.

A mail is claimed before it goes and settled after: who is killed between loses nothing. One window
is left, and SMTP leaves it to everybody (RFC 1047): the server has the mail, and who sent it dies,
or the line breaks, before that is on record (a store that is away is waited for). Then it goes once
more, with the same Message-ID, UID and SEQUENCE, by which mail programs know it again; and what is
to be told after it is told as to a site that knows it. Where nobody hears how it ended that time
either, it is given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from confhub.desks.letters.papers import NotPrinted, Papers
from confhub.errors import Unavailable
from confhub.jobs.claiming import claimed, in_time, surely
from confhub.jobs.smtp import SmtpLine
from confhub.mail.letter import Letter, Mail
from confhub.mail.message import Attached, Marks, Sender, message_of
from confhub.mail.outcome import (
    NO_ADDRESS,
    NOT_HEARD,
    NOT_WRITTEN,
    TOO_LATE,
    UNKNOWN,
    Outcome,
    Result,
)
from confhub.mail.text import COMES, Recipient
from confhub.meetings.meeting import JoinLink
from confhub.meetings.tokens import JoinTokens
from confhub.pauses import Pauses
from confhub.store import Store
from confhub.words.addresses import can_be_sent_to

log = logging.getLogger(__name__)

# Mails that were just planned, or that another hub left when it died, are found this soon.
LOOK_EVERY_S = 5.0
GRACE_S = 30.0  # clocks of hubs differ by this
# Greylisting wants some minutes, a full mailbox a day.
PAUSES = Pauses(first_s=60.0, last_s=3600.0)
MOST_TRIES = 40  # with these pauses more than a day
# An invitation whose letter cannot be printed goes without it after so many tries, which are some
# minutes: its link matters more.
PRINT_TRIES = 3
# A server that restarts is back within a minute; nobody is helped by a call each second.
TROUBLE_PAUSES = Pauses(first_s=5.0, last_s=300.0)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A mail as it goes; `data` is empty where `email` cannot be sent to."""

    mail: Mail
    letter: Letter
    email: str
    data: bytes


class Postman:
    """`run` is supervised. `outcomes` counts by result."""

    def __init__(
        self,
        store: Store,
        line: SmtpLine,
        sender: Sender,
        tokens: JoinTokens,
        papers: Papers,
        now: Callable[[], dt.datetime],
        *,
        look_every_s: float = LOOK_EVERY_S,
        pauses: Pauses = PAUSES,
        trouble_pauses: Pauses = TROUBLE_PAUSES,
        most_tries: int = MOST_TRIES,
    ) -> None:
        self.outcomes: Counter[str] = Counter(dict.fromkeys(get_args(Result), 0))
        self._store = store
        self._line = line
        self._sender = sender
        self._tokens = tokens
        self._papers = papers
        self._now = now
        self._look_every_s = look_every_s
        self._pauses = pauses
        self._trouble_pauses = trouble_pauses
        self._most_tries = most_tries
        self._lease = dt.timedelta(seconds=papers.most_s + line.most_s + GRACE_S)
        self._troubles = 0
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look at once for what was just planned."""
        self._wake.set()

    async def run(self) -> None:
        try:
            while True:
                self._wake.clear()
                while await self.send_next():
                    pass
                await self._line.close()
                pause_s = self._look_every_s
                if self._troubles:
                    self._wake.clear()
                    pause_s = self._trouble_pauses.after(self._troubles, random.random())  # noqa: S311
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()
        finally:
            await self._line.close()

    async def send_next(self) -> bool:
        """Send what is due first; False: there is nothing, or the server takes none."""
        now = self._now()
        claim = self._store.mail.claim(now, now + self._lease, 1)
        found = await claimed(claim, self._give_back)
        if not found:
            return False
        mail, email = found[0], ""
        try:
            ready = await self._ready(mail)
        except asyncio.CancelledError:  # this hub stops
            await in_time(self._give_back(found))
            raise
        except Unavailable:
            await surely(lambda: self._give_back(found))
            raise
        except Exception as error:  # of this mail alone: no other waits for it
            log.exception("mail %s cannot be written", mail.id)
            outcome = Outcome("later", f"{type(error).__name__}: {error}", ours=NOT_WRITTEN)
        else:
            email, outcome = ready.email, await self._send(ready)
        await self._note(mail, email, outcome)
        return outcome.result != "trouble"

    async def _give_back(self, mails: Sequence[Mail]) -> None:
        await self._store.mail.give_back(mails, self._now())

    async def _ready(self, mail: Mail) -> _Ready:
        store = self._store
        letters = await store.mail.letters({mail.letter_id, mail.before_id or mail.letter_id})
        letter, site = letters[mail.letter_id], await store.sites.get(mail.site_id)
        zone = self._sender.formats.zone
        day = letter.meeting.starts_at.astimezone(zone).date()
        called = (await store.sites.on_days([(site.id, day)], zone))[site.id, day]
        units = await store.units.names_on([(called.unit_id, day)])
        link = JoinLink(mail.link_id, mail.meeting_id, mail.site_id, letter.meeting.ends_at)
        address = f"{letter.origin}/join/{self._tokens.sign(link)}"
        to = Recipient(called.name, units[called.unit_id, day], address)
        before, data = letters.get(mail.before_id or ""), b""
        if can_be_sent_to(site.email):
            marks = self._marks(mail)
            attached = await self._attached(mail, letter)
            data = await asyncio.to_thread(
                message_of, mail, letter, before, to, site.email, self._sender, marks, attached
            )
        return _Ready(mail, letter, site.email, data)

    async def _attached(self, mail: Mail, letter: Letter) -> Attached | None:
        if mail.kind not in COMES:
            return None
        try:
            return await self._papers.of(letter)
        except NotPrinted:
            if mail.tries < PRINT_TRIES:
                raise
            return None

    def _marks(self, mail: Mail) -> Marks:
        answers = self._tokens.answers
        return Marks(answers.sign(mail.link_id), answers.sign_mail(mail.link_id))

    async def _send(self, ready: _Ready) -> Outcome:
        if not ready.data:
            return Outcome("refused", ours=NO_ADDRESS)
        if ready.letter.meeting.ends_at <= self._now() and ready.mail.kind != "cancel":
            return Outcome("refused", ours=TOO_LATE)
        if ready.mail.tries > self._most_tries:  # whoever tried last did not live to say so
            return Outcome("unknown", "no try came to an end", ours=NOT_HEARD)
        try:
            async with asyncio.timeout(self._line.most_s):
                return await self._line.send(ready.email, ready.data)
        except TimeoutError:
            await self._line.close()
            return Outcome("unknown", f"no end after {self._line.most_s:.0f} s", ours=NOT_HEARD)

    async def _note(self, mail: Mail, email: str, outcome: Outcome) -> None:
        store, now = self._store.mail, self._now()
        result = outcome.result
        if result == "later" and mail.tries >= self._most_tries:
            result = "refused"
        if result == "unknown" and mail.in_hand:  # for the second time
            result, outcome = "refused", replace(outcome, ours=UNKNOWN)
        if outcome.result == "unknown":
            mail = replace(mail, in_hand=True)
        self.outcomes[result] += 1
        self._troubles = self._troubles + 1 if result == "trouble" else 0
        if result == "sent":
            await surely(lambda: store.sent(mail, email, now))
            return
        error = outcome.on_record
        log.warning("mail %s to site %s is %s: %s", mail.id, mail.site_id, result, error)
        if result == "refused":
            await surely(lambda: store.refused(mail, email, error, now))
        elif result == "trouble":  # whoever tries next waits for the server
            await surely(lambda: store.untried(mail, error, now))
        else:
            pause_s = self._pauses.after(mail.tries, random.random())  # noqa: S311
            at = now + dt.timedelta(seconds=pause_s)
            await surely(lambda: store.later(mail, error, at))
