"""Units from a CSV file: every line is checked, and nothing is done unless all are good. Pure.

`plan_units` turns a table and what the store holds into a plan. A line whose code the store
knows on its day changes that unit; any other line is a new unit. See docs/import.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from confhub.errors import N_
from confhub.imports.csv_table import CsvTable, Problem
from confhub.imports.unit_lines import GSO_WIDTHS, Line, LineReader, overlap, say_span, stands
from confhub.units.records import UnitChange, UnitIndex, UnitPlan, UnitRecord
from confhub.units.tree import on_a_cycle
from confhub.units.unit import GSO_SCHEME, Level, NewUnit
from confhub.words.texts import spelling


def plan_units(
    table: CsvTable,
    index: UnitIndex,
    levels: Sequence[Level],
    today: dt.date,
    within: Collection[str] | None = None,
) -> tuple[UnitPlan, list[Problem]]:
    """What to do, and every fault found, by line. A plan with faults must not be carried out.

    `within`: ids of the units that may be changed or get new units below; None: all.
    """
    reader = LineReader(table, index, levels, today)
    lines = reader.read()
    tree = _Tree(reader, within)
    tree.find_parents(lines)
    tree.check(lines)
    problems = [*table.problems, *reader.problems]
    return _plan(lines, today), sorted(problems, key=lambda problem: problem.line)


class _Tree:
    """The lines' places in the tree."""

    def __init__(self, reader: LineReader, within: Collection[str] | None) -> None:
        self._reader = reader
        self._within = within
        self._levels = reader.levels
        self._unplaced: set[str] = set()  # lines whose parent is in doubt: say so once
        self._today = reader.today
        self._rank = {level.id: level.rank for level in reader.levels}
        self._children: dict[str, list[UnitRecord]] = {}
        for record in reader.index.by_id.values():
            for parent in record.parents:
                self._children.setdefault(parent.value, []).append(record)

    def find_parents(self, lines: Sequence[Line]) -> None:
        for line in lines:
            faults = len(self._reader.problems)
            text = line.row.get("parent_code")
            line.parent_id = self._find_parent(line, text) if text else self._top(line)
            if line.parent_id == line.id:
                self._reader.complain(
                    line.row, "parent_code", N_("Một đơn vị không thể trực thuộc chính nó.")
                )
            if len(self._reader.problems) > faults:
                self._unplaced.add(line.id)

    def _find_parent(self, line: Line, text: str) -> str | None:
        on = line.on(self._today)
        for code in _parent_codes(line, text):
            for other in self._reader.by_code.get((line.scheme, code), ()):
                if other is line or stands(other, on):
                    return other.id
            record = self._reader.index.find(line.scheme, code, on)
            if record is not None:
                return record.id
        if text in self._reader.unread_codes:  # its own line has the fault
            self._unplaced.add(line.id)
            return None
        self._reader.complain(
            line.row,
            "parent_code",
            N_("Không có đơn vị mang mã “%(code)s” vào ngày %(on)s, cả trong tệp lẫn danh mục."),
            {"code": text, "on": f"{on:%d/%m/%Y}"},
        )
        return None

    def _top(self, line: Line) -> str | None:
        """Without a parent's code: the one unit of the highest level, if the line is next to it."""
        if line.known is not None:
            return line.known.parent_on(line.on(self._today))
        ranks = sorted(self._rank.values())
        if line.level.rank == ranks[0]:
            return None
        tops = self._reader.index.tops(self._levels[0].id, line.on(self._today))
        if line.level.rank > ranks[min(1, len(ranks) - 1)]:
            self._reader.complain(line.row, "parent_code", N_("Còn thiếu mã đơn vị cấp trên."))
            return None
        return tops[0].id if len(tops) == 1 else None

    def check(self, lines: Sequence[Line]) -> None:
        looping = set(on_a_cycle({line.id: line.parent_id for line in lines}))
        for line in lines:
            if line.id in looping and line.parent_id != line.id:
                self._reader.complain(
                    line.row, "parent_code", N_("Các đơn vị trực thuộc nhau thành vòng.")
                )
            elif line.id not in self._unplaced:
                self._check_parent(line)
                self._check_reach(line)
                self._check_children(line)
        self._check_siblings(lines)

    def _check_parent(self, line: Line) -> None:
        if line.parent_id is None:
            return
        above = self._reader.by_id.get(line.parent_id)
        record = self._reader.index.by_id.get(line.parent_id)
        level_id = above.level.id if above else record.level_id if record else ""
        if self._rank.get(level_id, 0) >= line.level.rank:
            self._reader.complain(
                line.row, "level", N_("Cấp phải thấp hơn cấp của đơn vị cấp trên.")
            )
        valid_from, valid_to = self._span(line.parent_id)
        too_early = (valid_from or dt.date.min) > (self._span(line.id)[0] or dt.date.min)
        too_late = (valid_to or dt.date.max) < (self._span(line.id)[1] or dt.date.max)
        if (too_early and line.known is None) or too_late:
            self._reader.complain(
                line.row,
                "valid_from" if too_early and line.known is None else "valid_to",
                N_("Đơn vị cấp trên có hiệu lực từ: %(since)s, hết hiệu lực: %(until)s."),
                say_span(valid_from, valid_to),
            )

    def _span(self, unit_id: str) -> tuple[dt.date | None, dt.date | None]:
        """When a unit will stand after the import."""
        line = self._reader.by_id.get(unit_id)
        if line is None or line.known is not None:
            record = self._reader.index.by_id[unit_id]
            closes = line.valid_to if line is not None else None
            return record.valid_from, closes or record.valid_to
        return line.valid_from, line.valid_to

    def _check_reach(self, line: Line) -> None:
        if self._within is None:
            return
        moved = line.known is None or line.parent_id != line.known.parent_on(line.on(self._today))
        own = line.known is None or line.known.id in self._within
        above = line.parent_id in self._within or (
            line.parent_id in self._reader.by_id
            and self._reader.by_id[line.parent_id].known is None
        )
        if not own or (moved and not above):
            self._reader.complain(line.row, "code", N_("Đơn vị này nằm ngoài phạm vi của bạn."))

    def _check_children(self, line: Line) -> None:
        """A unit that ends must not leave units below it."""
        if line.known is None or line.valid_to is None or line.valid_to == line.known.valid_to:
            return
        left = [
            record.name_on(line.valid_to)
            for record in self._children.get(line.id, ())
            if record.parent_on(line.valid_to) == line.id and record.id not in self._reader.by_id
        ]
        if left:
            self._reader.complain(
                line.row,
                "valid_to",
                N_("Còn %(count)s đơn vị trực thuộc sau ngày này, ví dụ “%(name)s”."),
                {"count": len(left), "name": left[0]},
            )

    def _check_siblings(self, lines: Sequence[Line]) -> None:
        seen: dict[tuple[str | None, str], Line] = {}
        for line in lines:
            if not line.name:
                continue
            other = seen.setdefault((line.parent_id, spelling(line.name)), line)
            if other is not line and overlap(line, other):
                self._reader.complain(
                    line.row,
                    "name",
                    N_("Trùng tên với dòng %(line)s trong cùng đơn vị cấp trên."),
                    {"line": other.row.line},
                )


