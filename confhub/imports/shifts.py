"""Plans of units and sites in words: what is added, what changes from what to what. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from confhub.errors import N_
from confhub.imports.report import Change, Kind, Shift
from confhub.imports.sites import COLUMNS, KIND_NAMES, TEXTS, SitePlan
from confhub.units.records import UnitChange, UnitIndex, UnitPlan, UnitRecord
from confhub.units.site import Line, Site
from confhub.units.unit import Level, NewUnit
from confhub.words.mbps import show_mbps

NAME, LEVEL, PARENT = N_("Tên"), N_("Cấp"), N_("Đơn vị cấp trên")
FROM, UNTIL = N_("Hiệu lực từ"), N_("Hết hiệu lực")
SUCCESSORS = N_("Đơn vị kế tục")
_UNIT = N_("Đơn vị")
_LINES, _ACTIVE = N_("Đường truyền"), N_("Đang dùng")
_YES, _NO, _BACKUP = N_("có"), N_("không"), N_("dự phòng")
_TITLES = {column.key: column.title for column in COLUMNS}


def unit_shifts(
    plan: UnitPlan, index: UnitIndex, levels: Sequence[Level], today: dt.date
) -> tuple[Shift, ...]:
    """A shift for each unit that is new or changes, in the order of the plan."""
    return tuple(_Units(plan, index, levels, today).shifts())


class _Units:
    def __init__(
        self, plan: UnitPlan, index: UnitIndex, levels: Sequence[Level], today: dt.date
    ) -> None:
        self._plan = plan
        self._index = index
        self._levels = {level.id: level for level in levels}
        self._today = today
        self._new = {one.id: one.name for one in plan.new}
        self._successors: dict[str, list[str]] = {}
        for one in plan.successions:
            self._successors.setdefault(one.old_unit_id, []).append(one.new_unit_id)

    def shifts(self) -> Iterator[Shift]:
        for unit in self._plan.new:
            yield self._added(unit)
        for change in self._plan.changes:
            yield self._changed(change, self._index.by_id[change.unit_id])

    def _added(self, unit: NewUnit) -> Shift:
        level = self._levels[unit.level_id]
        said = (
            (PARENT, self._name(unit.parent_id, unit.valid_from or self._today)),
            (FROM, _day(unit.valid_from)),
            (UNTIL, _day(unit.valid_to)),
            (SUCCESSORS, self._successors_of(unit.id, unit.valid_to)),
        )
        changes = [Change(label, "", new) for label, new in said if new]
        of_level = Change(LEVEL, "", level.name, new_en=level.name_en)
        code = unit.codes[0][1] if unit.codes else ""
        return Shift("new", code, unit.name, (of_level, *changes))

    def _changed(self, change: UnitChange, known: UnitRecord) -> Shift:
        on = change.since or change.corrects
        old_name, old_parent = known.name_on(on), self._name(known.parent_on(on), on)
        said = [
            (NAME, old_name, change.name),
            (PARENT, old_parent, change.parent_id and self._name(change.parent_id, on)),
            (UNTIL, _day(known.valid_to), _day(change.close_on)),
        ]
        if change.unit_id in self._successors:
            day = change.close_on or known.valid_to
            old = self._names(known.successors, day)
            said.append((SUCCESSORS, old, self._successors_of(known.id, day)))
        changes = tuple(Change(label, old, new) for label, old, new in said if new and new != old)
        code = next((span.value for span in known.codes if span.holds_on(on)), "")
        kind: Kind = "changed" if change.close_on is None else "ended"
        return Shift(kind, code, old_name, changes, _day(change.since))

    def _name(self, unit_id: str | None, on: dt.date) -> str:
        if unit_id in self._new:
            return self._new[unit_id or ""]
        return self._index.by_id[unit_id].name_on(on) if unit_id else ""

    def _names(self, unit_ids: Sequence[str], on: dt.date | None) -> str:
        return ", ".join(sorted(self._name(one, on or self._today) for one in unit_ids))

    def _successors_of(self, unit_id: str, on: dt.date | None) -> str:
        return self._names(self._successors.get(unit_id, ()), on)


def site_shifts(
    plan: SitePlan, known: Mapping[str, Site], index: UnitIndex, today: dt.date
) -> tuple[Shift, ...]:
    """A shift for each site that is new or changes; `known`: the stored ones by code."""

    def unit(site: Site) -> str:
        return index.by_id[site.unit_id].name_on(today)

    added = [
        Shift("new", one.code, one.name, (Change(_UNIT, "", unit(one)), *_texts(None, one)))
        for one in plan.new
    ]
    changed = []
    for site in plan.changed:
        old = known[site.code]
        moved = (Change(_UNIT, unit(old), unit(site)),) if site.unit_id != old.unit_id else ()
        changed.append(Shift("changed", site.code, old.name, (*moved, *_texts(old, site))))
    return (*added, *changed)


def _texts(old: Site | None, new: Site) -> Iterator[Change]:
    """What differs; of a new site all that is filled in, but its name."""
    for key in TEXTS:
        before, after = getattr(old, key) if old else "", getattr(new, key)
        if before != after and (old or key != "name"):
            yield Change(_TITLES[key], before, after)
    streams = (_number(old.streams) if old else "", _number(new.streams))
    if streams[0] != streams[1]:
        yield Change(_TITLES["streams"], *streams)
    lines = (_lines(old.lines) if old else "", _lines(new.lines))
    if lines[0] != lines[1]:
        yield Change(_LINES, *lines)
    if (old is None or old.active) != new.active:
        words = (_YES, _NO) if old is None or old.active else (_NO, _YES)
        yield Change(_ACTIVE, *words, is_word=True)


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _lines(lines: Sequence[Line]) -> str:
    """As the page of a site has them, in short."""
    return "; ".join(
        " ".join(
            filter(
                None,
                (
                    KIND_NAMES[line.kind],
                    line.provider,
                    f"{show_mbps(line.down_bps) or '?'}/{show_mbps(line.up_bps) or '?'} Mbps"
                    if line.down_bps or line.up_bps
                    else "",
                    f"({_BACKUP})" if line.backup else "",
                ),
            )
        )
        for line in lines
    )


def _day(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
