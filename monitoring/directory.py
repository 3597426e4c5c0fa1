"""What the board must know from the record: units, sites, and who is awaited in which meeting."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from confhub.errors import NotFound
from confhub.meetings.admission import LIVE_AFTER_END, sitting_at
from confhub.meetings.meeting import Meeting
from confhub.store import Store
from confhub.units.site import Site
from confhub.units.unit import Level, Unit
from monitoring.overview import Scope, lay_out

# A changed name or telephone number may show this late; a page of 11,000 sites takes most of a
# second to read from the store, and every watcher would read it.
FRESH_S = 15.0
# Labels of measurements may follow a change of the tree later still.
LABELS_S = 300.0


@dataclass(frozen=True, slots=True)
class Awaited:
    """A meeting that a site is invited to and that is open or going on; of several
    sittings, `starts_at` is the begin of the one being held; `begun`: past it."""

    meeting: Meeting
    starts_at: dt.datetime
    begun: bool


class Labels(NamedTuple):
    """The labels of a site's measurements. `province` is the unit of the second level that the
    site is in, whatever that level is called: its code, or the name without one."""

    site: str
    level: str
    province: str


@dataclass(frozen=True, slots=True)
class _Tree:
    levels: Sequence[Level]
    units: Mapping[str, Unit]  # parents before children
    below: Mapping[str | None, Sequence[str]]
    sites: Mapping[str, Site]  # without their lines
    labels: Mapping[str, Labels]
    read_at: dt.datetime
    # By unit id; laid out once, for all who ask while it is being done.
    scopes: dict[str, asyncio.Task[Scope]] = field(default_factory=dict)


class Directory:
    """A view of the store that many may ask at once; each part is read once for all of them."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], dt.datetime],
        zone: ZoneInfo,
        join_early: dt.timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._join_early = join_early
        self._tree: _Tree | None = None
        self._meetings: Mapping[str, Meeting] = {}
        self._meetings_read_at: dt.datetime | None = None
        self._reading = asyncio.Lock()

    async def scope(self, unit_id: str, max_age_s: float = FRESH_S) -> Scope:
        """The unit and what is below it. NotFound if it does not stand today."""
        tree = await self._fresh_tree(max_age_s)
        if unit_id not in tree.units:
            raise NotFound
        # Whoever goes away meanwhile does not take it from the others.
        return await asyncio.shield(_laid_out(tree, unit_id))

    async def awaited(self) -> Mapping[str, Awaited]:
        """By site id: the meeting that is going on, before one that is about to begin."""
        meetings, now = await self.meetings(), self._clock()
        found: dict[str, Awaited] = {}
        for meeting in sorted(meetings.values(), key=lambda meeting: meeting.starts_at):
            if meeting.status not in ("scheduled", "live"):
                continue
            # One comes early to a room that is open early: only the start makes anybody late.
            sitting = sitting_at(meeting, now)
            begun = sitting.starts_at <= now
            over = meeting.status != "live" and sitting.ends_at < now
            if over or sitting.starts_at - self._join_early > now:
                continue
            for site_id in meeting.sites:
                found.setdefault(site_id, Awaited(meeting, sitting.starts_at, begun))
        return found

    async def meetings(self) -> Mapping[str, Meeting]:
        """Those that sites can be in now, by id; at most `FRESH_S` old."""
        async with self._reading:
            now = self._clock()
            if not self._is_fresh(self._meetings_read_at, now, FRESH_S):
                found = await self._store.meetings.between(
                    now - LIVE_AFTER_END, now + self._join_early
                )
                self._meetings = {meeting.id: meeting for meeting in found}
                self._meetings_read_at = now
            return self._meetings

    async def labels(self, max_age_s: float = LABELS_S) -> Mapping[str, Labels]:
        """By site id."""
        return (await self._fresh_tree(max_age_s)).labels

    async def _fresh_tree(self, max_age_s: float) -> _Tree:
        async with self._reading:
            now = self._clock()
            tree = self._tree
            if tree is None or not self._is_fresh(tree.read_at, now, max_age_s):
                self._tree = tree = await self._read_tree(now)
            return tree

    async def _read_tree(self, now: dt.datetime) -> _Tree:
        on = now.astimezone(self._zone).date()
        units = await self._store.units.tree(None, on, ended=True)
        levels, sites = (
            await self._store.units.levels(),
            await self._store.sites.list(with_lines=False),
        )
        return await asyncio.to_thread(_grow, units, levels, sites, now)

    @staticmethod
    def _is_fresh(read_at: dt.datetime | None, now: dt.datetime, max_age_s: float) -> bool:
        return read_at is not None and 0 <= (now - read_at).total_seconds() < max_age_s


def _grow(
    units: Sequence[Unit], levels: Sequence[Level], sites: Sequence[Site], now: dt.datetime
) -> _Tree:
    below: dict[str | None, list[str]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit.id)
    known = {unit.id: unit for unit in units}
    province = _provinces(known, levels)
    return _Tree(
        levels=levels,
        units=known,
        below=below,
        sites={site.id: site for site in sites},
        labels={
            site.id: Labels(site.code, known[site.unit_id].level_id, province[site.unit_id])
            for site in sites
            if site.unit_id in known
        },
        read_at=now,
    )


def _laid_out(tree: _Tree, unit_id: str) -> asyncio.Task[Scope]:
    task = tree.scopes.get(unit_id)
    if task is None:
        # A country's takes half a second, which live rooms must not wait.
        laying = asyncio.to_thread(_scope, tree, unit_id)
        task = tree.scopes[unit_id] = asyncio.create_task(laying, name=f"scope {unit_id}")
        task.add_done_callback(partial(_forget_failed, tree, unit_id))
    return task


def _forget_failed(tree: _Tree, unit_id: str, task: asyncio.Task[Scope]) -> None:
    if task.cancelled() or task.exception() is not None:
        tree.scopes.pop(unit_id, None)


def _scope(tree: _Tree, unit_id: str) -> Scope:
    units, waiting = [], [unit_id]
    while waiting:
        units.append(tree.units[waiting.pop()])
        waiting.extend(reversed(tree.below.get(units[-1].id, ())))
    return lay_out(units, tree.levels, tree.sites.values())


def _provinces(units: Mapping[str, Unit], levels: Sequence[Level]) -> Mapping[str, str]:
    """By unit id: the code of the unit of the second level that it is in; those above have ""."""
    second = levels[1].id if len(levels) > 1 else None
    found: dict[str, str] = {}
    for unit in units.values():
        if unit.level_id == second:
            found[unit.id] = unit.code or unit.name
        else:
            found[unit.id] = found.get(unit.parent_id or "", "")
    return found
