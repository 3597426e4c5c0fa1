"""What programs were answered under keys of their choice: an act asked for twice is done once.

The row is written in the work of the act itself, so it is there just where the act was done; the
answer is added after. Whoever finds a row without one was killed in between.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import delete, func, select, update

from confhub.errors import N_, Conflict, TooMany
from confhub.people.actor import Once
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

# A program that was cut off asks again within hours, also after a night without power.
KEPT = dt.timedelta(days=1)
# Of one token: a year's meetings of a province, imported in a day.
MOST_KEPT = 5_000
_RETRY_S = 3600
_FULL = N_("Mã truy cập này đã dùng quá nhiều khóa Idempotency-Key trong 24 giờ. Xin thử lại sau.")


class DoneBefore(Conflict):
    """The act was done under this key already; nothing was done now."""

    code = "done_before"
    message = N_("Thao tác này đã được thực hiện với cùng khóa Idempotency-Key.")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`status` None: the act was done, and its answer not kept. `headers`: those that say what it
    is about."""

    asked: str
    subject: str
    status: int | None
    headers: Mapping[str, str]
    body: bytes


class KeptAnswerStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def begin(self, once: Once, now: dt.datetime) -> None:
        """Note in a work that its act is done; whoever asks at the same time waits here.
        DoneBefore, TooMany."""
        c = t.kept_answer.c
        since = now - KEPT
        values = {**asdict(once), "made_at": now}
        new = self._database.insert(t.kept_answer).values(fitting(t.kept_answer, values))
        count = select(func.count()).where(c.token_id == once.token_id, c.made_at > since)
        async with self._database.write() as connection:
            outdated = delete(t.kept_answer).where(c.id == once.id, c.made_at <= since)
            await connection.execute(outdated)
            done = await connection.execute(new.on_conflict_do_nothing())
            kept = await connection.scalar(count) or 0
        if done.rowcount == 0:
            raise DoneBefore
        if kept > MOST_KEPT:
            raise TooMany(_RETRY_S, _FULL)

    async def find(self, once_id: str, now: dt.datetime) -> KeptAnswer | None:
        c = t.kept_answer.c
        query = select(c.asked, c.subject, c.status, c.headers, c.body).where(
            c.id == once_id, c.made_at > now - KEPT
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        headers = json.loads(row.headers) if row.headers else {}
        return KeptAnswer(row.asked, row.subject, row.status, headers, bytes(row.body or b""))

    async def keep(
        self, once_id: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """The answer to an act that was done."""
        values = {"status": status, "headers": json.dumps(dict(headers)), "body": body}
        change = update(t.kept_answer).where(t.kept_answer.c.id == once_id).values(values)
        async with self._database.write() as connection:
            await connection.execute(change)
