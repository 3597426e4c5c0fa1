"""Which values of a thing a line on record tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from confhub.trail.values import changed


@dataclass(frozen=True)
class Thing:
    name: str
    note: str = ""
    ends_at: dt.datetime | None = None
    secret: str = "hash"


TABLE: Mapping[str, Callable[[Thing], Any]] = {
    "name": lambda one: one.name,
    "note": lambda one: one.note,
    "ends_at": lambda one: one.ends_at,
}
END = dt.datetime(2026, 12, 1, 7, tzinfo=dt.timezone(dt.timedelta(hours=7)))
SAID = "2026-12-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, Thing("a"), {"name": (None, "a")}),
        (Thing("a"), Thing("a", secret="other"), {}),
        (Thing("a", "x"), Thing("b"), {"name": ("a", "b"), "note": ("x", "")}),
        (Thing("a"), Thing("a", ends_at=END), {"ends_at": (None, SAID)}),
        (Thing("a", ends_at=END), Thing("a"), {"ends_at": (SAID, None)}),
        (Thing("a"), None, {"name": ("a", None), "note": ("", None)}),
    ],
)
def test_what_differs_is_told_and_what_no_table_names_is_not(
    before: Thing | None, after: Thing | None, said: dict[str, Any]
) -> None:
    assert changed(before, after, TABLE) == said
