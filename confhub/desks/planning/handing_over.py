"""Series that go on after a unit's end: found, and handed over to the unit that follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from confhub.desks.planning.leaving import check_heir, check_host_heir
from confhub.desks.planning.series import house_of, require_hosts, settle_some
from confhub.long_work import beside
from confhub.people.actor import Actor
from confhub.planning import series_edits
from confhub.planning.leaving import Named, SeriesAhead, replaced
from confhub.planning.series import STANDING, Content, Series
from confhub.planning.settling import House
from confhub.store import Store, Work
from confhub.store.repositories import Repositories


async def going_on(
    record: Repositories, named: Iterable[Named], now: dt.datetime, zone: ZoneInfo
) -> list[SeriesAhead]:
    """Of what series name, what they would go on with after its unit's end. In as many questions
    however many there are: the first page of who plans meetings asks for all of theirs."""
    by_series: dict[str, list[Named]] = {}
    for one in named:
        by_series.setdefault(one.series_id, []).append(one)
    if not by_series:
        return []
    every = await record.series.many(by_series)
    house = House(now, zone, await record.special_days.calendar())

    def find() -> list[SeriesAhead]:
        rows = (_going_on(series, one, house) for series in every for one in by_series[series.id])
        return [row for row in rows if row is not None]

    found = await beside(find)
    ids = {row.series_id for row in found}
    if not ids:
        return []
    meetings = await record.series.first_meetings(ids, house.today, STANDING)
    return [replace(row, meeting_id=meetings.get(row.series_id, "")) for row in found]


def _going_on(series: Series, one: Named, house: House) -> SeriesAhead | None:
    since = series_edits.first_held_from(series, one.ends_on, house)
    part = series_edits.goes_on_with(series, since, one.stands_in)
    if part is None:
        return None
    return SeriesAhead(
        series_id=series.id,
        title=part.content.title,
        meeting_id="",
        since=max(since, part.since),
        is_chair=one.site_id == part.content.chair_site_id,
        site_id=one.site_id,
        site_name=one.site_name,
        unit_id=one.unit_id,
        ends_on=one.ends_on,
    )


async def replace_site_in_series(
    store: Store,
    actor: Actor,
    series_ids: Sequence[str],
    old_id: str,
    new_id: str,
    zone: ZoneInfo,
) -> int:
    """Each of these series from the end of the site's unit on with a site of a unit that follows
    it; where `new_id` is empty it leaves. How many changed: all, or those before the first refusal.

    FieldErrors (`site_id`) as `replace_site`; HostedElsewhere.
    """

    def change(content: Content) -> Content:
        if old_id not in (content.chair_site_id, *content.sites):
            return content
        return replaced(content, old_id, new_id)

    done = 0
    for series_id in series_ids:
        async with store.work(actor) as work:
            series = await work.series.hold(series_id)
            await check_heir(work, old_id, new_id)
            old = await work.sites.get(old_id, with_lines=False)
            done += await _hand_over(work, series, old.unit_id, change, zone)
    return done


async def replace_host_in_series(
    store: Store,
    actor: Actor,
    series_ids: Sequence[str],
    old_id: str,
    new_id: str,
    zone: ZoneInfo,
) -> int:
    """Each of these series from the end of its host on as one of a unit that follows it. How many
    changed.

    FieldErrors (`unit_id`) as `replace_host`; HostedElsewhere.
    """

    def change(content: Content) -> Content:
        return replace(content, host_unit_id=new_id) if content.host_unit_id == old_id else content

    done = 0
    for series_id in series_ids:
        async with store.work(actor) as work:
            series = await work.series.hold(series_id)
            await check_host_heir(work, old_id, new_id)
            done += await _hand_over(work, series, old_id, change, zone)
    return done


async def _hand_over(
    work: Work,
    series: Series,
    unit_id: str,
    change: Callable[[Content], Content],
    zone: ZoneInfo,
) -> bool:
    """Whether the series had dates after the unit's end that the change is for.

    Its meetings follow as after any edit: where somebody replaced the same in one of them already
    it is no change of its own. One that somebody moved to before the end stays as it is.
    """
    unit = await work.units.get(unit_id, work.actor.today, ended=True)
    if unit.valid_to is None:
        return False
    house = await house_of(work, series, work.actor.now, zone)
    since = series_edits.first_held_from(series, unit.valid_to, house)
    await require_hosts(work, series, since)
    edited, instead = series_edits.handed_over(series, since, change)
    if not instead:
        return False
    edited = await work.series.update(edited)
    for one in await work.series.occurrences(series.id, since):
        meeting = await work.meetings.get(one.meeting_id)
        is_before = meeting.starts_at.astimezone(zone).date() < unit.valid_to
        if is_before and one.state in STANDING and one.part in instead:
            await work.series.put_occurrence(replace(one, part=instead[one.part]))
    await work.audit("series.handed_over", subject=series.id, detail=edited.last_part.content.title)
    await settle_some(work, edited, house)
    return True
