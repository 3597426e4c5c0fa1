"""Units from a CSV file: every line is checked, and nothing is done unless all are good. Pure.

`plan_units` turns a table and what the store holds into a plan. A line whose code the store
knows on its day changes that unit; any other line is a new unit. See docs/import.md.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from confhub.errors import N_
from confhub.imports.csv_table import CsvTable, Problem
from confhub.imports.unit_lines import (
    Aim,
    Line,
    LineReader,
    overlap,
    say_span,
    stands,
)
from confhub.units.records import Span, UnitChange, UnitIndex, UnitPlan, UnitRecord
from confhub.units.tree import on_a_cycle
from confhub.units.unit import GSO_SCHEME, GSO_WIDTHS, Level, NewUnit, Succession
from confhub.words.texts import spelling

_BETWEEN_CODES = re.compile(r"[\s;,|]+")
_NO_END = N_("Đơn vị còn hiệu lực thì chưa có đơn vị kế tục. Xin ghi ngày hết hiệu lực.")
_OUT_OF_REACH = N_("Đơn vị này nằm ngoài phạm vi của bạn.")
_NAMED_LATER = N_(
    "Từ ngày %(on)s đơn vị này đã có tên khác là “%(name)s”. Xin ghi từ ngày đó trở đi."
)
_MOVED_LATER = N_("Từ ngày %(on)s đơn vị này đã trực thuộc “%(name)s”. Xin ghi từ ngày đó trở đi.")


def plan_units(
    table: CsvTable,
    index: UnitIndex,
    levels: Sequence[Level],
    today: dt.date,
    within: Collection[str] | None = None,
    aims: Mapping[int, Aim] | None = None,
) -> tuple[UnitPlan, list[Problem]]:
    """What to do, and every fault found, by line. A plan with faults must not be carried out.

    `within`: ids of the units that may be changed or get new units below; None: all. `aims`: by
    the number of a line, what a page says of it.
    """
    reader = LineReader(table, index, levels, today, aims)
    lines = reader.read()
    tree = _Tree(reader, within)
    tree.find_parents(lines)
    tree.find_successors(lines)
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
        self._names_below: dict[tuple[str, dt.date], set[str]] = {}  # of the store, by parent
        for record in reader.index.by_id.values():
            for parent in record.parents:
                self._children.setdefault(parent.value, []).append(record)

    def find_parents(self, lines: Sequence[Line]) -> None:
        for line in lines:
            faults = len(self._reader.problems)
            text = line.row.get("parent_code")
            if line.aim is not None and line.aim.parent_id:
                line.parent_id = self._aimed_parent(line, line.aim.parent_id)
            else:
                line.parent_id = self._find_parent(line, text) if text else self._top(line)
            if line.parent_id == line.id:
                self._reader.complain(
                    line.row, "parent_code", N_("Một đơn vị không thể trực thuộc chính nó.")
                )
            if len(self._reader.problems) > faults:
                self._unplaced.add(line.id)

    def _aimed_parent(self, line: Line, parent_id: str) -> str | None:
        record, on = self._reader.index.by_id.get(parent_id), line.on(self._today)
        if record is not None and record.stands_on(on):
            return record.id
        self._reader.complain(
            line.row,
            "parent_code",
            N_("Không có đơn vị này vào ngày %(on)s."),
            {"on": f"{on:%d/%m/%Y}"},
        )
        return None

    def find_successors(self, lines: Sequence[Line]) -> None:
        for line in lines:
            codes = [one for one in _BETWEEN_CODES.split(line.row.get("successors")) if one]
            ids = line.aim.successor_ids if line.aim is not None else ()
            if not codes and not ids:
                continue
            if line.valid_to is None:
                self._reader.complain(line.row, "successors", _NO_END)
                continue
            found = [self._bearer(line, code, line.valid_to) for code in codes]
            named = dict(zip((*codes, *ids), (*found, *ids), strict=True))
            for text, unit_id in named.items():
                self._check_successor(line, text, unit_id, line.valid_to)
            line.successor_ids = tuple(dict.fromkeys(one for one in named.values() if one))

    def _check_successor(self, line: Line, text: str, unit_id: str | None, on: dt.date) -> None:
        record = self._reader.index.by_id.get(unit_id or "")
        own = self._reader.by_id.get(unit_id or "")
        day = f"{on:%d/%m/%Y}"
        if unit_id == line.id:
            self._reader.complain(
                line.row, "successors", N_("Một đơn vị không thể kế tục chính nó.")
            )
        elif (own is None or own.known is not None) and (
            record is None or not record.stands_on(on)
        ):
            name = record.names[-1].value if record and record.names else text
            message = N_("Không có đơn vị kế tục “%(name)s” vào ngày %(on)s.")
            self._reader.complain(line.row, "successors", message, {"name": name, "on": day})
        elif self._within is not None and own is None and unit_id not in self._within:
            self._reader.complain(line.row, "successors", _OUT_OF_REACH)

    def _find_parent(self, line: Line, text: str) -> str | None:
        on = line.on(self._today)
        found = self._bearer(line, text, on, most=GSO_WIDTHS.get(line.level.rank))
        if found is not None:
            return found
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

    def _bearer(self, line: Line, text: str, on: dt.date, most: int | None = None) -> str | None:
        """Who bears a code on a day, in the file or in the store; `most`: how wide it may be."""
        for code in _written_codes(line.scheme, text, most):
            for other in self._reader.by_code.get((line.scheme, code), ()):
                if other is line or stands(other, on):
                    return other.id
            record = self._reader.index.find(line.scheme, code, on)
            if record is not None:
                return record.id
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
                self._check_later(line)
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
            key = "parent_code" if own and line.aim else "code"
            self._reader.complain(line.row, key, _OUT_OF_REACH)

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

    def _check_later(self, line: Line) -> None:
        """Nothing that holds, or is planned, from a later day on gives way to an earlier one."""
        known, since = line.known, _since(line)
        if known is None or since is None:
            return
        if line.name and line.name != known.name_on(since):
            for day, name in _others_after(since, known.names, line.name):
                said = {"on": f"{day:%d/%m/%Y}", "name": name}
                self._reader.complain(line.row, "valid_from", _NAMED_LATER, said)
        if line.parent_id is not None and line.parent_id != known.parent_on(since):
            for day, parent_id in _others_after(since, known.parents, line.parent_id):
                name = self._reader.index.by_id[parent_id].name_on(day)
                said = {"on": f"{day:%d/%m/%Y}", "name": name}
                self._reader.complain(line.row, "valid_from", _MOVED_LATER, said)

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
            elif other is line and self._is_placed_anew(line):
                self._check_stored_siblings(line)

    def _is_placed_anew(self, line: Line) -> bool:
        """Whether the line gives its unit a name or a parent that it had not."""
        if line.known is None or line.id in self._unplaced:
            return line.known is None
        on = line.on(self._today)
        return (line.name, line.parent_id) != (line.known.name_on(on), line.known.parent_on(on))

    def _check_stored_siblings(self, line: Line) -> None:
        """Among units that the file says nothing of."""
        parent_id, on = line.parent_id or "", line.on(self._today)
        if (parent_id, on) not in self._names_below:
            self._names_below[parent_id, on] = {
                spelling(record.name_on(on))
                for record in self._children.get(parent_id, ())
                if record.id not in self._reader.by_id and record.parent_on(on) == parent_id
            }
        if spelling(line.name) in self._names_below[parent_id, on]:
            message = N_("Ngày %(on)s đã có một đơn vị tên này trong cùng đơn vị cấp trên.")
            self._reader.complain(line.row, "name", message, {"on": f"{on:%d/%m/%Y}"})


def _plan(lines: Sequence[Line], today: dt.date) -> UnitPlan:
    changes = [change for line in lines if (change := _change(line, today)) is not None]
    successions = [one for line in lines for one in _successions(line)]
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
        successions=tuple(successions),
    )


def _successions(line: Line) -> Iterator[Succession]:
    """Those of a line that says or dates them anew."""
    if line.valid_to is None:
        return
    known = line.known.successors if line.known is not None else ()
    ids = known if line.successor_ids is None else line.successor_ids
    is_dated = line.known is None or line.valid_to != line.known.valid_to
    if is_dated or set(ids) != set(known):
        for unit_id in ids:
            yield Succession(line.id, unit_id, line.valid_to)


def _others_after(
    since: dt.date, spans: Sequence[Span], value: str
) -> Sequence[tuple[dt.date, str]]:
    """The last of other values that begin after a day, with its first day; empty: none."""
    begun = [(one.valid_from, one.value) for one in spans if one.valid_from and one.value != value]
    return [(day, other) for day, other in begun if day > since][-1:]


def _since(line: Line) -> dt.date | None:
    """The day from which a known unit's new name or parent holds; None: they are corrected."""
    if line.known is None or line.valid_from is None:
        return None
    return line.valid_from if line.valid_from > (line.known.valid_from or dt.date.min) else None


def _change(line: Line, today: dt.date) -> UnitChange | None:
    if line.known is None:
        return None
    on = line.on(today)
    name = line.name if line.name != line.known.name_on(on) else None
    moved = line.parent_id is not None and line.parent_id != line.known.parent_on(on)
    close_on = line.valid_to if line.valid_to != line.known.valid_to else None
    if name is None and not moved and close_on is None and not any(_successions(line)):
        return None
    return UnitChange(
        unit_id=line.id,
        corrects=on,
        since=_since(line),
        name=name,
        parent_id=line.parent_id if moved else None,
        close_on=close_on,
    )


def _written_codes(scheme: str, text: str, most: int | None) -> list[str]:
    """The code as written, then with the zeros a spreadsheet may have dropped."""
    if scheme != GSO_SCHEME or not (text.isascii() and text.isdecimal()):
        return [text]
    widths = sorted(GSO_WIDTHS.values(), reverse=True)
    return [
        text,
        *(text.zfill(one) for one in widths if len(text) < one <= (most or max(widths))),
    ]
