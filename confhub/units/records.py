"""A unit with all its dates: every name, parent and code it had, has and will have. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confhub.units.unit import NewUnit, Succession
from confhub.words.texts import fold


@dataclass(frozen=True, slots=True)
class Span:
    """A value over [valid_from, valid_to); None is open."""

    value: str
    valid_from: dt.date | None
    valid_to: dt.date | None

    def holds_on(self, on: dt.date) -> bool:
        return (self.valid_from or dt.date.min) <= on < (self.valid_to or dt.date.max)

    def overlaps(self, valid_from: dt.date | None, valid_to: dt.date | None) -> bool:
        starts_in_time = (self.valid_from or dt.date.min) < (valid_to or dt.date.max)
        return starts_in_time and (valid_from or dt.date.min) < (self.valid_to or dt.date.max)


@dataclass(frozen=True, slots=True)
class CodeSpan(Span):
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One unit; the spans of each kind are in order of time and do not overlap."""

    id: str
    level_id: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    names: tuple[Span, ...] = ()
    parents: tuple[Span, ...] = ()
    codes: tuple[CodeSpan, ...] = ()
    successors: tuple[str, ...] = ()  # ids of the units it went into

    def name_on(self, on: dt.date) -> str:
        """The name on a day; on a day without one, the last."""
        return _on(self.names, on) or (self.names[-1].value if self.names else "")

    def former_name(self, words: Iterable[str], on: dt.date) -> str:
        """The last of its former names by which folded words find it, where the name of the day
        is not found by them; empty: none."""
        if _holds(self.name_on(on), words := list(words)):
            return ""
        past = [span.value for span in self.names if span.valid_to and span.valid_to <= on]
        return next((name for name in reversed(past) if _holds(name, words)), "")

    def parent_on(self, on: dt.date) -> str | None:
        return _on(self.parents, on)

    def stands_on(self, on: dt.date) -> bool:
        return Span("", self.valid_from, self.valid_to).holds_on(on)


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What an import does to a unit that exists. None: that part stays.

    `since` is the day from which the new name or parent holds; None corrects what holds on
    `corrects`, as if it had always been so.
    """

    unit_id: str
    corrects: dt.date
    since: dt.date | None = None
    name: str | None = None
    parent_id: str | None = None
    close_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What an import of units, or a page of one, will do.

    `successions` stand in the place of all that their old units had.
    """

    new: tuple[NewUnit, ...]
    changes: tuple[UnitChange, ...]
    unchanged: int
    successions: tuple[Succession, ...] = ()

    @property
    def rests_on(self) -> set[str]:
        """Ids of the units whose records it was made from; new ones among them."""
        changed = {change.unit_id for change in self.changes}
        parents = [*(one.parent_id for one in self.new), *(one.parent_id for one in self.changes)]
        successors = {one.new_unit_id for one in self.successions}
        return changed | successors | {unit_id for unit_id in parents if unit_id}


class UnitIndex:
    """Records by id and by code."""

    def __init__(self, records: Iterable[UnitRecord]) -> None:
        self.by_id: Mapping[str, UnitRecord] = {record.id: record for record in records}
        self._codes: dict[tuple[str, str], list[tuple[CodeSpan, UnitRecord]]] = {}
        for record in self.by_id.values():
            for code in record.codes:
                self._codes.setdefault((code.scheme, code.value), []).append((code, record))

    def find(self, scheme: str, code: str, on: dt.date) -> UnitRecord | None:
        """Who bears a code on a day."""
        bearers = self._codes.get((scheme, code), ())
        return next((record for span, record in bearers if span.holds_on(on)), None)

    def bearer(
        self, scheme: str, code: str, valid_from: dt.date | None, valid_to: dt.date | None
    ) -> tuple[CodeSpan, UnitRecord] | None:
        """Somebody who bears the code within the span, and when; None if it is free."""
        bearers = self._codes.get((scheme, code), ())
        return next((pair for pair in bearers if pair[0].overlaps(valid_from, valid_to)), None)

    def tops(self, level_id: str, on: dt.date) -> list[UnitRecord]:
        """Units of a level standing on a day."""
        return [
            record
            for record in self.by_id.values()
            if record.level_id == level_id and record.stands_on(on)
        ]


def _holds(name: str, words: Iterable[str]) -> bool:
    parts = fold(name).split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _on(spans: Iterable[Span], on: dt.date) -> str | None:
    return next((span.value for span in spans if span.holds_on(on)), None)
