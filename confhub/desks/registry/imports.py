"""Imports of units and sites from CSV files: read, check, report, and only then carry out.

A file of thousands is written in pieces, between which others write; one that is cut between them
keeps what it did, and the same file goes on from there.

`seal`: that of the report which somebody saw; where the file would do anything else by now, it
does nothing and the new report is to be seen. Empty: whatever it does, as the command line wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from confhub.desks import agreements
from confhub.desks.country_load import PIECE
from confhub.desks.registry.plans import Planned, acts_of, plan_units, reach, report_of, say_uses
from confhub.desks.registry.writing import Piece, write
from confhub.desks.sites import VALUES
from confhub.imports import sites as site_import
from confhub.imports import unit_lines
from confhub.imports.csv_table import read_table
from confhub.imports.pieces import site_pieces, unit_pieces
from confhub.imports.report import Report, seal_of
from confhub.imports.shifts import site_shifts
from confhub.imports.sites import SitePlan
from confhub.long_work import in_turn, let_go
from confhub.people.actor import Actor
from confhub.store import Store, Work
from confhub.trail.entry import Act
from confhub.trail.values import changed
from confhub.units.records import UnitIndex, UnitPlan, UnitRecord
from confhub.units.site import Site


async def import_units(
    store: Store,
    actor: Actor,
    data: bytes,
    *,
    dry_run: bool = False,
    name: str = "",
    seal: str = "",
) -> Report:
    """Import a unit file; BadInput or TooLarge if it is no such table at all.

    On record as from the file of that `name`. Forbidden for who may edit no units; a line of one
    out of their reach is a fault of the file. Conflict if a unit changes at the same moment; its
    code is `import_cut` where a part of a long file is in already.
    """
    held: list[object] = []
    try:
        return await _import_units(held, store, actor, data, dry_run, name, seal)
    finally:
        let_go(held)


async def _import_units(
    held: list[object],
    store: Store,
    actor: Actor,
    data: bytes,
    dry_run: bool,
    name: str,
    seal: str,
) -> Report:
    """What is of the size of the country is also in `held`, and outlives this call there."""
    powers, within = await reach(store, actor, "edit_units")
    table = await in_turn(read_table, data, unit_lines.COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    planned = await plan_units(store, index, table, actor.today, within)
    held += (table, index, planned)
    warnings = await say_uses(store, planned, actor.now)
    done = not planned.problems and not dry_run and seal in ("", planned.seal)
    report = planned.report(warnings, done=done)
    if done:
        acts = await in_turn(acts_of, planned)
        pieces = await in_turn(_unit_pieces, planned, acts)
        held.append(pieces)
        pieces[-1].acts.insert(0, Act("unit.imported", detail=_said(name, report)))
        await write(store, actor, "edit_units", powers, pieces)
    return report


async def import_sites(
    store: Store,
    actor: Actor,
    data: bytes,
    *,
    dry_run: bool = False,
    name: str = "",
    seal: str = "",
) -> Report:
    """Import a site file, as `import_units`."""
    held: list[object] = []
    try:
        return await _import_sites(held, store, actor, data, dry_run, name, seal)
    finally:
        let_go(held)


async def _import_sites(
    held: list[object],
    store: Store,
    actor: Actor,
    data: bytes,
    dry_run: bool,
    name: str,
    seal: str,
) -> Report:
    """As `_import_units`."""
    powers, within = await reach(store, actor, "edit_sites")
    table = await in_turn(read_table, data, site_import.COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    known = await in_turn(_by_code, await store.sites.list())
    plan, problems = await in_turn(site_import.plan_sites, table, index, known, actor.today, within)
    shifts = () if problems else await in_turn(site_shifts, plan, known, index, actor.today)
    held += (table, index, known, plan, shifts)
    now_seal = await in_turn(seal_of, shifts)
    done = not problems and not dry_run and seal in ("", now_seal)
    counts = (len(plan.new), len(plan.changed), plan.unchanged)
    report = report_of(counts, problems, shifts, now_seal, done=done)
    if done:
        pieces = await in_turn(_site_pieces, plan, known)
        held.append(pieces)
        pieces[-1].acts.insert(0, Act("site.imported", detail=_said(name, report)))
        await write(store, actor, "edit_sites", powers, pieces)
    return report


def _by_code(sites: Sequence[Site]) -> dict[str, Site]:
    return {site.code: site for site in sites}


def _unit_pieces(planned: Planned, acts: Sequence[Act]) -> list[Piece]:
    """A piece wants the units it rests on as they were, but for what pieces before it did."""
    acts_of_units = {act.subject: act for act in acts}
    pieces, done = [], set[str]()
    for plan in unit_pieces(planned.plan, PIECE):
        ids = [*(one.unit_id for one in plan.changes), *(one.id for one in plan.new)]
        own = [acts_of_units[one] for one in ids]
        made_of = [one for one in planned.made_of(plan) if one.id not in done]
        pieces.append(Piece(len(ids), partial(_do_units, plan=plan, made_of=made_of), own))
        done |= {*ids, *(one.old_unit_id for one in plan.successions)}
    return pieces


async def _do_units(work: Work, plan: UnitPlan, made_of: Sequence[UnitRecord]) -> None:
    await work.imports.carry_out_units(plan, made_of)
    await agreements.follow_moves(work, plan)


def _site_pieces(plan: SitePlan, known: Mapping[str, Site]) -> list[Piece]:
    return [
        Piece(
            len(some.new) + len(some.changed),
            partial(_do_sites, plan=some),
            _site_acts(some, known),
        )
        for some in site_pieces(plan, PIECE)
    ]


async def _do_sites(work: Work, plan: SitePlan) -> None:
    await work.imports.carry_out_sites(plan)


def _site_acts(plan: SitePlan, known: Mapping[str, Site]) -> list[Act]:
    """A line for each site, as its page leaves them."""
    added = [Act("site.added", one.id, one.code, changed(None, one, VALUES)) for one in plan.new]
    return added + [
        Act(
            "site.changed",
            one.id,
            f"version {one.version + 1}",
            changed(known[one.code], one, VALUES),
        )
        for one in plan.changed
    ]


def _said(name: str, report: Report) -> str:
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
    return f"{name[:80]} {counts}".strip()
