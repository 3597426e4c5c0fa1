"""Imports of units and sites from CSV files: read, check, report, and only then carry out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from confhub import site_import, unit_import, unit_lines
from confhub.csv_table import MAX_PROBLEMS, Problem, read_table
from confhub.long_work import in_turn
from confhub.store import Store
from confhub.unit_records import UnitIndex


@dataclass(frozen=True, slots=True)
class Report:
    """What a file does or would do. With problems, nothing was done."""

    new: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]  # by line, at most MAX_PROBLEMS
    more_problems: int = 0
    done: bool = False

    @property
    def good(self) -> bool:
        return not self.problems

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged


async def import_units(
    store: Store,
    data: bytes,
    *,
    today: dt.date,
    within: Collection[str] | None = None,
    dry_run: bool = False,
) -> Report:
    """Import a unit file; BadInput or TooLarge if it is no such table at all.

    `within`: ids of the units that may be changed or get units below; None: all.
    """
    table = await in_turn(read_table, data, unit_lines.COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    levels = await store.units.levels()
    plan, problems = await in_turn(unit_import.plan_units, table, index, levels, today, within)
    done = not problems and not dry_run
    if done:
        await store.imports.carry_out_units(plan)
    return _report(len(plan.new), len(plan.changes), plan.unchanged, problems, done)


async def import_sites(
    store: Store,
    data: bytes,
    *,
    today: dt.date,
    within: Collection[str] | None = None,
    dry_run: bool = False,
) -> Report:
    """Import a site file; as `import_units`, `within` being the units whose sites may change."""
    table = await in_turn(read_table, data, site_import.COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    known = {site.code: site for site in await store.sites.list()}
    plan, problems = await in_turn(site_import.plan_sites, table, index, known, today, within)
    done = not problems and not dry_run
    if done:
        await store.imports.carry_out_sites(plan)
    return _report(len(plan.new), len(plan.changed), plan.unchanged, problems, done)


def _report(new: int, changed: int, unchanged: int, problems: list[Problem], done: bool) -> Report:
    shown = tuple(problems[:MAX_PROBLEMS])
    return Report(new, changed, unchanged, shown, len(problems) - len(shown), done)
