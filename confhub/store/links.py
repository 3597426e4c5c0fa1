"""Join links in the store: one living link per invited site and meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Gone, NotFound
from confhub.identity import new_id
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions

Links: TypeAlias = list[JoinLink]

_NOT_FOUND = N_("Không tìm thấy liên kết vào họp.")
_IN_USE = N_("Liên kết của điểm cầu này vừa được tạo ở nơi khác. Xin thử lại.")


class LinkStore:
    """Links are never deleted, so that a revoked one can be told from one that never was.

    A site whose link was revoked gets a new one by `renew` only: somebody decided it.
    """

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def latest(self, meeting_id: str) -> Links:
        """One link per invited site that ever had one, in the order of invitation: the living
        one, else the one revoked last."""
        link, invited = t.join_link, t.invitation
        query = (
            select(link)
            .join(
                invited,
                and_(
                    invited.c.meeting_id == link.c.meeting_id, invited.c.site_id == link.c.site_id
                ),
            )
            .where(link.c.meeting_id == meeting_id)
            .order_by(invited.c.position, link.c.revoked_at.is_(None), link.c.revoked_at)
        )

        async def links(connection: AsyncConnection) -> Links:
            found = [JoinLink(**row._mapping) for row in await connection.execute(query)]
            return list({one.site_id: one for one in found}.values())

        return await self._database.read_aside(links)

    async def ensure(self, meeting: Meeting, expires_at: dt.datetime) -> Links:
        """The living links of the sites now invited, in the order of invitation, after making those
        of sites that never had one and moving the expiry of the others."""
        c = t.join_link.c
        async with self._database.write(_IN_USE) as connection:
            # Of two callers the second waits here, and then finds the links of the first.
            await connection.execute(
                select(t.meeting.c.id).where(t.meeting.c.id == meeting.id).with_for_update()
            )
            await connection.execute(
                update(t.join_link)
                .where(c.meeting_id == meeting.id, c.revoked_at.is_(None))
                .values(expires_at=expires_at)
            )
            made = select(c.site_id).where(c.meeting_id == meeting.id)
            have = set((await connection.scalars(made)).all())
            missing = [
                _row(JoinLink(new_id(), meeting.id, site_id, expires_at))
                for site_id in meeting.sites
                if site_id not in have
            ]
            if missing:
                await connection.execute(insert(t.join_link), missing)
            return await _living(connection, meeting.id)

    async def living(self, meeting_id: str, site_ids: Collection[str]) -> dict[str, JoinLink]:
        """By site the links of these that open something."""
        c = t.join_link.c
        query = select(t.join_link).where(
            c.meeting_id == meeting_id,
            c.revoked_at.is_(None),
            self._database.among(c.site_id, site_ids),
        )
        async with self._database.read() as connection:
            found = [JoinLink(**row._mapping) for row in await connection.execute(query)]
        return {link.site_id: link for link in found}

    async def find(self, link_id: str) -> JoinLink | None:
        """The link, living or not, where there is one."""
        async with self._database.read() as connection:
            return await _find(connection, link_id)

    async def get(self, link_id: str) -> JoinLink:
        """The link, living or not; NotFound."""
        async with self._database.read() as connection:
            return await _get(connection, link_id)

    async def revoke(self, link_id: str, now: dt.datetime) -> JoinLink:
        """Let a link open nothing any more; a link revoked before keeps its time. NotFound."""
        async with self._database.write() as connection:
            return await _revoke(connection, link_id, now)

    async def renew(self, link_id: str, expires_at: dt.datetime, now: dt.datetime) -> JoinLink:
        """Revoke a link, if it lives, and make the site a new one.

        Gone if it was revoked and the site has another since.
        """
        c = t.join_link.c
        async with self._database.write(_IN_USE) as connection:
            old = await _get(connection, link_id)
            living = select(c.id).where(
                c.meeting_id == old.meeting_id, c.site_id == old.site_id, c.revoked_at.is_(None)
            )
            if old.revoked_at is not None and await connection.scalar(living):
                raise Gone
            await _revoke(connection, link_id, now)
            new = JoinLink(new_id(), old.meeting_id, old.site_id, expires_at)
            await connection.execute(insert(t.join_link).values(_row(new)))
        return new


async def _living(connection: AsyncConnection, meeting_id: str) -> Links:
    link, invited = t.join_link, t.invitation
    query = (
        select(link)
        .join(
            invited,
            and_(invited.c.meeting_id == link.c.meeting_id, invited.c.site_id == link.c.site_id),
        )
        .where(link.c.meeting_id == meeting_id, link.c.revoked_at.is_(None))
        .order_by(invited.c.position)
    )
    return [JoinLink(**row._mapping) for row in await connection.execute(query)]


async def _get(connection: AsyncConnection, link_id: str) -> JoinLink:
    found = await _find(connection, link_id)
    if found is None:
        raise NotFound(_NOT_FOUND)
    return found


async def _find(connection: AsyncConnection, link_id: str) -> JoinLink | None:
    query = select(t.join_link).where(t.join_link.c.id == link_id)
    row = (await connection.execute(query)).first()
    return JoinLink(**row._mapping) if row is not None else None


async def _revoke(connection: AsyncConnection, link_id: str, now: dt.datetime) -> JoinLink:
    c = t.join_link.c
    await connection.execute(
        update(t.join_link).where(c.id == link_id, c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return await _get(connection, link_id)


def _row(link: JoinLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "meeting_id": link.meeting_id,
        "site_id": link.site_id,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
    }
