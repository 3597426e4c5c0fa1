"""Papers of meetings, uploads on their way and who opened what, in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import NotFound
from confhub.papers.paper import Opening, Paper, Shown, TakenIn, Upload, Version
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

_VERSION = [one.name for one in t.paper_version.c]
_OPENING = [one.name for one in t.paper_opening.c]


class PaperStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def of_meeting(self, meeting_id: str) -> Sequence[Paper]:
        """The first made first."""
        c = t.paper.c
        async with self._database.read() as connection:
            return await _papers(connection, select(t.paper).where(c.meeting_id == meeting_id))

    async def get(self, meeting_id: str, paper_id: str) -> Paper:
        """NotFound also for one of another meeting."""
        c = t.paper.c
        query = select(t.paper).where(c.id == paper_id, c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            found = await _papers(connection, query)
        if not found:
            raise NotFound
        return found[0]

    async def used(self, meeting_id: str) -> tuple[int, int]:
        """How many files a meeting has, and their bytes; those on their way too."""
        v, u = t.paper_version.c, t.paper_upload.c
        kept = select(func.count(), func.coalesce(func.sum(v.size), 0)).where(
            v.meeting_id == meeting_id
        )
        coming = select(func.count(), func.coalesce(func.sum(u.size), 0)).where(
            u.meeting_id == meeting_id, u.version_id == "", u.refused == ""
        )
        async with self._database.read() as connection:
            rows = [(await connection.execute(query)).one() for query in (kept, coming)]
        return sum(int(row[0]) for row in rows), sum(int(row[1]) for row in rows)

    async def add(self, paper: Paper, made_at: dt.datetime) -> None:
        row = {
            "id": paper.id,
            "meeting_id": paper.meeting_id,
            "made_at": made_at,
            **_shown_row(paper.shown),
        }
        async with self._database.write() as connection:
            await connection.execute(insert(t.paper).values(fitting(t.paper, row)))
        for version in paper.versions:
            await self.add_version(version)

    async def add_version(self, version: Version) -> None:
        """Conflict where its number is taken."""
        row = {name: getattr(version, name) for name in _VERSION}
        async with self._database.write() as connection:
            await connection.execute(insert(t.paper_version).values(fitting(t.paper_version, row)))

    async def show(self, paper_id: str, shown: Shown) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(t.paper).where(t.paper.c.id == paper_id).values(_shown_row(shown))
            )

    async def remove(self, paper_ids: Collection[str]) -> None:
        """With their versions and who opened them; the bytes are swept later."""
        v = t.paper_version.c
        own = select(v.id).where(v.paper_id.in_(paper_ids))
        async with self._database.write() as connection:
            # Whoever is opening one is on record before, or finds none.
            await connection.execute(own.order_by(v.id).with_for_update())
            await connection.execute(
                delete(t.paper_opening).where(
                    t.paper_opening.c.version_id.in_(own.scalar_subquery())
                )
            )
            await connection.execute(delete(t.paper_version).where(v.paper_id.in_(paper_ids)))
            await connection.execute(delete(t.paper).where(t.paper.c.id.in_(paper_ids)))

    async def of_ended(self, ended_before: dt.datetime, limit: int) -> Sequence[str]:
        """Ids of papers of meetings that are long over, also of those that nobody began; one that
        is on hold is to come."""
        m, c = t.meeting.c, t.paper.c
        query = (
            select(c.id)
            .join(t.meeting, m.id == c.meeting_id)
            .where(m.ends_at < ended_before, m.status.in_(("scheduled", "ended", "cancelled")))
            .limit(limit)
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def known(self, digests: Collection[str]) -> frozenset[str]:
        """Those to which a version refers."""
        c = t.paper_version.c
        query = select(c.digest).where(self._database.among(c.digest, digests)).distinct()
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(query))

    # Uploads -----------------------------------------------------------------------------

    async def add_upload(self, upload: Upload) -> None:
        row = fitting(t.paper_upload, _upload_row(upload))
        async with self._database.write() as connection:
            await connection.execute(insert(t.paper_upload).values(row))

    async def drop_unfinished(self, upload: Upload) -> Sequence[str]:
        """What the same account announced before of the same file, and is not whole: the ids."""
        c = t.paper_upload.c
        same = ("meeting_id", "account_id", "paper_id", "name", "size")
        where = [c[name] == getattr(upload, name) for name in same]
        open_ = (c.version_id == "", c.refused == "")
        query = select(c.id).where(*where, *open_)
        async with self._database.write() as connection:
            ids = list(await connection.scalars(query))
            await connection.execute(delete(t.paper_upload).where(c.id.in_(ids), *open_))
        return ids

    async def sent(self, account_id: str, since: dt.datetime) -> int:
        """Bytes that the account announced since then, and what it announced before if that is
        still on its way; whatever became of it."""
        c = t.paper_upload.c
        lives = or_(c.touched_at >= since, and_(c.version_id == "", c.refused == ""))
        query = select(func.coalesce(func.sum(c.size), 0)).where(c.account_id == account_id, lives)
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def upload(self, upload_id: str) -> Upload:
        query = select(t.paper_upload).where(t.paper_upload.c.id == upload_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound
        return _upload(row)

    async def settle_upload(self, upload: Upload) -> None:
        """What became of it; NotFound where somebody else settled it before."""
        c = t.paper_upload.c
        where = (c.id == upload.id, c.version_id == "", c.refused == "")
        names = ("version_id", "refused", "touched_at")
        values = {name: getattr(upload, name) for name in names}
        async with self._database.write() as connection:
            done = await connection.execute(update(t.paper_upload).where(*where).values(values))
        if done.rowcount == 0:
            raise NotFound

    async def drop_upload(self, upload_id: str) -> None:
        """Conflict where it became a paper before."""
        c = t.paper_upload.c
        async with self._database.write() as connection:
            done = await connection.execute(
                delete(t.paper_upload).where(c.id == upload_id, c.version_id == "")
            )
        if done.rowcount == 0:
            raise TakenIn

    async def drop_old_uploads(self, before: dt.datetime, limit: int) -> int:
        """Those that were begun, or came to their end, before then."""
        c = t.paper_upload.c
        old = select(c.id).where(c.touched_at < before).limit(limit)
        async with self._database.write() as connection:
            done = await connection.execute(
                delete(t.paper_upload).where(c.id.in_(old.scalar_subquery()))
            )
        return done.rowcount

    async def known_uploads(self, upload_ids: Collection[str]) -> frozenset[str]:
        """Of these, those that are still on their way."""
        c = t.paper_upload.c
        among = self._database.among(c.id, upload_ids)
        query = select(c.id).where(among, c.version_id == "", c.refused == "")
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(query))

    # Openings ----------------------------------------------------------------------------

    async def note_opening(self, opening: Opening, *, goes_on: bool = False) -> None:
        """Once more, where the same opened it before, unless it `goes_on` with that. NotFound for
        a version that was removed."""
        row = {name: getattr(opening, name) for name in _OPENING}
        c = t.paper_opening.c
        again = {
            "last_at": opening.last_at,
            "address": opening.address,
            "times": c.times if goes_on else c.times + 1,
        }
        new = self._database.insert(t.paper_opening).values(fitting(t.paper_opening, row))
        held = select(t.paper_version.c.id).where(t.paper_version.c.id == opening.version_id)
        async with self._database.write() as connection:
            if await connection.scalar(held.with_for_update(key_share=True, read=True)) is None:
                raise NotFound
            await connection.execute(
                new.on_conflict_do_update(
                    index_elements=["version_id", "account_id", "site_id"], set_=again
                )
            )

    async def openings(self, version_ids: Collection[str], limit: int) -> Sequence[Opening]:
        """The last first."""
        c = t.paper_opening.c
        query = select(t.paper_opening).where(self._database.among(c.version_id, version_ids))
        query = query.order_by(c.last_at.desc(), c.account_id, c.site_id).limit(limit)
        async with self._database.read() as connection:
            return [Opening(**dict(row._mapping)) for row in await connection.execute(query)]

    async def opened_counts(self, meeting_id: str) -> Mapping[str, int]:
        """By version, how many opened it."""
        c, v = t.paper_opening.c, t.paper_version.c
        query = (
            select(c.version_id, func.count())
            .join(t.paper_version, v.id == c.version_id)
            .where(v.meeting_id == meeting_id)
            .group_by(c.version_id)
        )
        async with self._database.read() as connection:
            return {str(row[0]): int(row[1]) for row in await connection.execute(query)}


async def _papers(connection: AsyncConnection, query: Select[Any]) -> list[Paper]:
    c, v = t.paper.c, t.paper_version.c
    rows = (await connection.execute(query.order_by(c.made_at, c.id))).all()
    ids = [row.id for row in rows]
    versions: dict[str, list[Version]] = {}
    listed = select(t.paper_version).where(v.paper_id.in_(ids)).order_by(v.number)
    for row in await connection.execute(listed) if ids else ():
        versions.setdefault(row.paper_id, []).append(Version(**dict(row._mapping)))
    return [
        Paper(row.id, row.meeting_id, _shown(row), tuple(versions[row.id]))
        for row in rows
        if row.id in versions
    ]


def _shown(row: Row[Any]) -> Shown:
    return Shown(row.shown_to, tuple(row.levels))


def _shown_row(shown: Shown) -> dict[str, Any]:
    return {"shown_to": shown.to, "levels": list(shown.levels)}


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        row.id,
        row.meeting_id,
        row.account_id,
        row.name,
        row.size,
        _shown(row),
        row.touched_at,
        row.paper_id,
        row.version_id,
        row.refused,
    )


def _upload_row(upload: Upload) -> dict[str, Any]:
    names = ("id", "meeting_id", "account_id", "name", "size", "touched_at")
    row: dict[str, Any] = {name: getattr(upload, name) for name in names}
    more = ("paper_id", "version_id", "refused")
    return row | {name: getattr(upload, name) for name in more} | _shown_row(upload.shown)
