"""Workers in processes of their own that do one part of what mail needs, to be killed at whatever
step of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Literal, ParamSpec, TypeVar

from confhub.answers.reminders import quiet_of
from confhub.config import Settings
from confhub.desks.letters.papers import Papers
from confhub.jobs import intake, mailing
from confhub.jobs.imap import ImapLine, imap_server
from confhub.jobs.intake import Intake
from confhub.jobs.postman import Postman
from confhub.jobs.runner import Runner
from confhub.jobs.smtp import SmtpLine, mail_server
from confhub.mail.outcome import Outcome
from confhub.pauses import Pauses
from confhub.store import Store
from tests.confhub.jobs.crew import MOST_TRIES, dying_at, opened, quick_now
from tests.confhub.jobs.mail_world import TOKENS
from tests.confhub.mail.letters import sender

What = Literal["plan", "send", "remind", "intake"]
QUICK = Pauses(first_s=0.1, last_s=1.0)
A_MOMENT_S = 0.005  # until the lease of who was killed ends
Count = Callable[[], None]
P = ParamSpec("P")
T = TypeVar("T")


def work(settings: Settings, what: What, die_at: int | None = None) -> None:
    """Until all of it is done; or killed by oneself at a step: a word to a server, or an end of
    what the store does at once, within which `test_killed` looks at every statement."""
    count = dying_at(die_at, ("commit", "rollback")) if die_at is not None else lambda: None
    asyncio.run(_work(settings, what, count))


async def _work(settings: Settings, what: What, count: Count) -> None:
    store = opened(settings)
    try:
        await _WORKS[what](store, settings, count)
    finally:
        await store.close()


async def _plan(store: Store, settings: Settings, count: Count) -> None:
    """In small pieces, for they are what one may be killed between."""
    mailing.PIECE = 2
    kinds = (mailing.mailing(60), *mailing.reminders(quiet_of(""), 60))
    quick = [replace(one, timeout_s=2.0, most_tries=MOST_TRIES, pauses=QUICK) for one in kinds]
    runner = Runner(store, quick, quick_now, "hub", grace_s=1.0)
    while (await store.jobs.backlog(quick_now())).waiting:
        if not await runner.do_next():
            await asyncio.sleep(A_MOMENT_S)


class _CountedSmtp(SmtpLine):
    """Its steps count too."""

    count: Count

    async def send(self, recipient: str, data: bytes) -> Outcome:
        self.count()
        outcome = await super().send(recipient, data)
        self.count()
        return outcome


async def _send(store: Store, settings: Settings, count: Count) -> None:
    server = mail_server(settings)
    assert server is not None
    # A lease of who was killed ends within the test.
    line = _CountedSmtp(replace(server, data_answer_s=server.timeout_s))
    line.count = count
    papers = Papers(store, quick_now, most_s=server.timeout_s)
    postman = Postman(store, line, sender(), TOKENS, papers, quick_now, pauses=QUICK)
    try:
        while (await store.mail.backlog(quick_now())).waiting:
            if not await postman.send_next():
                await asyncio.sleep(A_MOMENT_S)
    finally:
        await line.close()


class _CountedImap(ImapLine):
    count: Count

    def open(self) -> int:
        return self._counted(super().open)

    def uids(self, after: int, most: int) -> list[int]:
        return self._counted(super().uids, after, most)

    def message(self, uid: int) -> bytes:
        return self._counted(super().message, uid)

    def put_away(self, uid: int) -> bool:
        return self._counted(super().put_away, uid)

    def _counted(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.count()
        found = call(*args, **kwargs)
        self.count()
        return found


async def _take_in(store: Store, settings: Settings, count: Count) -> None:
    server = imap_server(settings)
    assert server is not None
    intake.LEASE_S = 30.0
    line = _CountedImap(server)
    line.count = count
    reader = Intake(store, line, TOKENS.answers, quick_now, poll_s=60, pauses=QUICK)
    while await store.mailbox.read_at(reader.box_id) is None:
        if not await reader.look():
            await asyncio.sleep(A_MOMENT_S)


_WORKS: Mapping[What, Callable[[Store, Settings, Count], Awaitable[None]]] = {
    "plan": _plan,
    "send": _send,
    "remind": _plan,
    "intake": _take_in,
}
