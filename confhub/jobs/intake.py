"""Takes in what comes back by mail, by whichever hub is free.

A message is put on record under its digest, then put away on the server, then the mailbox is noted
as read so far: who is killed between finds it again, and it is on record once. What is not about an
invitation of ours stays where it is, unread, and so does a message over which it fails again and
again: no other waits for it longer than that.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar, get_args

from confhub.desks.mail.intake import Outcome, take_in
from confhub.errors import ConfhubError, Conflict, Unavailable
from confhub.identity import part_id
from confhub.jobs.claiming import claimed, in_time, surely
from confhub.jobs.imap import TROUBLES, ImapLine
from confhub.mail.intake.read import read
from confhub.meetings.tokens import AnswerTokens
from confhub.pauses import Pauses
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.store.queue.mailbox import Mailbox

log = logging.getLogger(__name__)

# Between two looks the lease is made anew, so that no hub reads for ever.
MOST_AT_ONCE = 100
# Each of some seconds at most, on a line that carries anything.
LEASE_S = 600.0
# Of one message, in looks: with the pauses between them some minutes, which a server that was
# started anew meanwhile does not take.
MOST_TRIES = 5
# Nobody waits for an answer by the second, and a server that is away is not called each.
TROUBLE_PAUSES = Pauses(first_s=10.0, last_s=600.0)
_PUT_AWAY: frozenset[Outcome] = frozenset({"taken", "known"})
P = ParamSpec("P")
T = TypeVar("T")


class Intake:
    """`run` is supervised. `outcomes` counts messages by what became of them, and troubles."""

    def __init__(
        self,
        store: Store,
        line: ImapLine,
        tokens: AnswerTokens,
        now: Callable[[], dt.datetime],
        *,
        poll_s: float,
        pauses: Pauses = TROUBLE_PAUSES,
    ) -> None:
        names = (*get_args(Outcome), "trouble")
        self.outcomes: Counter[str] = Counter(dict.fromkeys(names, 0))
        self.box_id = part_id("mailbox", line.server.name)
        self.started_at = now()
        self._store = store
        self._line = line
        self._tokens = tokens
        self._now = now
        self._poll_s = poll_s
        self._pauses = pauses
        self._troubles = 0
        self._tried = (0, 0), 0  # UIDVALIDITY and UID of the last one, and how often

    async def run(self) -> None:
        while True:
            while await self.look():
                pass
            pause_s = self._poll_s
            if self._troubles:
                pause_s = self._pauses.after(self._troubles, random.random())  # noqa: S311
            await asyncio.sleep(pause_s)

    async def look(self) -> bool:
        """Read what is new, as many as are read at once; whether there may be more."""
        now = self._now()
        until = now + dt.timedelta(seconds=LEASE_S)
        claim = self._store.mailbox.claim(self.box_id, now, until)
        box = await claimed(claim, self._give_back)
        if box is None:  # another hub does
            return False
        try:
            box, is_read = await self._read(box)
        except asyncio.CancelledError:  # this hub stops
            self._line.abort()
            await in_time(self._give_back(box))
            raise
        except Exception as error:  # whatever it is, the mailbox is anybody's again
            self._tell(error)
            mine = box
            await surely(lambda: self._give_back(mine))
            return False
        finally:
            await self._hang_up()
        self._troubles = 0
        read_at = self._now() if is_read else None
        await self._store.mailbox.release(box, self._now(), read_at=read_at)
        return not is_read

    async def _give_back(self, box: Mailbox | None) -> None:
        if box is not None:
            await self._store.mailbox.release(box, self._now())

    def _tell(self, error: Exception) -> None:
        self._troubles += 1
        self.outcomes["trouble"] += 1
        known = isinstance(error, (*TROUBLES, ConfhubError))
        told = None if known else error
        said = "the mailbox cannot be read: %s: %s"
        log.warning(said, type(error).__name__, error, exc_info=told)
        if isinstance(error, Unavailable):  # the store's, of whatever message
            self._tried = (0, 0), 0

    async def _read(self, box: Mailbox) -> tuple[Mailbox, bool]:
        """How far, and whether that was all."""
        validity = await self._waiting(self._line.open)
        if validity != box.validity:  # the numbers mean other messages now; digests stay
            box = replace(box, validity=validity, read_to=0)
        uids = await self._waiting(self._line.uids, box.read_to, MOST_AT_ONCE)
        for uid in uids:
            if self._may_try(validity, uid):
                await self._take(uid)
            else:
                log.error("message %d is left in the mailbox: %d tries failed", uid, MOST_TRIES)
                self.outcomes["unread"] += 1
            box = replace(box, read_to=uid)
            if not await self._store.mailbox.note(box):
                return box, False
        return box, len(uids) < MOST_AT_ONCE

    def _may_try(self, validity: int, uid: int) -> bool:
        """Counted before: whatever ends a look over a message, it is one of its tries."""
        last, tries = self._tried
        tries = tries + 1 if last == (validity, uid) else 1
        self._tried = (validity, uid), tries
        return tries <= MOST_TRIES

    async def _take(self, uid: int) -> None:
        data = await self._waiting(self._line.message, uid)
        if not data:
            return
        zone = self._now().tzinfo or dt.UTC
        incoming = await asyncio.to_thread(read, data, zone)
        digest = hashlib.sha256(data).hexdigest()
        try:
            outcome = await take_in(self._store, Actor(self._now()), incoming, digest, self._tokens)
        except Conflict:  # another hub took it in meanwhile
            outcome = "known"
        self.outcomes[outcome] += 1
        if outcome in _PUT_AWAY and not await self._waiting(self._line.put_away, uid):
            log.warning("message %d is on record, and stays in the mailbox", uid)

    async def _waiting(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a thread, whose wait ends with ours. A step may take several of the server's
        answers."""
        try:
            async with asyncio.timeout(self._line.server.timeout_s * 4):
                return await asyncio.to_thread(call, *args, **kwargs)
        except TimeoutError:
            self._line.abort()
            raise

    async def _hang_up(self) -> None:
        try:
            await self._waiting(self._line.close)
        except (*TROUBLES, TimeoutError):
            self._line.abort()
