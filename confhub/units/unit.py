"""Units: authorities in a tree whose shape, names and codes change by date. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from confhub.identity import new_id

# Codes of the national statistics office, the ones the country's lists of units use.
GSO_SCHEME = "gso"
# How long they are, by their level's rank: spreadsheets drop leading zeros.
GSO_WIDTHS = {2: 2, 3: 3, 4: 5}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of authority; rank 1 is the highest. Levels are data: a country may have three."""

    id: str  # of a row, as "commune": no code asks for it, since a country may have other levels
    rank: int
    name: str  # Vietnamese: "Huyện"
    name_en: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it stands on one day."""

    id: str
    level_id: str
    name: str  # with its kind: "Huyện Nậm Pồ"
    parent_id: str | None
    code: str | None  # in the scheme the store's caller asked for
    valid_from: dt.date | None  # None: always was
    valid_to: dt.date | None  # first day on which it is no more; None: still stands

    def stands_on(self, day: dt.date) -> bool:
        return (self.valid_from or dt.date.min) <= day < (self.valid_to or dt.date.max)


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit of a tree that may be cut: `below` counts all units under this one, `own_sites` the
    sites of it, `sites` those of it and of all under it."""

    unit: Unit
    own_sites: int
    sites: int
    below: int


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to be added; its name, parent and codes hold for its whole span."""

    level_id: str
    name: str
    parent_id: str | None = None
    codes: tuple[tuple[str, str], ...] = ()  # (scheme, code)
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Succession:
    """`old_unit_id` went, wholly or in part, into `new_unit_id` on a date."""

    old_unit_id: str
    new_unit_id: str
    effective_on: dt.date
