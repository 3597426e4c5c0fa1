"""Imports of units and sites from CSV files: read, check, report, and only then carry out.

`seal`: that of the report which somebody saw; where the file would do anything else by now, it
does nothing and the new report is to be seen. Empty: whatever it does, as the command line wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confhub.desks import agreements
from confhub.desks.registry.plans import acts_of, plan_units, reach, report_of, say_uses, work_aside
from confhub.desks.sites import VALUES
from confhub.imports import sites as site_import
from confhub.imports import unit_lines
from confhub.imports.csv_table import read_table
from confhub.imports.report import Report, seal_of
from confhub.imports.shifts import site_shifts
from confhub.long_work import in_turn, let_go
from confhub.people.actor import Actor
from confhub.store import Store, Work
from confhub.trail.entry import Act
from confhub.trail.values import changed
from confhub.units.records import UnitIndex
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
    out of their reach is a fault of the file. Conflict if a unit changes at the same moment.
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

        async def carry_out(work: Work) -> None:
            await work.imports.carry_out_units(planned.plan, planned.made_of)
            await agreements.follow_moves(work, planned.plan)
            await work.audit_all([Act("unit.imported", detail=_said(name, report)), *acts])

        await work_aside(store, actor, "edit_units", powers, carry_out)
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
        acts = await in_turn(_site_acts, plan, known)

        async def carry_out(work: Work) -> None:
            await work.imports.carry_out_sites(plan)
            await work.audit_all([Act("site.imported", detail=_said(name, report)), *acts])

        await work_aside(store, actor, "edit_sites", powers, carry_out)
    return report


def _by_code(sites: Sequence[Site]) -> dict[str, Site]:
    return {site.code: site for site in sites}


def _site_acts(plan: site_import.SitePlan, known: Mapping[str, Site]) -> list[Act]:
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
