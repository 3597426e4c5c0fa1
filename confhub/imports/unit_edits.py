"""One unit added, renamed, moved or ended in a page, by the rules of a file of one line. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.imports.csv_table import CsvTable, Row
from confhub.imports.unit_lines import Aim
from confhub.units.records import UnitIndex
from confhub.words.dates import read_date

Act = Literal["add", "rename", "move", "end"]

LINE = 1  # of the only one


@dataclass(frozen=True, slots=True)
class Edit:
    """What was typed. `unit_id`: whom it is about, empty for a new one; `day`: from when on."""

    act: Act
    unit_id: str = ""
    parent_id: str = ""
    code: str = ""
    name: str = ""
    level_id: str = ""
    day: str = ""
    successor_ids: tuple[str, ...] = ()
    successor_codes: str = ""  # further ones, as a file has them


def table_of(edit: Edit, index: UnitIndex, today: dt.date) -> tuple[CsvTable, dict[int, Aim]]:
    """The line, and whom it is about. FieldErrors for what a file may leave out and a page may
    not."""
    _check(edit)
    aim = Aim(edit.unit_id, edit.parent_id, edit.successor_ids)
    values = {"code": edit.code, "name": edit.name, "level": edit.level_id}
    values["successors"] = edit.successor_codes
    if edit.act == "end":
        values["valid_to"] = edit.day
    else:
        values["valid_from"] = edit.day
    if edit.unit_id:
        known = index.by_id[edit.unit_id]
        values["level"] = known.level_id
        if edit.act != "rename":
            values["name"] = known.name_on(_read_on(edit, today))
    return CsvTable((Row(LINE, values),), {}, ()), {LINE: aim}


def _check(edit: Edit) -> None:
    wrong: dict[str, ConfhubError] = {}
    if edit.act == "end" and not edit.day:
        wrong["valid_to"] = BadInput(N_("Xin ghi ngày hết hiệu lực."))
    if edit.act in ("add", "move") and not edit.parent_id:
        wrong["parent_code"] = BadInput(N_("Xin chọn đơn vị cấp trên."))
    if wrong:
        raise FieldErrors(wrong)


def _read_on(edit: Edit, today: dt.date) -> dt.date:
    """The day on which the line is read, as unit_lines.Line.on has it."""
    try:
        day = read_date(edit.day)
    except BadInput:  # the line says so itself
        day = None
    if day is None:
        return today
    return min(day - dt.timedelta(days=1), today) if edit.act == "end" else day
