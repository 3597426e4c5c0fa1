"""Puts the whole country into the store: the editions of 2022 and 2025, in this order.

Each step leaves out what is already done, so a load that was cut short is simply run again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from confhub.desks import rights
from confhub.errors import N_, Conflict
from confhub.identity import new_id
from confhub.people.actor import Actor
from confhub.store import Store, Work
from confhub.units import country
from confhub.units.country import REFORM_ON, Entry
from confhub.units.unit import GSO_SCHEME, NewUnit, Succession, Unit
from confhub.units.use import say_use
from confhub.words.texts import fold

T = TypeVar("T")

# SQLite has one writer at a time, and whoever signs in meanwhile is one: a piece takes some tenths
# of a second, the whole country would take longer than a sign-in waits.
PIECE = 500
# Others ask for the file's lock every tenth of a second at the rarest.
PAUSE_S = 0.12
# The last day of the old structure: the view in which units of 2022 are looked up.
DAY_BEFORE = REFORM_ON - dt.timedelta(days=1)
MOST_SAID = 60  # lines that still fit on a terminal and a half


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did. `unchanged` units stayed what they were through the reform."""

    added: int = 0
    present: int = 0
    closed: int = 0
    unchanged: int = 0
    successions: int = 0


async def ensure_root(store: Store, actor: Actor, on: dt.date) -> Unit:
    """The four levels and the central unit, made when missing. Forbidden for anybody but who runs
    the house, as the rest."""
    highest = min(country.LEVELS, key=lambda level: level.rank).id
    async with store.work(actor) as work:
        await rights.require_the_house(work)
        known = {level.id for level in await work.units.levels()}
        tops = [unit for unit in await work.units.tree(None, on, 0) if unit.level_id == highest]
        missing = [level for level in country.LEVELS if level.id not in known]
        if tops and not missing:
            return tops[0]
        for level in missing:
            await work.units.add_level(level)
        if not tops:
            await work.units.add_many([NewUnit(highest, country.ROOT_NAME)])
            tops = await work.units.tree(None, on, 0)
        await work.audit("unit.added", subject=tops[0].id, detail=tops[0].name)
    return tops[0]


async def load_2022(store: Store, actor: Actor, entries: Sequence[Entry] | None = None) -> Loaded:
    """The four-level structure, standing from always and with no end.

    `entries`: a part of it (parents before children); None: all. Conflict if the store knows a
    code of it by another name, or already holds the structure of 2025.
    """
    root = await ensure_root(store, actor, DAY_BEFORE)
    entries = country.read_2022() if entries is None else entries
    if any(unit.valid_from == REFORM_ON for unit in await _gso_units(store, REFORM_ON)):
        raise Conflict(N_("Danh mục đã theo đơn vị hành chính từ 01/07/2025; không nạp lùi được."))
    known = {unit.code: unit for unit in await _gso_units(store, DAY_BEFORE) if unit.code}
    _check_names(entries, known)
    ids = {code: unit.id for code, unit in known.items()}
    new = _new_units(entries, ids, root.id, valid_from=None)
    await _add_in_pieces(store, actor, new)
    return Loaded(added=len(new), present=len(entries) - len(new))


async def load_2025(store: Store, actor: Actor, *, close_in_use: bool = False) -> Loaded:
    """The structure since REFORM_ON; units of 2022 in the store end, or go on unchanged.

    Conflict, naming them, if units would end that have sites, accounts or meetings that are not
    over, unless `close_in_use`: whoever runs on the four-level structure should decide this, not
    trip over it.
    """
    root = await ensure_root(store, actor, REFORM_ON)
    new_entries = country.read_2025()
    old_entries = country.read_2022()
    steps = country.read_successions(old_entries)
    same = country.find_unchanged(old_entries, new_entries, steps)
    before = {u.code: u for u in await _gso_units(store, DAY_BEFORE) if u.code}
    old_codes = {entry.code for entry in old_entries} & before.keys()
    ending = [before[code] for code in old_codes - same if before[code].valid_to != REFORM_ON]
    if not close_in_use:
        await _check_in_use(store, ending, actor.now)
    for piece in _pieces([unit.id for unit in ending]):
        await _write(store, actor, "unit.ended", piece, _close)
    after = {u.code: u for u in await _gso_units(store, REFORM_ON) if u.code}
    _check_names(new_entries, after)
    ids = {code: unit.id for code, unit in after.items()}
    new = _new_units(new_entries, ids, root.id, valid_from=REFORM_ON)
    await _add_in_pieces(store, actor, new)
    moved = [
        (unit.id, parent_id)
        for entry in new_entries
        if (unit := after.get(entry.code)) is not None
        and unit.parent_id
        != (parent_id := root.id if entry.parent_code is None else ids[entry.parent_code])
    ]
    for rows in _pieces(moved):
        await _write(store, actor, "unit.moved", rows, _move)
    successions = [
        Succession(before[step.old_code].id, ids[step.new_code], REFORM_ON)
        for step in steps
        if step.old_code in before and before[step.old_code].id != ids[step.new_code]
    ]
    for some in _pieces(successions):
        # The same pieces each time, and each went in as a whole or not at all.
        known = await store.units.successors(some[0].old_unit_id)
        if some[0].new_unit_id not in {unit.id for unit in known}:
            await _write(store, actor, "unit.succeeded", some, _follow)
    return Loaded(
        added=len(new),
        present=len(new_entries) - len(new),
        closed=len(ending),
        unchanged=len(same & before.keys()),
        successions=len(successions),
    )


