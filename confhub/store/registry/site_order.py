"""Sites in the order in which a tree of units is read: ids only, for a page to choose from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.store import tables as t
from confhub.store.registry.unit_queries import below, lasting
from confhub.units.tree import folded_key
from confhub.words.texts import fold


class _Place(NamedTuple):
    position: int
    folded: str


async def site_order(
    connection: AsyncConnection, root_id: str, on: dt.date, words: Sequence[str]
) -> list[str]:
    """Ids of the sites of a unit and those below, ended ones too, by unit and name; with `words`,
    folded, only of those whose names, code, unit or people hold each of them."""
    places = await _places(connection, root_id, on)
    c = t.site.c
    columns = [c.id, c.unit_id, c.folded]
    if words:
        columns += [c.code, c.technician_name, c.contact_name]
    own = select(below(root_id, on, ended=True).c.id)
    found = []
    for site_id, unit_id, folded, *more in await connection.execute(
        select(*columns).where(c.unit_id.in_(own))
    ):
        place = places.get(unit_id)
        if place is None:
            continue
        if words:
            code, technician, contact = more
            text = f"{folded} {code} {place.folded} {fold(technician)} {fold(contact)}"
            if not all(word in text for word in words):
                continue
        found.append((place.position, folded_key(folded), site_id))
    return [site_id for _position, _key, site_id in sorted(found)]


async def _places(connection: AsyncConnection, root_id: str, on: dt.date) -> dict[str, _Place]:
    """Where each unit stands in the tree: parents before children, siblings by name."""
    down, name, parent = below(root_id, on, ended=True), t.unit_name, t.unit_parent
    query = (
        select(name.c.unit_id, name.c.folded, parent.c.parent_id)
        .select_from(
            name.join(t.unit, t.unit.c.id == name.c.unit_id).outerjoin(
                parent, and_(parent.c.unit_id == name.c.unit_id, lasting(parent, on))
            )
        )
        .where(name.c.unit_id.in_(select(down.c.id)), lasting(name, on))
    )
    names: dict[str, str] = {}
    children: dict[str, list[str]] = {}
    for unit_id, folded, parent_id in await connection.execute(query):
        if unit_id not in names:
            names[unit_id] = folded
            children.setdefault(parent_id or "", []).append(unit_id)
    places: dict[str, _Place] = {}
    waiting = [root_id] if root_id in names else []
    while waiting:
        unit_id = waiting.pop()
        places[unit_id] = _Place(len(places), names[unit_id])
        below_it = children.get(unit_id, ())
        waiting += sorted(below_it, key=lambda one: folded_key(names[one]), reverse=True)
    return places
