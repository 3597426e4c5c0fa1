"""What a file, or a page of one unit, does or would do: told before it is done. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from confhub.imports.csv_table import Problem
from confhub.units.use import Notice

Kind = Literal["new", "changed", "ended"]


@dataclass(frozen=True, slots=True)
class Change:
    """`label` is a msgid; `old` is empty for what is new. `is_word`: the values are msgids too.
    `new_en`: in English, where the record itself has that, as of levels."""

    label: str
    old: str
    new: str
    is_word: bool = False
    new_en: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """What becomes of one thing. `since`: from which day on, as dd/mm/yyyy; empty: at once, as if
    it had always been so."""

    kind: Kind
    code: str
    name: str
    changes: tuple[Change, ...]
    since: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """The password of an account that nobody entered yet: it stands nowhere else. `unit` is a
    name."""

    login: str
    name: str
    password: str = field(repr=False)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a file does or would do. With problems, nothing was done."""

    new: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]  # by line, at most MAX_PROBLEMS
    more_problems: int = 0
    done: bool = False
    warnings: tuple[Notice, ...] = ()  # what units that end leave behind, by name
    shifts: Sequence[Shift] = ()
    seal: str = ""  # a word for just these shifts
    issued: tuple[Issued, ...] = ()  # of accounts that were made, then of those in `renewals`
    renewals: Sequence[Shift] = ()  # accounts of the file that may get a new password

    @property
    def good(self) -> bool:
        return not self.problems

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged


def seal_of(shifts: Iterable[Shift]) -> str:
    """The same for the same shifts only: what was shown is what is done, or it is shown anew."""
    digest = hashlib.sha256()
    for one in shifts:
        changes = [[change.label, change.old, change.new] for change in one.changes]
        said = json.dumps([one.kind, one.code, one.name, one.since, changes])
        digest.update(said.encode() + b"\n")
    return digest.hexdigest()