async def _add_in_pieces(store: Store, actor: Actor, new: Sequence[NewUnit]) -> None:
    """Parents stand before children, so that each piece finds its parents in the store."""
    for piece in _pieces(new):
        await _write(store, actor, "unit.added", piece, _add)


async def _add(work: Work, new: Sequence[NewUnit]) -> None:
    await work.units.add_many(new)


async def _close(work: Work, unit_ids: Sequence[str]) -> None:
    await work.units.close_units(unit_ids, REFORM_ON)


async def _follow(work: Work, successions: Sequence[Succession]) -> None:
    await work.units.add_successions(successions)


async def _move(work: Work, moved: Sequence[tuple[str, str]]) -> None:
    """Each unit to its parent, from REFORM_ON on."""
    for unit_id, parent_id in moved:
        await work.units.move(unit_id, parent_id, REFORM_ON)


async def _write(
    store: Store,
    actor: Actor,
    action: str,
    piece: Sequence[T],
    write: Callable[[Work, Sequence[T]], Awaitable[None]],
) -> None:
    """One piece with its line on record, and then others' turn."""

    async def carry_out(work: Work) -> None:
        await rights.require_the_house(work)
        await write(work, piece)
        await work.audit(action, detail=f"{len(piece)} of the country's list")

    await store.work_aside(actor, carry_out)
    await asyncio.sleep(PAUSE_S)


def _pieces(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), PIECE):
        yield rows[start : start + PIECE]


async def _gso_units(store: Store, on: dt.date) -> list[Unit]:
    return await store.units.tree(None, on)


def _check_names(entries: Sequence[Entry], known: Mapping[str, Unit]) -> None:
    for entry in entries:
        unit = known.get(entry.code)
        # The lists of 2022 and 2025 spell some names of one unit differently: Đắk, Đăk.
        if unit is not None and fold(unit.name) != fold(entry.name):
            raise Conflict(
                N_("Mã %(code)s trong danh mục là “%(known)s”, còn dữ liệu cả nước là “%(name)s”."),
                values={"code": entry.code, "known": unit.name, "name": entry.name},
            )


async def _check_in_use(store: Store, units: Sequence[Unit], now: dt.datetime) -> None:
    uses = await store.imports.uses([unit.id for unit in units], now)
    if not uses:
        return
    names = {unit.id: unit.name for unit in units}
    said = [notice.text for use in uses for notice in say_use(use, names[use.unit_id], now.tzinfo)]
    more = [f"… (+{len(said) - MOST_SAID})"] if len(said) > MOST_SAID else []
    raise Conflict(
        N_(
            "Sẽ kết thúc %(units)s đơn vị từ 01/07/2025, trong đó %(used)s đơn vị còn điểm cầu, tài"
            " khoản hoặc cuộc họp:\n%(names)s\nThêm --close-in-use nếu vẫn làm."
        ),
        values={
            "units": len(units),
            "used": len(uses),
            "names": "\n".join([*said[:MOST_SAID], *more]),
        },
    )


def _new_units(
    entries: Sequence[Entry], ids: dict[str, str], root_id: str, valid_from: dt.date | None
) -> list[NewUnit]:
    """Units for entries whose code is not in `ids`; fills `ids` with theirs."""
    new: list[NewUnit] = []
    for entry in entries:
        if entry.code in ids:
            continue
        ids[entry.code] = new_id()
        new.append(
            NewUnit(
                level_id=entry.level_id,
                name=entry.name,
                parent_id=root_id if entry.parent_code is None else ids[entry.parent_code],
                codes=((GSO_SCHEME, entry.code),),
                valid_from=valid_from,
                id=ids[entry.code],
            )
        )
    return new
