"""Lines of a unit file, one by one: texts, dates, levels, and whose code it is. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confhub.errors import N_, BadInput
from confhub.identity import new_id
from confhub.imports.csv_table import Column, CsvTable, Problem, Row
from confhub.units.records import UnitIndex, UnitRecord
from confhub.units.unit import GSO_SCHEME, GSO_WIDTHS, Level
from confhub.words.dates import read_date
from confhub.words.texts import Vocabulary

COLUMNS = (
    Column("code", ("Mã đơn vị", "Mã", "Code"), required=True),
    Column("name", ("Tên đơn vị", "Tên", "Name"), required=True),
    Column("level", ("Cấp", "Level"), required=True),
    Column("parent_code", ("Mã đơn vị cấp trên", "Mã cấp trên", "Parent code"), required=True),
    Column("valid_from", ("Hiệu lực từ", "Valid from")),
    Column("valid_to", ("Hết hiệu lực", "Hiệu lực đến", "Valid to")),
    Column("successors", ("Mã đơn vị kế tục", "Successor codes")),
    Column("scheme", ("Hệ mã", "Scheme")),
)
TEMPLATE = (
    {"code": "11", "name": "Tỉnh Điện Biên", "level": "Tỉnh"},
    {"code": "103", "name": "Huyện Nậm Pồ", "level": "Huyện", "parent_code": "11"},
    {"code": "03187", "name": "Xã Chà Nưa", "level": "Xã", "parent_code": "103"},
)
NAME_LENGTH = 200
CODE_LENGTH = 64
SCHEME_LENGTH = 32

_DOES_NOT_STAND = N_(
    "Đơn vị này không có vào ngày %(on)s (hiệu lực từ: %(since)s, hết hiệu lực: %(until)s)."
)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a page says of a line by ids, where a file has codes.

    `unit_id` empty: a new unit, whoever bears its code. `parent_id` empty: as the line's code says.
    """

    unit_id: str = ""
    parent_id: str = ""
    successor_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Line:
    """One good line on its way into the plan."""

    row: Row
    scheme: str
    code: str
    name: str
    level: Level
    valid_from: dt.date | None
    valid_to: dt.date | None
    known: UnitRecord | None = None
    id: str = field(default_factory=new_id)
    parent_id: str | None = None
    successor_ids: tuple[str, ...] | None = None  # None: the line says nothing of them
    aim: Aim | None = None

    def on(self, today: dt.date) -> dt.date:
        """The day on which the line's statement is read: its first, else its last or today."""
        if self.valid_from is not None:
            return self.valid_from
        last = self.valid_to - dt.timedelta(days=1) if self.valid_to else today
        return min(last, today)