def _plan(lines: Sequence[Line], today: dt.date) -> UnitPlan:
    changes = [change for line in lines if (change := _change(line, today)) is not None]
    return UnitPlan(
        new=tuple(
            NewUnit(
                level_id=line.level.id,
                name=line.name,
                parent_id=line.parent_id,
                codes=((line.scheme, line.code),),
                valid_from=line.valid_from,
                valid_to=line.valid_to,
                id=line.id,
            )
            for line in lines
            if line.known is None
        ),
        changes=tuple(changes),
        unchanged=sum(line.known is not None for line in lines) - len(changes),
    )


def _change(line: Line, today: dt.date) -> UnitChange | None:
    if line.known is None:
        return None
    on = line.on(today)
    name = line.name if line.name != line.known.name_on(on) else None
    moved = line.parent_id is not None and line.parent_id != line.known.parent_on(on)
    close_on = line.valid_to if line.valid_to != line.known.valid_to else None
    if name is None and not moved and close_on is None:
        return None
    later = line.valid_from is not None and line.valid_from > (line.known.valid_from or dt.date.min)
    return UnitChange(
        unit_id=line.id,
        corrects=on,
        since=line.valid_from if later else None,
        name=name,
        parent_id=line.parent_id if moved else None,
        close_on=close_on,
    )


def _parent_codes(line: Line, text: str) -> list[str]:
    """The code as written, then with the zeros a spreadsheet may have dropped."""
    if line.scheme != GSO_SCHEME or not (text.isascii() and text.isdecimal()):
        return [text]
    widths = sorted(GSO_WIDTHS.values(), reverse=True)
    own = GSO_WIDTHS.get(line.level.id, max(widths) + 1)
    return [text, *(text.zfill(width) for width in widths if len(text) < width <= own)]
