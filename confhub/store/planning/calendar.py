"""The calendar's questions: which meetings of a span concern whom, counted or by the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.meetings.admission import LIVE_AFTER_END
from confhub.meetings.calendar import Edges, Shown, Wanted, Within
from confhub.meetings.meeting import Listed, Meeting
from confhub.meetings.sitting import LONGEST_WHOLE, OVER_MARK, all_sittings
from confhub.meetings.times import LONGEST
from confhub.store import tables as t
from confhub.store.columns import UtcDateTime
from confhub.store.database.transactions import Transactions
from confhub.store.registry.unit_queries import below, lasting
from confhub.store.search import found_subjects
from confhub.words.texts import sought_words

# No meeting lasts longer: whatever overlaps a span begins at most so long before it. With this a
# span's meetings are a piece of the index on their starts, however many years there are.
_LONGEST_HELD = LONGEST + LIVE_AFTER_END
# But for those in several sittings, which are few.
_LONGEST_OF_ALL = LONGEST_WHOLE + LIVE_AFTER_END


@dataclass(frozen=True, slots=True)
class TakingPart:
    """The units of the first `named` of `total` invited sites."""

    units: tuple[str, ...]
    named: int
    total: int


class CalendarStore:
    """Everything is by start, title, id; meetings come without their agenda and their sites."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def page(
        self,
        start: dt.datetime,
        end: dt.datetime,
        wanted: Wanted,
        first: int,
        size: int,
        *,
        backwards: bool = False,
    ) -> Shown:
        """`size` of the meetings that overlap [start, end) from number `first` on, or from the
        first one where that is behind the end; `backwards`: the last begins."""
        asked = _Query(self._database, wanted)
        where = asked.where(start, end)
        c = t.meeting.c
        order = [one.desc() if backwards else one.asc() for one in (c.starts_at, c.title, c.id)]

        async def read(connection: AsyncConnection) -> Shown:
            count = select(func.count()).select_from(t.meeting).where(*where)
            total = (await connection.execute(count)).scalar_one()
            page = asked.listed().where(*where).order_by(*order)
            rows = await connection.execute(page.limit(size).offset(first if first < total else 0))
            return Shown(total, [_listed(row._mapping) for row in rows])

        return await self._database.read_aside(read)

    async def days(self, days: Sequence[Edges], wanted: Wanted, most: int) -> list[Shown]:
        """For each of the following days its first `most` meetings.

        A meeting over midnight stands on the day it begins, or the first; one that goes on after
        the night also on the days after; one in several sittings on the days of these.
        """
        asked = _Query(self._database, wanted)
        c = t.meeting.c
        found = (
            select(c.id, c.title, c.starts_at, c.ends_at)
            .where(*asked.where(days[0].starts_at, days[-1].ends_at))
            .cte("found")
        )
        each = union_all(*(_day(number, one) for number, one in enumerate(days))).cte("day")
        begins_or_lasts = or_(
            found.c.starts_at >= each.c.starts_at,
            found.c.ends_at > each.c.night_ends,
            each.c.number == 0,
        )
        overlaps = and_(
            found.c.starts_at < each.c.ends_at,
            found.c.ends_at > each.c.starts_at,
            begins_or_lasts,
        )
        of_day = each.c.number
        order = (found.c.starts_at, found.c.title, found.c.id)

        def query(between: Collection[tuple[int, str]]) -> Select[Any]:
            apart = [and_(of_day == number, found.c.id == one) for number, one in between]
            ranked = (
                select(
                    each.c.number,
                    found.c.id,
                    func.row_number().over(partition_by=of_day, order_by=order).label("place"),
                    func.count().over(partition_by=of_day).label("total"),
                )
                .select_from(each.join(found, and_(overlaps, ~or_(false(), *apart))))
                .cte("ranked")
            )
            return (
                asked.listed()
                .add_columns(ranked.c.number, ranked.c.total)
                .join(ranked, ranked.c.id == c.id)
                .where(ranked.c.place <= most)
                .order_by(ranked.c.number, ranked.c.place)
            )

        several = select(c.id, c.starts_at, c.ends_at, c.sittings).where(
            *asked.where(days[0].starts_at, days[-1].ends_at), c.sittings != ""
        )

        async def read(connection: AsyncConnection) -> list[Shown]:
            totals, lists = [0] * len(days), [list[Listed]() for _ in days]
            between = _between(days, (await connection.execute(several)).all())
            for row in await connection.execute(query(between)):
                values = dict(row._mapping)
                number = values.pop("number")
                totals[number] = values.pop("total")
                lists[number].append(_listed(values))
            return [Shown(*one) for one in zip(totals, lists, strict=True)]

        return await self._database.read_aside(read)

    async def changed_at(self, meeting_ids: Collection[str]) -> Mapping[str, dt.datetime]:
        """When each of the meetings, or what is agreed on its time, was last changed, as the
        record says; one that it does not know is left out."""
        c = t.audit.c
        acts = or_(c.action.startswith("meeting."), c.action.startswith("agreement."))
        query = (
            select(c.subject, func.max(c.at, type_=UtcDateTime()))
            .where(self._database.among(c.subject, meeting_ids), acts)
            .group_by(c.subject)
        )

        async def read(connection: AsyncConnection) -> Mapping[str, dt.datetime]:
            return {row[0]: row[1] for row in await connection.execute(query)}

        return await self._database.read_aside(read)

    async def taking_part(
        self, meeting_ids: Collection[str], on: dt.date, most: int
    ) -> Mapping[str, TakingPart]:
        """The units of the first `most` invited sites of each meeting, in order of invitation, by
        their names on a day, or last ones."""
        c = t.invitation.c
        of_meeting = c.meeting_id
        among = self._database.among(c.meeting_id, meeting_ids)
        ranked = (
            select(
                c.meeting_id,
                c.site_id,
                func.row_number().over(partition_by=of_meeting, order_by=c.position).label("place"),
                func.count().over(partition_by=of_meeting).label("total"),
            )
            .where(among)
            .cte("ranked")
        )
        names = t.unit_name
        query = (
            select(ranked.c.meeting_id, ranked.c.total, names.c.name)
            .join(t.site, t.site.c.id == ranked.c.site_id)
            .join(t.unit, t.unit.c.id == t.site.c.unit_id)
            .join(names, and_(names.c.unit_id == t.unit.c.id, lasting(names, on)))
            .where(ranked.c.place <= most)
            .order_by(ranked.c.meeting_id, ranked.c.place)
        )

        async def read(connection: AsyncConnection) -> Mapping[str, TakingPart]:
            units: dict[str, dict[str, None]] = {}
            totals: dict[str, int] = {}
            for meeting_id, total, name in await connection.execute(query):
                units.setdefault(meeting_id, {})[name] = None
                totals[meeting_id] = total
            return {
                one: TakingPart(tuple(units[one]), min(most, totals[one]), totals[one])
                for one in units
            }

        return await self._database.read_aside(read)


