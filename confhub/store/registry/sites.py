"""Sites in the store."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, false, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict, NotFound
from confhub.identity import new_id
from confhub.meetings.calendar import Within
from confhub.same_parts import same_parts
from confhub.store import tables as t
from confhub.store.children import change_children
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.registry.site_order import site_order
from confhub.store.registry.unit_queries import below, closeness, holds_words, in_scopes
from confhub.units.names import Before, Called, site_on
from confhub.units.site import Found, Line, Site
from confhub.units.tree import name_key
from confhub.words.texts import fold

Sites: TypeAlias = list[Site]
Lines: TypeAlias = dict[str, list[Line]]

# In the order of Site's fields, with its version, which stands behind the lines, at the end.
_COLUMNS = [t.site.c[field.name] for field in dataclasses.fields(Site) if field.name != "lines"]

_NOT_FOUND = N_("Không tìm thấy điểm cầu.")
SITE_CODE_IN_USE = N_("Mã điểm cầu này đã được dùng. Xin chọn mã khác.")


class SiteStore:
    """Sites with their lines. Lists are by name."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def get(self, site_id: str, *, with_lines: bool = True) -> Site:
        """The site; NotFound. Without lines it has none."""
        site = await self._one(t.site.c.id == site_id, with_lines=with_lines)
        if site is None:
            raise NotFound(_NOT_FOUND)
        return site

    async def by_code(self, code: str) -> Site | None:
        return await self._one(t.site.c.code == code)

    async def list(
        self, unit_ids: Collection[str] | None = None, *, with_lines: bool = True
    ) -> Sites:
        """Sites of just these units; None: every site. Without lines they have none."""
        if unit_ids is None:
            return await self._select(with_lines=with_lines)
        own = self._database.among(t.site.c.unit_id, unit_ids)
        return await self._select(own, with_lines=with_lines)

    async def served_by(self, account_id: str) -> Sites:
        """Those in use that the account's holder looks after, without their lines."""
        c = t.site.c
        return await self._select(c.technician_id == account_id, c.active, with_lines=False)

    async def get_many(self, site_ids: Collection[str]) -> Sites:
        """Those of the sites that exist."""
        return await self._select(self._database.among(t.site.c.id, site_ids), most=len(site_ids))

    async def on_days(
        self, wanted: Collection[tuple[str, dt.date]], zone: dt.tzinfo
    ) -> dict[tuple[str, dt.date], Called]:
        """Each site that exists as it was on a day of its own in `zone`, by the rule of
        confhub/units/names.py."""
        if not wanted:
            return {}
        c, a = t.site.c, t.audit.c
        ids = {site_id for site_id, _on in wanted}
        morrow = min(on for _id, on in wanted) + dt.timedelta(days=1)
        query = select(c.id, c.name, c.unit_id).where(self._database.among(c.id, ids))
        since = (
            select(a.subject, a.at, a.changes)
            .where(self._database.among(a.subject, ids), a.action == "site.changed")
            .where(a.at >= dt.datetime.combine(morrow, dt.time(), zone))
            .where(or_(a.changes.contains('"name":['), a.changes.contains('"unit_id":[')))
            .order_by(a.at, a.id)
        )
        now: dict[str, Called] = {}
        changes: dict[str, list[Before]] = {}

        async def read(connection: AsyncConnection) -> None:
            for row in await connection.execute(query):
                now[row.id] = Called(row.name, row.unit_id)
            for row in await connection.execute(since):
                before = {name: old for name, (old, _new) in json.loads(row.changes).items()}
                day = row.at.astimezone(zone).date()
                one = Before(day, before.get("name"), before.get("unit_id"))
                changes.setdefault(row.subject, []).append(one)

        await self._database.read_many(len(ids), read)
        return {
            (site_id, on): site_on(now[site_id], changes.get(site_id, ()), on)
            for site_id, on in wanted
            if site_id in now
        }

    async def by_codes(self, codes: Collection[str]) -> Sites:
        """Those of the sites of these codes that exist, without their lines."""
        own = self._database.among(t.site.c.code, codes)
        return await self._select(own, with_lines=False, most=len(codes))

    async def within(
        self, unit_id: str, on: dt.date, *, ended: bool = False, with_lines: bool = True
    ) -> Sites:
        """Sites of a unit and of all units below it on a day; `ended` as in UnitStore. Without
        lines they have none."""
        own = t.site.c.unit_id.in_(select(below(unit_id, on, ended=ended).c.id))
        return await self._select(own, with_lines=with_lines)

    async def ids_within(
        self, site_ids: Collection[str], unit_id: str, on: dt.date, *, alone: bool = False
    ) -> frozenset[str]:
        """Those of the sites that are of a unit or, unless `alone`, of one below it on a day, or
        when that stood last."""
        own = select(below(unit_id, on, 0 if alone else None, ended=True).c.id)
        query = select(t.site.c.id).where(self._database.among(t.site.c.id, site_ids))
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(query.where(t.site.c.unit_id.in_(own))))

    async def page(self, unit_id: str, on: dt.date, text: str, start: int, size: int) -> Found:
        """`size` sites of a unit and those below, in the order of the tree, whose names, code, unit
        or people hold every word of `text`. From the first on where `start` is behind the end."""

        async def found(connection: AsyncConnection) -> Found:
            ids = await site_order(connection, unit_id, on, fold(text).split())
            first = start if start < len(ids) else 0
            shown = ids[first : first + size]
            sites = await _read(connection, self._database.among(t.site.c.id, shown))
            by_id = {site.id: site for site in sites}
            return Found(tuple(by_id[one] for one in shown), first, len(ids))

        return await self._database.read_aside(found)

    async def after(self, scopes: Sequence[Within], on: dt.date, after: str, limit: int) -> Sites:
        """At most `limit` of the scopes, without their lines, by id, behind the id `after`."""
        c = t.site.c
        query = (
            select(*_COLUMNS).where(in_scopes(c.unit_id, scopes, on), c.id > after).order_by(c.id)
        )

        async def read(connection: AsyncConnection) -> Sites:
            return [_site(row, {}) for row in await connection.execute(query.limit(limit))]

        return await self._database.read_aside(read)

    async def search(
        self, text: str, on: dt.date, within: str | None = None, limit: int = 20
    ) -> Sites:
        """Sites whose name holds every word of `text`, or whose code begins so; best first."""
        sought = fold(text)
        if not sought:
            return []
        c = t.site.c
        words = holds_words(c.folded, sought)
        where = [or_(c.code.istartswith(text.strip(), autoescape=True), and_(*words))]
        if within is not None:
            where.append(c.unit_id.in_(select(below(within, on).c.id)))
        query = select(*_COLUMNS).where(*where)
        query = query.order_by(closeness(c.folded, sought), c.folded, c.id).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            lines = await _lines(connection, c.id.in_([row.id for row in rows]))
        return [_site(row, lines) for row in rows]

    async def add(self, site: Site) -> None:
        """Add one site; Conflict if its code is taken."""
        await self.add_many([site])

    async def add_many(self, sites: Sequence[Site]) -> None:
        """Add sites, all or none; Conflict if a code is taken."""
        if not sites:
            return

        async def add(connection: AsyncConnection) -> None:
            await connection.execute(insert(t.site), [site_row(site) for site in sites])
            await change_lines(connection, sites, false())

        await self._database.write_aside(add, SITE_CODE_IN_USE)

    async def update(self, site: Site) -> Site:
        """Change a site and its lines; returns it with its new version.

        Lines that it had keep their ids. Conflict if `site.version` is not the stored one: somebody
        else changed it meanwhile.
        """
        values = site_row(site) | {"version": site.version + 1}
        same = (t.site.c.id == site.id, t.site.c.version == site.version)
        async with self._database.write(SITE_CODE_IN_USE) as connection:
            done = await connection.execute(update(t.site).where(*same).values(values))
            if done.rowcount == 0:
                known = await connection.scalar(select(t.site.c.id).where(t.site.c.id == site.id))
                raise Conflict() if known else NotFound(_NOT_FOUND)
            [kept] = await change_lines(connection, [site], t.site_line.c.site_id == site.id)
        return dataclasses.replace(kept, version=site.version + 1)

    async def _one(self, *where: ColumnElement[bool], with_lines: bool = True) -> Site | None:
        async with self._database.read() as connection:
            found = await _read(connection, *where, with_lines=with_lines)
        return found[0] if found else None

    async def _select(
        self, *where: ColumnElement[bool], with_lines: bool = True, most: int | None = None
    ) -> Sites:
        """By name; `most`: where it is known that there are no more. A country's sites take most of
        a second, which live rooms must not wait."""

        async def sites(connection: AsyncConnection) -> Sites:
            found = await _read(connection, *where, with_lines=with_lines)
            return sorted(found, key=lambda site: name_key(site.name))

        if most is not None:
            return await self._database.read_many(most, sites)
        return await self._database.read_aside(sites)


