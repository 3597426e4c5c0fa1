"""What a unit or a site was, is or will be called on a day: the one place for the rule. Pure.

A meeting is told by the names of its day, before and after it. A unit's names hold from a day on
and are known ahead; before its first and after its last name it has that one. A site is called as
it is now, and on days before as it was then, by what is on record of its changes: the last of a day
is that day's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """A site by its name and its unit."""

    name: str
    unit_id: str


@dataclass(frozen=True, slots=True)
class Before:
    """What a site was until a day; None: that did not change then."""

    until: dt.date
    name: str | None = None
    unit_id: str | None = None


def unit_name_on(names: Collection[tuple[dt.date, str]], on: dt.date) -> str:
    """Of names, at least one, each with the day from which it holds."""
    begun = [one for one in names if one[0] <= on]
    return max(begun)[1] if begun else min(names)[1]


def site_on(now: Called, changes: Sequence[Before], on: dt.date) -> Called:
    """`changes` in the order of time; `now`: what the last of them made of it."""
    later = [one for one in changes if one.until > on]
    names = (one.name for one in later if one.name is not None)
    units = (one.unit_id for one in later if one.unit_id is not None)
    return Called(next(names, now.name), next(units, now.unit_id))
