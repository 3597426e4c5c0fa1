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
from dataclasses import replace
from typing import get_args

from confhub.desks.letters.papers import Papers
from confhub.errors import Unavailable
from confhub.jobs.bags.bag import Bag, M, Ready
from confhub.jobs.bags.people import PeopleBag
from confhub.jobs.bags.sites import SiteBag
from confhub.jobs.claiming import claimed, in_time, surely
from confhub.jobs.smtp import SmtpLine
from confhub.mail.letter import Mail
from confhub.mail.message import Sender
from confhub.mail.notice import Notice
from confhub.mail.outcome import (
    NO_ADDRESS,
    NOT_HEARD,
    NOT_WRITTEN,
    TOO_LATE,
    UNKNOWN,
    Outcome,
    Result,
)
from confhub.meetings.tokens import JoinTokens
from confhub.pauses import Pauses
from confhub.store import Store
from confhub.store.queue.outgoing import Outgoing

log = logging.getLogger(__name__)

# Mails that were just planned, or that another hub left when it died, are found this soon.
LOOK_EVERY_S = 5.0
GRACE_S = 30.0  # clocks of hubs differ by this
# Told beside another: that one is due first, so that a repeat has its Message-ID again.
BEHIND = dt.timedelta(microseconds=1)
# Greylisting wants some minutes, a full mailbox a day.
PAUSES = Pauses(first_s=60.0, last_s=3600.0)
MOST_TRIES = 40  # with these pauses more than a day
# A server that restarts is back within a minute; nobody is helped by a call each second.
TROUBLE_PAUSES = Pauses(first_s=5.0, last_s=300.0)


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
        self._line = line
        self._sites = SiteBag(store, sender, tokens, papers)
        self._people = PeopleBag(store, sender)
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
        """Send what is due first, to sites before people; False: there is nothing, or the server
        takes none."""
        went = await self._send_of(self._sites)
        if went is None:
            went = await self._send_of(self._people)
        return bool(went)

    async def _send_of(self, bag: Bag[M]) -> bool | None:
        """None: there is nothing in it."""
        now, queue = self._now(), bag.queue

        async def give_back(mails: Sequence[M]) -> None:
            await queue.give_back(mails, self._now())

        found: list[M] = await claimed(queue.claim(now, now + self._lease, 1), give_back)
        if not found:
            return None
        mail, ready, until = found[0], Ready(), now + self._lease
        also: Sequence[M] = ()
        try:
            also = await claimed(bag.beside(mail, now, until + BEHIND), give_back)
            ready = await bag.ready(mail, also, now)
        except asyncio.CancelledError:  # this hub stops
            await in_time(give_back(found + list(also)))
            raise
        except Unavailable:
            await surely(lambda: give_back(found + list(also)))
            raise
        except Exception as error:  # of this mail alone: no other waits for it
            log.exception("mail %s cannot be written", mail.id)
            outcome = Outcome("later", f"{type(error).__name__}: {error}", ours=NOT_WRITTEN)
        else:
            if ready.is_past:
                await surely(lambda: queue.let_go(mail, self._now()))
                await surely(lambda: give_back(also))
                return True
            outcome = await self._send(mail, ready)
        await self._note(queue, mail, also, ready, outcome)
        return outcome.result != "trouble"

    async def _send(self, mail: Mail | Notice, ready: Ready) -> Outcome:
        if not ready.data:
            return Outcome("refused", ours=NO_ADDRESS)
        if ready.is_late:
            return Outcome("refused", ours=TOO_LATE)
        if mail.tries > self._most_tries:  # whoever tried last did not live to say so
            return Outcome("unknown", "no try came to an end", ours=NOT_HEARD)
        try:
            async with asyncio.timeout(self._line.most_s):
                return await self._line.send(ready.email, ready.data)
        except TimeoutError:
            await self._line.close()
            return Outcome("unknown", f"no end after {self._line.most_s:.0f} s", ours=NOT_HEARD)

    async def _note(
        self, queue: Outgoing[M], mail: M, also: Sequence[M], ready: Ready, outcome: Outcome
    ) -> None:
        """Also of those that the mail told with it; the others have nothing to tell any more."""
        now, email, result = self._now(), ready.email, outcome.result
        if result == "later" and mail.tries >= self._most_tries:
            result = "refused"
        if result == "unknown" and mail.in_hand:  # for the second time
            result, outcome = "refused", replace(outcome, ours=UNKNOWN)
        self.outcomes[result] += 1
        self._troubles = self._troubles + 1 if result == "trouble" else 0
        error = outcome.on_record
        if result != "sent":
            log.warning("mail %s is %s: %s", mail.id, result, error)
        pause_s = self._pauses.after(mail.tries, random.random())  # noqa: S311
        at = now + dt.timedelta(seconds=pause_s)

        async def settle(at_once: Outgoing[M], one: M) -> None:
            if one is not mail and ready.data and one.id not in ready.told:
                await at_once.let_go(one, now)
            elif result == "sent":
                await at_once.sent(one, email, now)
            elif result == "refused":
                await at_once.refused(one, email, error, now)
            elif result == "trouble":  # whoever tries next waits for the server
                await at_once.untried(one, error, now)
            else:
                one = replace(one, in_hand=True) if outcome.result == "unknown" else one
                await at_once.later(one, error, at if one.id == mail.id else at + BEHIND)

        mails = list(also)
        mails.insert(0, mail)

        async def settle_all() -> None:
            async with queue.at_once() as at_once:
                for one in mails:
                    await settle(at_once, one)

        await surely(settle_all)
