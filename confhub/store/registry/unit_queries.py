"""Queries over dated units, shared by the stores of units and of sites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    exists,
    false,
    literal,
    or_,
    select,
)

from confhub.meetings.calendar import Within
from confhub.store import tables as t

# Four levels are usual; a longer way up means a loop in the data.
MAX_DEPTH = 16


def valid(table: Table, on: dt.date) -> ColumnElement[bool]:
    """Whether a dated row holds on a day: [valid_from, valid_to), None being open."""
    return and_(
        or_(table.c.valid_from.is_(None), table.c.valid_from <= on),
        or_(table.c.valid_to.is_(None), table.c.valid_to > on),
    )


def lasting(table: Table, on: dt.date) -> ColumnElement[bool]:
    """As `valid`; of a unit that stands no more (or not yet), the rows of its last (first) day.

    The query must join the row's unit.
    """
    c = t.unit.c
    return or_(
        valid(table, on),
        and_(c.valid_to <= on, table.c.valid_to == c.valid_to),
        and_(c.valid_from > on, table.c.valid_from == c.valid_from),
    )


def in_use() -> ColumnElement[bool]:
    """Whether a unit has sites, accounts or meetings of its own."""
    c = t.unit.c
    return or_(
        exists().where(t.site.c.unit_id == c.id),
        exists().where(t.account.c.unit_id == c.id),
        exists().where(t.meeting.c.host_unit_id == c.id),
    )


def below(
    root_id: str,
    on: dt.date,
    depth: int | None = None,
    *,
    ended: bool = False,
    name: str = "below",
) -> CTE:
    """Ids of a unit and of the units under it on a day, down to `depth` generations.

    `ended`: units that stand no more too, under whom they stood last; the root may be one. `name`
    tells it from others of the same statement.
    """
    most = MAX_DEPTH if depth is None else min(depth, MAX_DEPTH)
    start = select(t.unit.c.id.label("id"), literal(0).label("depth")).where(
        t.unit.c.id == root_id, *(() if ended else (valid(t.unit, on),))
    )
    down = start.cte(name, recursive=True)
    parent = t.unit_parent
    children = select(parent.c.unit_id, down.c.depth + 1).join(
        down, parent.c.parent_id == down.c.id
    )
    if ended:
        children = children.join(t.unit, t.unit.c.id == parent.c.unit_id)
    holds = lasting(parent, on) if ended else valid(parent, on)
    return down.union_all(children.where(holds, down.c.depth < most))


def in_scopes(
    unit_id: ColumnElement[str], scopes: Iterable[Within], on: dt.date
) -> ColumnElement[bool]:
    """Whether it is the id of a unit of one of the scopes on a day; of none: false."""
    found = [
        unit_id.in_(select(below(one.unit_id, on, 0 if one.alone else None, name=name).c.id))
        for one, name in ((one, f"below_{number}") for number, one in enumerate(scopes))
    ]
    return or_(false(), *found)


def holds_words(folded: ColumnElement[str], sought: str) -> list[ColumnElement[bool]]:
    """Conditions that a folded column holds each word of an already folded text."""
    return [folded.contains(word, autoescape=True) for word in sought.split()]


def closeness(folded: ColumnElement[str], sought: str) -> ColumnElement[int]:
    """0 the whole name or all but its kind, 1 begins so, 2 a word begins so, 3 inside words."""
    return case(
        (or_(folded == sought, folded.endswith(f" {sought}", autoescape=True)), 0),
        (folded.startswith(sought, autoescape=True), 1),
        (folded.contains(f" {sought}", autoescape=True), 2),
        else_=3,
    )


def above(unit_id: str, on: dt.date, *, ended: bool = False) -> CTE:
    """Ids of a unit (height 0) and of the units over it on a day; `ended` as in `below`."""
    start = select(t.unit.c.id.label("id"), literal(0).label("height")).where(
        t.unit.c.id == unit_id, *(() if ended else (valid(t.unit, on),))
    )
    up = start.cte("above", recursive=True)
    parent = t.unit_parent
    parents = select(parent.c.parent_id, up.c.height + 1).join(up, parent.c.unit_id == up.c.id)
    if ended:
        parents = parents.join(t.unit, t.unit.c.id == up.c.id)
    holds = lasting(parent, on) if ended else valid(parent, on)
    return up.union_all(parents.where(holds, up.c.height < MAX_DEPTH))


def view(on: dt.date, scheme: str, *, ended: bool = False) -> Select[Any]:
    """The columns of `Unit` for every unit that stands on a day; a code in `scheme` or NULL.

    `ended`: for every unit, as on its last day if it stands no more.
    """
    holds = lasting if ended else valid
    source = t.unit.join(
        t.unit_name, and_(t.unit_name.c.unit_id == t.unit.c.id, holds(t.unit_name, on))
    )
    source = source.outerjoin(
        t.unit_parent, and_(t.unit_parent.c.unit_id == t.unit.c.id, holds(t.unit_parent, on))
    )
    source = source.outerjoin(
        t.unit_code,
        and_(
            t.unit_code.c.unit_id == t.unit.c.id,
            t.unit_code.c.scheme == scheme,
            holds(t.unit_code, on),
        ),
    )
    query = select(
        t.unit.c.id,
        t.unit.c.level_id,
        t.unit_name.c.name,
        t.unit_parent.c.parent_id,
        t.unit_code.c.code,
        t.unit.c.valid_from,
        t.unit.c.valid_to,
    ).select_from(source)
    return query if ended else query.where(valid(t.unit, on))
