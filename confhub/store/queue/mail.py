"""Invitations by mail in the store: each goes to one site, once, by one hub at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_
from confhub.mail.letter import Letter, Mail
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.queue.outgoing import Outgoing, cut

_PLANNED = N_("Thư mời của cuộc họp này vừa được lập ở nơi khác. Xin thử lại.")


@dataclass(frozen=True, slots=True)
class Mailing:
    """That the sites of a meeting are told by mail; `origin` of the addresses in it."""

    meeting_id: str
    since: dt.datetime
    origin: str


class MailStore(Outgoing[Mail]):
    """Letters are never changed, and no mail is deleted that somebody may have: the next one says
    what changed since."""

    def __init__(self, database: Transactions) -> None:
        super().__init__(database, t.mail, Mail)

    async def mailing(self, meeting_id: str) -> Mailing | None:
        query = select(t.mailing).where(t.mailing.c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else Mailing(**row._mapping)

    async def begin(self, mailing: Mailing) -> None:
        """Nothing changes where it began before, but where the addresses lead."""
        row = fitting(t.mailing, _plain(mailing))
        new = self._database.insert(t.mailing).values(row)
        kept = new.on_conflict_do_update(
            index_elements=["meeting_id"], set_={"origin": mailing.origin}
        )
        async with self._database.write() as connection:
            await connection.execute(kept)

    async def add_letter(self, letter: Letter) -> None:
        """Nothing if its id is known: it is what was told."""
        row = {
            "id": letter.id,
            "meeting_id": letter.meeting.id,
            "content": msgspec.to_builtins(letter),
        }
        new = self._database.insert(t.mail_letter).values(row).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(new)

    async def letters(self, letter_ids: Collection[str]) -> dict[str, Letter]:
        """By their ids."""
        c = t.mail_letter.c
        query = select(c.content).where(self._database.among(c.id, letter_ids))
        async with self._database.read() as connection:
            contents = (await connection.scalars(query)).all()
        found = [msgspec.convert(content, Letter) for content in contents]
        return {letter.id: letter for letter in found}

    async def letters_of(self, meeting_id: str) -> list[Letter]:
        """All that was told of a meeting: one for each version that was."""
        query = select(t.mail_letter.c.content).where(t.mail_letter.c.meeting_id == meeting_id)

        async def letters(connection: AsyncConnection) -> list[Letter]:
            contents = (await connection.scalars(query)).all()
            return [msgspec.convert(content, Letter) for content in contents]

        return await self._database.read_aside(letters)

    async def add_many(self, mails: Sequence[Mail]) -> None:
        """Conflict where somebody else told the same sites something meanwhile."""
        if mails:
            async with self._database.write(_PLANNED) as connection:
                await connection.execute(insert(t.mail), [_plain(mail) for mail in mails])

    async def hold_of_sites(
        self, meeting_id: str, site_ids: Collection[str]
    ) -> dict[str, list[Mail]]:
        """By site what says how it stands with a meeting, the last first: its last mail, the last
        that may have arrived, the last that was not dropped, and all that wait. Within a work:
        none of them is claimed before it ends."""
        c = t.mail.c
        query = select(t.mail).where(
            c.meeting_id == meeting_id,
            self._database.among(c.site_id, site_ids),
            or_(c.state == "waiting", *(c.number == last for last in _last_numbers())),
        )
        found: dict[str, list[Mail]] = {}
        held = query.order_by(c.number.desc()).with_for_update()
        async with self._database.read() as connection:
            for row in await connection.execute(held):
                found.setdefault(row.site_id, []).append(Mail(**row._mapping))
        return found

    async def often_told(
        self, meeting_id: str, site_ids: Collection[str], since: dt.datetime, most: int
    ) -> dict[str, dt.datetime]:
        """The sites that were sent `most` mails of a meeting, or more, since then; with when the
        first of these went."""
        c = t.mail.c
        query = (
            select(c.site_id, func.min(c.settled_at).label("first"))
            .where(c.meeting_id == meeting_id, self._database.among(c.site_id, site_ids))
            .where(c.state == "sent", c.settled_at > since)
            .group_by(c.site_id)
            .having(func.count() >= most)
        )
        async with self._database.read() as connection:
            return {row.site_id: row.first for row in await connection.execute(query)}

    async def latest(self, meeting_id: str) -> dict[str, Mail]:
        """By site the last mail of a meeting that was not dropped."""
        c, later = t.mail.c, t.mail.alias()
        newer = and_(
            later.c.meeting_id == c.meeting_id,
            later.c.site_id == c.site_id,
            later.c.number > c.number,
            later.c.state != "dropped",
        )
        query = select(t.mail).where(
            c.meeting_id == meeting_id,
            c.state != "dropped",
            ~select(later.c.id).where(newer).exists(),
        )

        async def mails(connection: AsyncConnection) -> dict[str, Mail]:
            found = [Mail(**row._mapping) for row in await connection.execute(query)]
            return {mail.site_id: mail for mail in found}

        return await self._database.read_aside(mails)

    async def sites_told(self, meeting_id: str, after: str, limit: int) -> list[str]:
        """Ids of sites that have a mail of a meeting, in order, behind one of them."""
        c = t.mail.c
        query = select(c.site_id).where(c.meeting_id == meeting_id, c.site_id > after)
        async with self._database.read() as connection:
            ordered = query.distinct().order_by(c.site_id).limit(limit)
            return list(await connection.scalars(ordered))

    async def drop(self, mail_ids: Collection[str], now: dt.datetime) -> None:
        """There is something newer to tell; what went out by now did so."""
        await self._drop(now, self._database.among(t.mail.c.id, mail_ids))

    async def drop_reminders(self, meeting_id: str, site_id: str, now: dt.datetime) -> None:
        """The site answered; what went out by now did so."""
        c = t.mail.c
        await self._drop(now, c.meeting_id == meeting_id, c.site_id == site_id, c.kind == "remind")

    async def _drop(self, now: dt.datetime, *which: ColumnElement[bool]) -> None:
        waiting = update(t.mail).where(*which, t.mail.c.state == "waiting")
        async with self._database.write() as connection:
            await connection.execute(waiting.values(state="dropped", settled_at=now))

    async def came_back(
        self, meeting_id: str, site_id: str, number: int, error: str, now: dt.datetime
    ) -> bool:
        """A mail that went out was refused on its way; False: none of that number did."""
        c = t.mail.c
        mine = (c.meeting_id == meeting_id, c.site_id == site_id, c.number == number)
        values = {"state": "refused", "settled_at": now, "in_hand": False, "error": cut(error)}
        async with self._database.write() as connection:
            out = update(t.mail).where(*mine, c.state == "sent").values(values)
            done = await connection.execute(out)
        return bool(done.rowcount)


def _last_numbers() -> Iterator[ScalarSelect[int]]:
    """Beside a mail, of those to its site of its meeting."""
    c, other = t.mail.c, t.mail.alias()
    same = (other.c.meeting_id == c.meeting_id, other.c.site_id == c.site_id)
    may_have_arrived = or_(other.c.state == "sent", other.c.in_hand)
    for which in (true(), may_have_arrived, other.c.state != "dropped"):
        last = select(func.max(other.c.number)).where(*same, which).correlate(t.mail)
        yield last.scalar_subquery()


def _plain(thing: Mail | Mailing) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__slots__}
