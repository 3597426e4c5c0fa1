"""A meeting as last time: on which day, and who of those invited then can be invited now. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from confhub.meetings.working_days import WorkCalendar
from confhub.units.site import Site
from confhub.units.unit import Unit

_WEEK = 7


def next_day(last: dt.date, today: dt.date, calendar: WorkCalendar) -> dt.date:
    """The first day after the last meeting that is the same day of the week and leaves the notice
    of an invitation; offices being closed then, the next day on which they are open.

    A meeting that was held on a day off stays on its day of the week.
    """
    earliest = max(last + dt.timedelta(days=1), calendar.first_day_with_notice(today))
    day = earliest + dt.timedelta(days=(last.weekday() - earliest.weekday()) % _WEEK)
    if not calendar.is_working(last):
        return day
    while not calendar.is_working(day):
        day += dt.timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A site that is not invited again. `unit`: its own, as it stands or stood last; None: one that
    is out of the host's reach."""

    site: Site
    unit: Unit | None
    why: Literal["unit_ended", "not_in_use", "out_of_reach"]


def fitting(
    sites: Iterable[Site], invitable: Mapping[str, Unit], on: dt.date
) -> tuple[list[Site], list[LeftOut]]:
    """Those of the sites that can be invited for a day, in their order, and the others.

    `invitable`: units whose sites the host may invite, by id, with those that have ended.
    """
    kept: list[Site] = []
    left: list[LeftOut] = []
    for site in sites:
        unit = invitable.get(site.unit_id)
        if unit is None:
            left.append(LeftOut(site, None, "out_of_reach"))
        elif unit.valid_to is not None and unit.valid_to <= on:
            left.append(LeftOut(site, unit, "unit_ended"))
        elif not site.active:
            left.append(LeftOut(site, unit, "not_in_use"))
        else:
            kept.append(site)
    return kept, left


def chair_of(wanted: str, kept: Collection[Site], host_unit_id: str) -> str:
    """The chair's site of last time if it can be invited, else the host's own first; "": none."""
    own = [site.id for site in kept if site.unit_id == host_unit_id]
    return wanted if any(site.id == wanted for site in kept) else next(iter(own), "")