async def _read(
    connection: AsyncConnection, *where: ColumnElement[bool], with_lines: bool = True
) -> Sites:
    rows = (await connection.execute(select(*_COLUMNS).where(*where))).all()
    lines = await _lines(connection, *where) if with_lines else {}
    return [_site(row, lines) for row in rows]


async def _lines(connection: AsyncConnection, *where: ColumnElement[bool]) -> Lines:
    query = select(t.site_line).join(t.site).where(*where).order_by(t.site_line.c.position)
    lines: Lines = {}
    for row in await connection.execute(query):
        lines.setdefault(row.site_id, []).append(
            Line(row.kind, row.provider, row.down_bps, row.up_bps, row.backup, row.note, row.id)
        )
    return lines


async def change_lines(
    connection: AsyncConnection, sites: Sequence[Site], stored: ColumnElement[bool]
) -> Sites:
    """Give the sites their lines; `stored`: where those that they have stand.

    Returns the sites with their lines' ids.
    """
    old = await _lines(connection, stored)
    kept = [_with_line_ids(site, old.get(site.id, ())) for site in sites]
    await change_children(
        connection,
        t.site_line,
        [_line_row(site_id, *one) for site_id in old for one in enumerate(old[site_id])],
        [_line_row(site.id, *one) for site in kept for one in enumerate(site.lines)],
    )
    return kept


