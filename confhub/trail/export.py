"""The record as files: CSV for tables, JSON to check the chain by. Pure.

JSON is one array, or a line for each object (JSON Lines); either way each object is a line of the
file, so that files of any length are read again line by line.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from typing import Literal

from confhub.errors import BadInput
from confhub.trail.chain import Line, Sealed
from confhub.words.cells import harmless

Form = Literal["csv", "json", "lines"]
_COLUMNS = ("seq", *Line._fields, "hash")
# A table that people of a unit take tells names, and not from where somebody came: that is needed
# to check the chain alone, which a table cannot do.
_TABLE = (
    *("seq", "at", "account_id", "account", "action", "subject", "subject_name"),
    *("detail", "changes"),
)
# By it Excel knows the letters.
_MARK = "\ufeff"


def head(form: Form) -> str:
    if form == "lines":
        return ""
    return _MARK + _csv([_COLUMNS]) if form == "csv" else "["


def piece(form: Form, lines: Iterable[Sealed], *, is_first: bool) -> str:
    """Some lines; `is_first`: none came before them."""
    if form == "csv":
        return _csv([harmless(value) for value in _values(one)] for one in lines)
    texts = [json.dumps(_object(one), ensure_ascii=False) for one in lines]
    if form == "lines":
        return "".join(f"{text}\n" for text in texts)
    before = "\n" if is_first else ",\n"
    return before + ",\n".join(texts) if texts else ""


def table_head() -> str:
    return _MARK + _csv([_TABLE])


def table_rows(
    lines: Iterable[Sealed], accounts: Mapping[str, str], subjects: Mapping[str, str]
) -> str:
    """`accounts`: names by id; `subjects`: what a line is about, by the line's id."""
    return _csv(
        [
            harmless(value)
            for value in (
                str(one.seq or ""),
                _moment(line.at),
                line.account_id,
                accounts.get(line.account_id, ""),
                line.action,
                line.subject,
                subjects.get(line.id, ""),
                line.detail,
                line.changes,
            )
        ]
        for one in lines
        for line in [one.line]
    )


def tail(form: Form) -> str:
    return "\n]\n" if form == "json" else ""


def read_line(text: str) -> Sealed | None:
    """What stands in a line of either JSON; None: nothing of the record. BadInput."""
    bare = text.strip().removesuffix(",")
    if bare in ("", "[", "]"):
        return None
    try:
        found = json.loads(bare)
        texts = {name: str(found[name]) for name in Line._fields}
        at = dt.datetime.fromisoformat(texts.pop("at"))
        line = Line(at=at.astimezone(dt.UTC), **texts)
        hashes = [str(found.get(name) or "") for name in ("hash", "before")]
        return Sealed(line, int(found["seq"] or 0), *hashes)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BadInput from error


def _values(one: Sealed) -> list[str]:
    seq = str(one.seq) if one.seq else ""
    line = one.line
    return [seq, line.id, _moment(line.at), *line[2:], one.hash]


def _object(one: Sealed) -> dict[str, object]:
    found: dict[str, object] = dict(zip(_COLUMNS, _values(one), strict=True))
    return found | {"seq": one.seq or None, "hash": one.hash or None, "before": one.before or None}


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
