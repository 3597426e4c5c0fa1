"""Nobody is booked twice by oversight: asked within every work that books.

Whoever books calls `check_free` in the work that writes, after `hold` of what it changes: two who
save at once come one after the other, and the second finds what the first has taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from confhub.long_work import beside
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.planning.conflicts import Clash, Override, check_override, clashes_within
from confhub.planning.precedence import InTheWay, minded, puts_off, shared, without_upward
from confhub.planning.series import content_of
from confhub.planning.takings import LOAD, Need, Takings, needs_of
from confhub.store import Work
from confhub.store.repositories import Repositories
from confhub.units.site import Site
from confhub.units.unit import Unit

# Sites by name in a line of the audit; the rest is counted.
_NAMED = 10
# Of sites or needs: two milliseconds, where those of the country are a tenth of a second.
_FEW = 200

T = TypeVar("T")


async def needs_in(
    record: Repositories, wanted: Meeting | Draft, zone: dt.tzinfo
) -> tuple[Need, ...]:
    """What `wanted` needs, with what its sites take along on its day in the zone of its people."""
    sites = {wanted.chair_site_id, *wanted.sites}
    along = await record.takings.along(sites, _day(wanted, zone))
    carried = record.takings.capacity.streams
    return await looked_at(len(sites), partial(needs_of, wanted, along, carried))


async def clashes_of(
    record: Repositories, wanted: Meeting | Draft, zone: dt.tzinfo, own: str = ""
) -> list[Clash]:
    """Who is taken while `wanted` is held; `own`: its id, once it has one."""
    return await clashes_with(record, wanted, await needs_in(record, wanted, zone), zone, own)


async def clashes_with(
    record: Repositories,
    wanted: Meeting | Draft,
    needs: Collection[Need],
    zone: dt.tzinfo,
    own: str = "",
) -> list[Clash]:
    """As `clashes_of`, for who has the needs of `needs_in` already."""
    span = (wanted.starts_at, wanted.ends_at)
    takings = await record.takings.during(needs, *span, _day(wanted, zone))
    hours = [(one.starts_at, one.ends_at) for one in wanted.to_come]
    return await looked_at(
        len(needs) * len(hours), partial(clashes_within, needs, takings, hours, own)
    )


async def hindering(
    record: Repositories, wanted: Meeting | Draft, clashes: Sequence[Clash], zone: dt.tzinfo
) -> list[Clash]:
    """The clashes for which `wanted` is put off where nobody is asked: of those that concern it,
    not the ones that people see to."""
    return [clash for clash in await concerning(record, wanted, clashes, zone) if puts_off(clash)]


async def shared_by(record: Repositories, meeting: Meeting, zone: dt.tzinfo) -> list[InTheWay]:
    """The technicians and lines of a meeting on record that others want too."""
    return shared(meeting, await clashes_of(record, meeting, zone, meeting.id))


async def concerning(
    record: Repositories, wanted: Meeting | Draft, clashes: Sequence[Clash], zone: dt.tzinfo
) -> list[Clash]:
    """The clashes that are `wanted`'s to mind: a higher host does not give way to a lower one that
    took a room above itself, where nobody was asked either."""
    taken = {(one.holder.host, one.site_id) for one in clashes if one.site_id}
    own = await _own_of_lower(record, wanted, taken, zone)
    return await looked_at(len(clashes), partial(without_upward, clashes, own))


async def minded_by(
    record: Repositories,
    wanted: Meeting | Draft,
    needs: Collection[Need],
    takings: Takings,
    zone: dt.tzinfo,
) -> Takings:
    """The takings that are `wanted`'s to mind, as `concerning`."""
    # Of few needs too: all that weeks hold of them is walked.
    taken = await beside(_taken_sites, takings)
    own = await _own_of_lower(record, wanted, taken, zone)
    return await beside(minded, takings, needs, own) if own else takings


def _taken_sites(takings: Takings) -> set[tuple[str, str]]:
    """Which sites are taken by whom."""
    return {(one.holder.host, one.resource.id) for one in takings if one.resource.kind == "site"}


