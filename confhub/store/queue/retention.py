"""What is kept long enough, deleted a little at a time. Each says how many rows it took."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, tuple_, update

from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.ownership import NOBODY


class RetentionStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def stays(self, before: dt.datetime, limit: int) -> int:
        """Stays that ended before then."""
        return await self._delete(t.attendance, t.attendance.c.left_at < before, limit)

    async def answers(self, ended_before: dt.datetime, limit: int) -> int:
        """Names and words in the answers of sites to meetings that are long over; what they
        answered stays."""
        person, answer = t.answer_person, t.answer
        who = (person.c.meeting_id, person.c.site_id, person.c.position)
        whose = (answer.c.meeting_id, answer.c.site_id)
        words = ("technician_name", "technician_phone", "remark")
        told = or_(*(answer.c[name] != "" for name in words))
        named = select(*who).where(_of_one_over(person, ended_before)).limit(limit)
        worded = select(*whose).where(told, _of_one_over(answer, ended_before)).limit(limit)
        async with self._database.write() as connection:
            done = await connection.execute(delete(person).where(tuple_(*who).in_(named)))
            if done.rowcount == limit:
                return limit
            blank = update(answer).where(tuple_(*whose).in_(worded))
            done = await connection.execute(blank.values(dict.fromkeys(words, "")))
        return done.rowcount

    async def replies(self, ended_before: dt.datetime, limit: int) -> int:
        """What came back by mail about meetings that are long over."""
        return await self._delete(t.mail_reply, _of_one_over(t.mail_reply, ended_before), limit)

    async def jobs(self, before: dt.datetime, limit: int) -> int:
        """Jobs that were done before then; one of the same id would be done anew."""
        return await self._delete(t.job, t.job.c.done_at < before, limit)

    async def news(self, before: dt.datetime, limit: int) -> int:
        """News that were delivered before then."""
        return await self._delete(t.outbox, t.outbox.c.delivered_at < before, limit)

    async def room_events(self, ended_before: dt.datetime, limit: int) -> int:
        """The log of rooms of meetings that are long over: an ended one may be reopened for
        minutes, and goes on counting from its last act."""
        c, meeting = t.room_event.c, t.meeting
        act = (c.meeting_id, c.epoch, c.seq)
        old = (
            select(*act)
            .join(meeting, meeting.c.id == c.meeting_id)
            .where(meeting.c.ends_at < ended_before, _over(meeting))
            .limit(limit)
        )
        async with self._database.write() as connection:
            done = await connection.execute(delete(t.room_event).where(tuple_(*act).in_(old)))
        return done.rowcount

    async def hubs(self, silent_since: dt.datetime, limit: int) -> int:
        """Hubs that have given no sign of life since then, and with each that it holds a room."""
        c, room = t.hub.c, t.room
        query = select(c.id, c.seen_at).where(c.alive_until < silent_since).limit(limit)
        held = query.with_for_update()  # or one that wakes up now would say so in vain
        async with self._database.write() as connection:
            gone = (await connection.execute(held)).all()
            for hub in gone:
                free = {"hub_id": NOBODY, "seen_at": hub.seen_at}
                await connection.execute(update(room).where(room.c.hub_id == hub.id).values(free))
                await connection.execute(delete(t.hub).where(c.id == hub.id))
        return len(gone)

    async def links(self, ended_before: dt.datetime, now: dt.datetime, limit: int) -> int:
        """Let the links of meetings that are long over open nothing; none is deleted."""
        link, meeting = t.join_link, t.meeting
        old = (
            select(link.c.id)
            .join(meeting, meeting.c.id == link.c.meeting_id)
            .where(link.c.revoked_at.is_(None), meeting.c.ends_at < ended_before, _over(meeting))
            .limit(limit)
        )
        async with self._database.write() as connection:
            done = await connection.execute(
                update(link).where(link.c.id.in_(old.scalar_subquery())).values(revoked_at=now)
            )
        return done.rowcount

    async def mails(self, before: dt.datetime, limit: int) -> int:
        """Mails that were dropped before then, which nobody can have; a site's last of a meeting
        stays, since the next is numbered after it."""
        c, later = t.mail.c, t.mail.alias()
        newer = select(later.c.id).where(
            later.c.meeting_id == c.meeting_id,
            later.c.site_id == c.site_id,
            later.c.number > c.number,
        )
        is_old = and_(
            c.state == "dropped", c.in_hand.is_(False), c.settled_at < before, newer.exists()
        )
        return await self._delete(t.mail, is_old, limit)

    async def notices(self, ended_before: dt.datetime, limit: int) -> int:
        """What people were to be told of the times of meetings that are past."""
        ended = select(t.meeting.c.id).where(t.meeting.c.ends_at < ended_before)
        return await self._delete(t.notice, t.notice.c.meeting_id.in_(ended), limit)

    async def kept_answers(self, before: dt.datetime, limit: int) -> int:
        """What programs were answered under their keys."""
        return await self._delete(t.kept_answer, t.kept_answer.c.made_at < before, limit)

    async def letters(self, limit: int) -> int:
        """Letters that no mail says, nor compares with."""
        c, mail = t.mail_letter.c, t.mail.c
        used = select(mail.id).where(
            mail.meeting_id == c.meeting_id, or_(mail.letter_id == c.id, mail.before_id == c.id)
        )
        return await self._delete(t.mail_letter, ~used.exists(), limit)

    async def _delete(self, table: Table, is_old: ColumnElement[bool], limit: int) -> int:
        old = select(table.c.id).where(is_old).limit(limit)
        async with self._database.write() as connection:
            done = await connection.execute(
                delete(table).where(table.c.id.in_(old.scalar_subquery()))
            )
        return done.rowcount


def _of_one_over(table: Table, ended_before: dt.datetime) -> ColumnElement[bool]:
    c = t.meeting.c
    over = select(c.id).where(c.ends_at < ended_before, _over(t.meeting))
    return table.c.meeting_id.in_(over)


def _over(meeting: Table) -> ColumnElement[bool]:
    return meeting.c.status.in_(("ended", "cancelled"))
