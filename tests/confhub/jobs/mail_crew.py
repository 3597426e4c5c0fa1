"""Workers in processes of their own that send mail, to be killed at whatever step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from confhub.config import Settings
from confhub.desks.letters.papers import Papers
from confhub.jobs.postman import Postman
from confhub.jobs.smtp import SmtpLine, mail_server
from confhub.mail.outcome import Outcome
from confhub.meetings.tokens import JoinTokens
from confhub.pauses import Pauses
from tests.confhub.jobs.crew import dying_at, opened, quick_now
from tests.confhub.mail.letters import sender

QUICK = Pauses(first_s=0.1, last_s=1.0)


class CountedLine(SmtpLine):
    """Its steps count too."""

    count: Callable[[], None]

    async def send(self, recipient: str, data: bytes) -> Outcome:
        self.count()
        outcome = await super().send(recipient, data)
        self.count()
        return outcome


def work(settings: Settings, die_at: int | None = None) -> None:
    """Until every mail is sent; or killed by oneself at a step."""
    count = dying_at(die_at) if die_at is not None else lambda: None
    asyncio.run(_work(settings, count))


async def _work(settings: Settings, count: Callable[[], None]) -> None:
    store = opened(settings)
    server = mail_server(settings)
    assert server is not None
    # A lease of who was killed ends within the test.
    line = CountedLine(replace(server, data_answer_s=server.timeout_s))
    line.count = count
    tokens = JoinTokens(b"k" * 32)
    papers = Papers(store, quick_now, most_s=server.timeout_s)
    postman = Postman(store, line, sender(), tokens, papers, quick_now, pauses=QUICK)
    try:
        while (await store.mail.backlog(quick_now())).waiting:
            if not await postman.send_next():
                await asyncio.sleep(0.005)  # until the lease of who was killed ends
    finally:
        await line.close()
        await store.close()