class _Query:
    """What is wanted, as conditions on meetings."""

    def __init__(self, database: Transactions, wanted: Wanted) -> None:
        self._database = database
        self._wanted = wanted
        seen = [self._own(one, f"seen_{n}") for n, one in enumerate(wanted.seen)]
        self._seen = or_(literal(False), *(_concerned(own) for own in seen))
        self.hosted = or_(literal(False), *(t.meeting.c.host_unit_id.in_(own) for own in seen))
        self._about: list[ColumnElement[bool]] = []
        if wanted.about is not None:
            own = self._own(wanted.about, "about")
            self._about = [_concerned(own)]
            self.hosted = t.meeting.c.host_unit_id.in_(own)

    def listed(self) -> Select[Any]:
        """The columns that `_listed` reads."""
        invited = t.invitation.c.meeting_id == t.meeting.c.id
        count = select(func.count()).select_from(t.invitation).where(invited).scalar_subquery()
        return select(t.meeting, count.label("site_count"), self.hosted.label("hosted"))

    def where(self, start: dt.datetime, end: dt.datetime) -> list[ColumnElement[bool]]:
        c, wanted = t.meeting.c, self._wanted
        where = [c.starts_at < end, c.ends_at > start, c.starts_at > start - _LONGEST_OF_ALL]
        where.append(or_(c.starts_at > start - _LONGEST_HELD, c.sittings != ""))
        where += [self._seen, *self._about]
        if wanted.site_id:
            where.append(or_(c.chair_site_id == wanted.site_id, _invites(wanted.site_id)))
        if wanted.level_id:
            where.append(c.level_id == wanted.level_id)
        if wanted.statuses:
            # SQLite would go by the status, which nearly all have, instead of by the time.
            is_held_in_part = type_coerce(c.sittings, Text).contains(OVER_MARK)
            where.append(or_(func.coalesce(c.status, "").in_(wanted.statuses), is_held_in_part))
        if wanted.only_public:
            where.append(c.is_public)
        if wanted.is_over is not None:
            over = and_(c.status != "live", or_(c.status == "ended", c.ends_at <= wanted.now))
            where.append(over if wanted.is_over else ~over)
        return [*where, *self._by_whom(), *self._standing(), *self._words()]

    def _own(self, within: Within, name: str) -> Select[Any]:
        depth = 0 if within.alone else None
        return select(below(within.unit_id, self._wanted.on, depth, ended=True, name=name).c.id)

    def _by_whom(self) -> list[ColumnElement[bool]]:
        match self._wanted.whose:
            case "hosted":
                return [self.hosted]
            case "invited":
                return [~self.hosted]
            case "mine":
                return [t.meeting.c.created_by == self._wanted.account_id]
        return []

    def _standing(self) -> list[ColumnElement[bool]]:
        """As people name it (web/pages/meetings/status.py); one that was moved, or whose time has
        come, is scheduled."""
        c, now, status = t.meeting.c, self._wanted.now, self._wanted.status
        if not status:
            return []
        planned, live = c.status == "scheduled", c.status == "live"
        is_live = and_(live, c.ends_at > now - LIVE_AFTER_END)
        by_name: Mapping[str, ColumnElement[bool]] = {
            "scheduled": and_(planned, c.ends_at > now),
            "live": is_live,
            "ended": or_(
                c.status == "ended",
                and_(planned, c.ends_at <= now),
                and_(live, c.ends_at <= now - LIVE_AFTER_END),
            ),
        }
        return [by_name.get(status, c.status == status)]

    def _words(self) -> list[ColumnElement[bool]]:
        """As search finds meetings, by its index: by the beginnings of words."""
        if not self._wanted.text:
            return []
        words = sought_words(self._wanted.text)
        if not words:
            return [literal(False)]  # signs that no title is found by
        return [t.meeting.c.id.in_(found_subjects(self._database, "meeting", words))]


