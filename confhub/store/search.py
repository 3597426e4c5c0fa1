"""Search over meetings, units, sites and people: words in any order, without diacritics.

Each word may be the beginning of one. What is found lies in `within`: units, each with those below
it; None: everything, which is asked for without looking at the tree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    TextualSelect,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    union,
)

from confhub.meetings.calendar import Within
from confhub.meetings.meeting import Meeting
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.registry.unit_queries import below

Kind = Literal["unit", "site", "person", "account"]


Scope = Sequence[Within] | None
# Nobody types more to find one thing; each word costs a walk through the index.
MOST_WORDS = 8


class SearchStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def meetings(
        self, words: Sequence[str], within: Scope, on: dt.date, limit: int
    ) -> list[Meeting]:
        """By title, chair, agenda and host, the latest first, without agenda and sites: those that
        the units host or are invited to."""
        if not words:
            return []
        c = t.meeting.c
        query = select(t.meeting).order_by(c.starts_at.desc(), c.id).limit(limit)
        # Of everything those that were entered last: sorting a whole year takes too long.
        newest = self._subjects("meeting", words).order_by(t.search_entry.c.id.desc()).limit(limit)
        queries = (
            [query.where(c.id.in_(newest))]
            if within is None
            else [query.where(c.id.in_(self._theirs(words, one, on))) for one in within]
        )
        meetings: dict[str, Meeting] = {}
        async with self._database.read() as connection:
            for each in queries:
                for row in await connection.execute(each):
                    meetings.setdefault(row.id, Meeting(**row._mapping))
        latest = sorted(meetings.values(), key=lambda one: (one.starts_at, one.id), reverse=True)
        return latest[:limit]

    async def ids(
        self, kind: Kind, words: Sequence[str], within: Scope, on: dt.date, limit: int
    ) -> list[str]:
        """Ids of what is of a kind and belongs to the units; those of few words first, which are
        mostly the thing itself."""
        if not words:
            return []
        query = self._subjects(kind, words).limit(limit)
        e = t.search_entry.c
        query = query.order_by(func.length(e.words), e.subject)
        queries = (
            [query]
            if within is None
            else [query.where(e.subject.in_(_owned(kind, one, on))) for one in within]
        )
        found: dict[str, None] = {}
        async with self._database.read() as connection:
            for each in queries:
                found |= dict.fromkeys(await connection.scalars(each))
        return list(found)[:limit]

    async def is_whole(self, unit_id: str) -> bool:
        """Whether every unit there is, or was, lies below this one."""
        u, p = t.unit.c, t.unit_parent.c
        has_upper = exists().where(p.unit_id == u.id)
        other_top = select(exists().where(u.id != unit_id, ~has_upper))
        under = select(exists().where(p.unit_id == unit_id))
        async with self._database.read() as connection:
            return not (await connection.scalar(other_top) or await connection.scalar(under))

    def _subjects(self, kind: str, words: Sequence[str]) -> Select[Any]:
        return found_subjects(self._database, kind, words)

    def _theirs(self, words: Sequence[str], within: Within, on: dt.date) -> Select[Any]:
        """Ids of meetings that concern the units and have the words: where a third of a year has
        them, the units' own are far fewer."""
        if not self._database.is_sqlite:  # which knows how many there are of either
            found = self._subjects("meeting", words)
            return found.where(t.search_entry.c.subject.in_(_concerning(within, on)))
        e = t.search_entry.c
        return select(e.subject).where(
            e.kind == "meeting",
            e.subject.in_(_concerning(within, on)),
            # No plain column: SQLite would look up each of all that have the words.
            func.coalesce(e.id, 0).in_(_hits("meeting", words)),
        )


def found_subjects(database: Transactions, kind: str, words: Sequence[str]) -> Select[Any]:
    """Ids of what is of a kind and has the words, of which the first MOST_WORDS are looked for.

    The kind is a word of each entry too, so that the index leaves out most others by itself; but
    anybody may write that word in a name.
    """
    e = t.search_entry.c
    # No plain column: SQLite would read all of the kind instead of what has the words.
    is_kind = func.coalesce(e.kind, "") == kind
    if database.is_sqlite:
        return select(e.subject).where(e.id.in_(_hits(kind, words)), is_kind)
    asked = " & ".join([_word_of(kind), *(f"{one}:*" for one in words[:MOST_WORDS])])
    simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
    vector = func.to_tsvector(simple, e.words)
    has_words = vector.op("@@")(func.to_tsquery(simple, literal(asked)))
    return select(e.subject).where(has_words, is_kind)


def _hits(kind: str, words: Sequence[str]) -> TextualSelect:
    """Of SQLite's index: ids of entries that have the kind's word and these."""
    asked = " ".join([f'"{_word_of(kind)}"', *(f'"{one}"*' for one in words[:MOST_WORDS])])
    hits = text("SELECT rowid FROM search_index WHERE search_index MATCH :asked")
    return hits.bindparams(asked=asked).columns(literal_column("rowid"))


def _word_of(kind: str) -> str:
    return f"qk{kind}"


def _units(within: Within, on: dt.date) -> Select[Any]:
    down = below(within.unit_id, on, 0 if within.alone else None, ended=True)
    return select(down.c.id)


def _concerning(within: Within, on: dt.date) -> Select[Any]:
    """Ids of meetings that the units host or are invited to; the chair's site is invited."""
    units = _units(within, on)
    hosted = select(t.meeting.c.id).where(t.meeting.c.host_unit_id.in_(units))
    rooms = select(t.site.c.id).where(t.site.c.unit_id.in_(units))
    invited = select(t.invitation.c.meeting_id).where(t.invitation.c.site_id.in_(rooms))
    theirs = union(hosted, invited).subquery()
    return select(theirs.c.id)


def _owned(kind: Kind, within: Within, on: dt.date) -> Select[Any]:
    units = _units(within, on)
    if kind == "unit":
        return units
    table = {"site": t.site, "person": t.person, "account": t.account}[kind]
    return select(table.c.id).where(table.c.unit_id.in_(units))