# Who measures a line knows it by what it is and whose; its speeds change.
_ALIKE = (
    lambda line: line.id or None,
    lambda line: line,
    lambda line: (line.kind, line.provider, line.backup),
    lambda line: (line.kind, line.provider),
    lambda line: line.kind,
)


def _with_line_ids(site: Site, old: Sequence[Line]) -> Site:
    known = same_parts(old, site.lines, _ALIKE)
    lines = (
        dataclasses.replace(line, id=was.id if was else new_id())
        for line, was in zip(site.lines, known, strict=True)
    )
    return dataclasses.replace(site, lines=tuple(lines))


def _line_row(site_id: str, position: int, line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "site_id": site_id,
        "position": position,
        "kind": line.kind,
        "provider": line.provider,
        "down_bps": line.down_bps,
        "up_bps": line.up_bps,
        "backup": line.backup,
        "note": line.note,
    }


def site_row(site: Site) -> dict[str, Any]:
    """A site as values of its table; BadInput if a text does not fit."""
    names = (column.name for column in t.site.columns if column.name != "folded")
    row = {name: getattr(site, name) for name in names} | {"folded": fold(site.name)}
    return fitting(t.site, row)


def _site(row: Any, lines: Lines) -> Site:
    # By position: a country's are made of rows three times as fast as by name.
    values: tuple[Any, ...] = (*row[:-1], tuple(lines.get(row[0], ())), row[-1])
    return Site(*values)
