"""Sites in the order in which a tree of units is read: ids only, for a page to choose from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.store import tables as t
from confhub.store.unit_queries import below, view
from confhub.texts import fold
from confhub.unit_tree import arrange, name_key
from confhub.units import GSO_SCHEME, Unit


async def site_order(
    connection: AsyncConnection, root_id: str, on: dt.date, words: Sequence[str]
) -> list[str]:
    """Ids of the sites of a unit and those below, by unit and name; with `words`, folded, only of
    those whose names, code, unit or people hold each of them."""
    own = select(below(root_id, on).c.id)
    rows = await connection.execute(view(on, GSO_SCHEME).where(t.unit.c.id.in_(own)))
    units = arrange(Unit(**row._mapping) for row in rows)
    place = {unit.id: number for number, unit in enumerate(units)}
    names = {unit.id: fold(unit.name) for unit in units} if words else {}
    c = t.site.c
    columns = (c.id, c.unit_id, c.folded, c.code, c.technician_name, c.contact_name)
    found: list[tuple[int, list[tuple[int, str]], str]] = []
    for row in await connection.execute(select(*columns).where(c.unit_id.in_(own))):
        if words:
            people = fold(f"{row.technician_name} {row.contact_name}")
            text = f"{row.folded} {row.code} {names[row.unit_id]} {people}"
            if not all(word in text for word in words):
                continue
        found.append((place[row.unit_id], name_key(row.folded), row.id))
    return [site_id for _place, _name, site_id in sorted(found)]