def _concerned(own: Select[Any]) -> ColumnElement[bool]:
    """Whether a meeting is hosted by one of the units, or invites one of their sites."""
    c = t.meeting.c
    sites = select(t.site.c.id).where(t.site.c.unit_id.in_(own))
    invites = (
        select(t.invitation.c.meeting_id)
        .where(t.invitation.c.meeting_id == c.id, t.invitation.c.site_id.in_(sites))
        .exists()
    )
    return or_(c.host_unit_id.in_(own), c.chair_site_id.in_(sites), invites)


def _invites(site_id: str) -> ColumnElement[bool]:
    c = t.invitation.c
    return select(c.meeting_id).where(c.meeting_id == t.meeting.c.id, c.site_id == site_id).exists()


def _day(number: int, day: Edges) -> Select[Any]:
    instants = select(
        literal(number).label("number"),
        literal(day.starts_at, UtcDateTime()).label("starts_at"),
        literal(day.night_ends, UtcDateTime()).label("night_ends"),
        literal(day.ends_at, UtcDateTime()).label("ends_at"),
    )
    return cast("Select[Any]", instants)


def _between(days: Sequence[Edges], several: Sequence[Any]) -> list[tuple[int, str]]:
    """On which of the days, by number, a meeting in several sittings has none, by id. Only days
    off lie between most of them, so these are few."""
    return [
        (number, row.id)
        for row in several
        for number, day in enumerate(days)
        if row.starts_at < day.ends_at and row.ends_at > day.starts_at
        if not any(
            one.starts_at < day.ends_at
            and one.ends_at > (day.starts_at if number == 0 else day.night_ends)
            for one in all_sittings(row.starts_at, row.ends_at, row.sittings)
        )
    ]


def _listed(row: Mapping[str, Any]) -> Listed:
    values = dict(row)
    site_count, hosted = values.pop("site_count"), values.pop("hosted")
    return Listed(Meeting(**values), site_count, bool(hosted))
