"""A council that meets for three days, mornings and afternoons, to be held in tests."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = dt.date(2026, 12, 7)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """So many days after that Monday, local, as UTC."""
    local = dt.datetime.combine(MONDAY, dt.time(hour, minute), ZONE) + dt.timedelta(days=day)
    return local.astimezone(dt.UTC)


def sittings_on(*days: int) -> tuple[Sitting, ...]:
    return tuple(
        Sitting(at(day, begin), at(day, end)) for day in days for begin, end in ((8, 11), (14, 17))
    )


def council(*days: int, status: str = "scheduled") -> Meeting:
    sittings = sittings_on(*(days or (0, 1, 2)))
    return Meeting(
        id="meeting-1",
        title="Kỳ họp HĐND",
        level_id="district",
        host_unit_id="unit-1",
        chair_site_id="site-a",
        starts_at=sittings[0].starts_at,
        ends_at=sittings[-1].ends_at,
        status=status,  # type: ignore[arg-type]
        sites=("site-a", "site-b"),
        sittings=sittings,
    )