class LineReader:
    """Reads lines; what is wrong with them collects in `problems`."""

    def __init__(
        self,
        table: CsvTable,
        index: UnitIndex,
        levels: Sequence[Level],
        today: dt.date,
        aims: Mapping[int, Aim] | None = None,
    ) -> None:
        self._aims = aims or {}  # by the number of the line
        self.table = table
        self.index = index
        self.levels = levels
        self.today = today
        self.problems: list[Problem] = []
        self.by_code: dict[tuple[str, str], list[Line]] = {}
        self.by_id: dict[str, Line] = {}
        self.unread_codes: set[str] = set()  # of lines that are too faulty to place
        self._levels_by_word = Vocabulary(
            (word, level) for level in levels for word in (level.id, level.name, level.name_en)
        )

    def complain(
        self, row: Row, key: str, message: str, values: Mapping[str, object] | None = None
    ) -> None:
        self.problems.append(self.table.problem(row, key, message, values))

    def read(self) -> list[Line]:
        """The lines that can be placed, each with the unit it is about.

        Fills `by_code` and `by_id`. A line with a fault in its name still takes its place, so
        that its other faults, and none of its children's, are told.
        """
        lines = []
        for row in self.table.rows:
            line = self._read_line(row)
            if line is not None:
                lines.append(line)
            elif row.get("code"):
                self.unread_codes.add(row.get("code"))
        self._find_known(lines)
        self.by_id = {line.id: line for line in reversed(lines)}
        for line in lines:
            self._check_bearers(line)
            self.by_code.setdefault((line.scheme, line.code), []).append(line)
        return lines

    def _find_known(self, lines: Sequence[Line]) -> None:
        """Which unit each line is about; one after a line that ends that unit is a new one."""
        ended: dict[str, dt.date] = {}
        for line in sorted(lines, key=lambda line: line.valid_from or dt.date.min):
            if line.aim is not None:
                known = self._aimed_at(line, line.aim)
            else:
                known = self.index.find(line.scheme, line.code, line.on(self.today))
            if known is None or (
                known.id in ended and line.valid_from and line.valid_from >= ended[known.id]
            ):
                continue
            line.known, line.id = known, known.id
            if line.valid_to is not None:
                ended[known.id] = line.valid_to

    def _aimed_at(self, line: Line, aim: Aim) -> UnitRecord | None:
        if not aim.unit_id:
            return None
        known, on = self.index.by_id[aim.unit_id], line.on(self.today)
        if not known.stands_on(on):
            said = {"on": f"{on:%d/%m/%Y}", **say_span(known.valid_from, known.valid_to)}
            key = "valid_from" if line.valid_from else "valid_to"
            self.complain(line.row, key, _DOES_NOT_STAND, said)
        return known

    def _read_line(self, row: Row) -> Line | None:
        aim = self._aims.get(row.line)
        self._check_lengths(row, needs_code=aim is None or not aim.unit_id)
        level = self._read_level(row)
        dates = self._read_dates(row)
        if level is None or dates is None or not (row.get("code") or (aim and aim.unit_id)):
            return None
        scheme = row.get("scheme") or GSO_SCHEME
        code = _padded(scheme, row.get("code"), level.rank)
        return Line(row, scheme, code, row.get("name"), level, *dates, aim=aim)

    def _read_level(self, row: Row) -> Level | None:
        found = self._levels_by_word.meanings(row.get("level"))
        if len(found) == 1:
            return found[0]
        names = ", ".join(level.name for level in (found or self.levels))
        message = N_("Không có cấp này. Các cấp: %(names)s.")
        if found:
            message = N_("Chưa rõ là cấp nào: %(names)s. Xin viết đủ dấu.")
        self.complain(row, "level", message, {"names": names})
        return None

    def _check_lengths(self, row: Row, *, needs_code: bool) -> None:
        for key, length, needed in (
            ("code", CODE_LENGTH, needs_code),
            ("name", NAME_LENGTH, True),
            ("scheme", SCHEME_LENGTH, False),
        ):
            text = row.get(key)
            if needed and not text:
                self.complain(row, key, N_("Ô này còn trống."))
            elif len(text) > length:
                self.complain(row, key, N_("Dài nhất %(limit)s ký tự."), {"limit": length})

    def _read_dates(self, row: Row) -> tuple[dt.date | None, dt.date | None] | None:
        dates: list[dt.date | None] = []
        for key in ("valid_from", "valid_to"):
            try:
                dates.append(read_date(row.get(key)))
            except BadInput as error:
                self.complain(row, key, error.message, error.values)
        if len(dates) != len(("valid_from", "valid_to")):
            return None
        valid_from, valid_to = dates
        if valid_from and valid_to and valid_to <= valid_from:
            self.complain(row, "valid_to", N_("Ngày hết hiệu lực phải sau ngày có hiệu lực."))
            return None
        return valid_from, valid_to

    def _check_bearers(self, line: Line) -> None:
        """No code may be borne by two units on one day, in the file or with the store."""
        for other in self.by_code.get((line.scheme, line.code), ()):
            if overlap(line, other):
                self.complain(
                    line.row, "code", N_("Mã này đã có ở dòng %(line)s."), {"line": other.row.line}
                )
                return
        if line.known is not None:
            if line.known.level_id != line.level.id:
                self.complain(
                    line.row,
                    "level",
                    N_("Mã này đang thuộc về “%(name)s”, một đơn vị ở cấp khác."),
                    {"name": line.known.name_on(line.on(self.today))},
                )
            return
        bearer = self.index.bearer(line.scheme, line.code, line.valid_from, line.valid_to)
        if bearer is not None and not self._ends_before(bearer[1].id, line):
            span, record = bearer
            self.complain(
                line.row,
                "code" if line.aim else "valid_from",
                N_(
                    "Mã này thuộc về “%(name)s” (hiệu lực từ: %(since)s, hết hiệu lực: %(until)s)."
                    " Xin ghi ngày hiệu lực cho khớp."
                ),
                {"name": record.names[-1].value, **say_span(span.valid_from, span.valid_to)},
            )

    def _ends_before(self, unit_id: str, line: Line) -> bool:
        """Whether the file itself ends a unit in time for the line's."""
        ending = self.by_id.get(unit_id)
        ends_on = ending.valid_to if ending is not None else None
        return ends_on is not None and line.valid_from is not None and ends_on <= line.valid_from


def _padded(scheme: str, code: str, rank: int) -> str:
    if scheme == GSO_SCHEME and code.isascii() and code.isdecimal():
        return code.zfill(GSO_WIDTHS.get(rank, 0))
    return code


def stands(line: Line, on: dt.date) -> bool:
    return (line.valid_from or dt.date.min) <= on < (line.valid_to or dt.date.max)


def overlap(one: Line, two: Line) -> bool:
    starts = max(one.valid_from or dt.date.min, two.valid_from or dt.date.min)
    return starts < min(one.valid_to or dt.date.max, two.valid_to or dt.date.max)


def say_span(valid_from: dt.date | None, valid_to: dt.date | None) -> dict[str, str]:
    """`since` and `until` of a message, as the file's two columns would hold them."""
    ends = {"since": valid_from, "until": valid_to}
    return {name: f"{day:%d/%m/%Y}" if day else "—" for name, day in ends.items()}
