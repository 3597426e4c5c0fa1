"""Reading a room's plan from the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from confhub.errors import N_, Conflict
from confhub.meetings.admission import at_sitting
from confhub.meetings.meeting import Meeting
from confhub.store import Store
from confhub.units.site import Site
from confhub.units.unit import Level, Unit
from rooms.state.seat import InvitedSeat, Plan, site_member

LOWEST_RANK = 4  # where a site is listed whose unit stands no more


class NotHeld(Conflict):
    """The meeting is over, or does not take place: it has no room."""

    code = "not_held"
    message = N_("Cuộc họp đã kết thúc hoặc không diễn ra.")


async def read_plan(store: Store, meeting_id: str, now: dt.datetime) -> Plan:
    """The meeting's plan, with names and levels as of its day, and of several sittings the times
    of the one that is held; `now`: in the zone of its people. NotFound, NotHeld, Unavailable."""
    whole, zone = await store.meetings.get(meeting_id), now.tzinfo or dt.UTC
    meeting = at_sitting(whole, now)
    if meeting.status not in ("scheduled", "live"):
        raise NotHeld
    on = meeting.starts_at.astimezone(zone).date()
    days = await store.sites.on_days([(one, on) for one in meeting.sites], zone)
    sites = [
        replace(site, name=called.name, unit_id=called.unit_id)
        for site in await store.sites.get_many(meeting.sites)
        if (called := days.get((site.id, on)))
    ]
    units = await store.units.get_many({site.unit_id for site in sites}, on, ended=True)
    levels = {level.id: level for level in await store.units.levels()}
    plan = make_plan(meeting, sites, {unit.id: unit for unit in units}, levels)
    later = [one.starts_at for one in whole.to_come if one.starts_at > meeting.starts_at]
    return replace(plan, next_at=min(later).timestamp()) if later else plan


def make_plan(
    meeting: Meeting,
    sites: Collection[Site],
    units: dict[str, Unit],
    levels: dict[str, Level],
) -> Plan:
    """Put the rows together; sites come in the order of invitation. Pure.

    A unit that was merged since the invitation keeps its last name; none keeps its site out.
    """
    by_id = {site.id: site for site in sites}
    seats = []
    for site in (by_id[site_id] for site_id in meeting.sites if site_id in by_id):
        unit = units.get(site.unit_id)
        level = levels[unit.level_id] if unit else None
        seats.append(
            InvitedSeat(
                member_id=site_member(site.id),
                site_id=site.id,
                name=site.name,
                unit=unit.name if unit else "",
                level=level.name if level else "",
                rank=level.rank if level else LOWEST_RANK,
                phones=_phones(site),
            )
        )
    chair = meeting.chair_site_id
    return Plan(
        meeting_id=meeting.id,
        title=meeting.title,
        chair=site_member(chair) if chair in by_id else None,
        starts_at=meeting.starts_at.timestamp(),
        ends_at=meeting.ends_at.timestamp(),
        seats=tuple(seats),
        is_live=meeting.status == "live",
    )


def _phones(site: Site) -> tuple[tuple[str, str], ...]:
    """Whom to call when the site is missing: its room first, then its people."""
    known = (
        ("", site.room_phone),
        (site.contact_name, site.contact_phone),
        (site.technician_name, site.technician_phone),
    )
    return tuple((name, number) for name, number in known if number)