async def looked_at(count: int, look: Callable[[], T]) -> T:
    """What `look` finds; beside the loop, which rooms wait for, where there are many."""
    return look() if count <= _FEW else await beside(look)


async def _own_of_lower(
    record: Repositories,
    wanted: Meeting | Draft,
    taken: Collection[tuple[str, str]],
    zone: dt.tzinfo,
) -> Mapping[str, Collection[str]]:
    """By host that takes some of the sites and is of a lower level than the one of `wanted`: which
    of all those sites are its own or below it. `taken`: by whom which."""
    on = _day(wanted, zone)
    ranks = {level.id: level.rank for level in await record.units.levels()}
    hosts = {host for host, _ in taken if host} - {wanted.host_unit_id}
    units = await record.units.get_many({wanted.host_unit_id, *hosts}, on, ended=True)
    rank = {unit.id: ranks[unit.level_id] for unit in units}
    lower = {host for host in hosts if rank[wanted.host_unit_id] < rank.get(host, 0)}
    if not lower:
        return {}
    sites = await record.sites.get_many({site_id for host, site_id in taken if host in lower})
    paths = await record.units.paths({site.unit_id for site in sites}, on, ended=True)
    return await looked_at(len(sites), partial(_own_sites, lower, sites, paths))


def _own_sites(
    hosts: Collection[str], sites: Sequence[Site], paths: Mapping[str, Sequence[Unit]]
) -> Mapping[str, Collection[str]]:
    """By each of the hosts which of the sites are its own or below it; `paths` of their units."""
    own: dict[str, set[str]] = {host: set() for host in hosts}
    for site in sites:
        for unit in paths.get(site.unit_id, ()):
            if unit.id in own:
                own[unit.id].add(site.id)
    return own


async def clashes_by_day(
    record: Repositories,
    first: Draft,
    days: Collection[dt.date],
    zone: ZoneInfo,
    own: Collection[str],
) -> Mapping[dt.date, Sequence[Clash]]:
    """Who is taken on which of the days, were `first` held on each at the same hour. `own`: the
    meetings of its series, which give way to it."""
    content = content_of(first, await record.special_days.calendar(), zone)
    found = {}
    for day in days:
        starts_at, ends_at = content.span(day, zone)
        there = replace(first, starts_at=starts_at, ends_at=ends_at)
        clashes = await clashes_of(record, there, zone)
        if starts_at != first.starts_at:  # of the first, somebody is asked
            clashes = await concerning(record, there, clashes, zone)
        found[day] = [clash for clash in clashes if clash.holder.id not in own]
    return found


async def check_free(work: Work, wanted: Meeting | Draft, own: str, override: Override) -> None:
    """Clashing, where somebody is taken and `override` does not say that this was seen; a line on
    record where it does. FieldErrors (`override_reason`)."""
    await work.takings.hold()
    clashes = await clashes_of(work, wanted, work.actor.zone, own)
    check_override(clashes, override)
    if clashes:
        detail = f"{override.reason} ({await _said(work, clashes)})"
        await work.audit("meeting.clash_accepted", subject=own, detail=detail)


def _day(wanted: Meeting | Draft, zone: dt.tzinfo) -> dt.date:
    """As units stand on it: seven in the morning here is still yesterday in UTC."""
    return wanted.starts_at.astimezone(zone).date()


async def _said(work: Work, clashes: Sequence[Clash]) -> str:
    """Who is booked twice, and by which meetings."""
    ids = dict.fromkeys(clash.site_id for clash in clashes if clash.site_id)
    names = {site.id: site.code for site in await work.sites.get_many(ids)}
    taken = [clash.need.name or clash.need.label for clash in clashes]
    taken = [name for name in taken if name]
    taken += [f"hub {one.taken}/{one.need.holds}" for one in clashes if one.need.resource == LOAD]
    taken += [names.get(one, one) for one in ids]
    named = ", ".join(dict.fromkeys(taken[:_NAMED]))
    more = f", +{len(taken) - _NAMED}" if len(taken) > _NAMED else ""
    others = dict.fromkeys(clash.holder.id for clash in clashes if clash.holder.id)
    return "; ".join(filter(None, (f"{named}{more}", ", ".join(list(others)[:_NAMED]))))
