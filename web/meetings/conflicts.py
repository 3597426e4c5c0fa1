"""Who is already taken at a meeting's time, in words for the form and for scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.desks.planning.clashes import clashes_with, needs_in
from confhub.errors import N_
from confhub.meetings.changes import at_time, read_span_of
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.meetings.sitting import all_sittings, read_sittings
from confhub.meetings.times import Advice, advise, advise_days, advise_hours, read_span
from confhub.meetings.working_days import WorkCalendar
from confhub.planning.conflicts import Clash, Override, seal_of
from confhub.planning.shared.along import advise_alone
from confhub.planning.shared.capacity import advise_large
from confhub.words.texts import one_line
from web.meetings.access import seen_among
from web.meetings.blockings import long_span, say_blocking
from web.rendering.pages import formats, language_of, words
from web.services import SERVICES

_TO_BE_SEEN = frozenset({"past", "far", "long_night", "hub_alone", "line_alone"})
# What is taken besides sites and who is in the chair.
_TAKEN = {
    "hub": N_("mọi điểm cầu"),
    "load": N_(
        "đầy %(percent)s%%: cần gửi %(taken)s luồng hình cùng lúc, đo được tải tốt %(holds)s"
    ),
    "room": N_("cùng phòng “%(name)s”"),
    "technician": N_("cùng cán bộ kỹ thuật %(name)s"),
    "line": N_("đường truyền %(name)s: %(taken)s luồng, tải được %(holds)s"),
}
# Whose it is that clashes, which of the two gives way, who is told.
_LOWER = N_(
    "Của %(host)s, thư ký %(who)s: cuộc họp này phải nhường giờ; thư ký được báo trên trang đầu và"
    " trang cuộc họp, kèm giờ khác để chọn."
)
_HIGHER = N_(
    "Của %(host)s, thư ký %(who)s, cấp cao hơn: nếu vẫn lên lịch, cuộc họp của bạn phải nhường giờ."
)
_EQUAL = N_("Của %(host)s, thư ký %(who)s: hệ thống không báo cho họ, xin trao đổi trước.")
_SEAM = "."  # between what stands for the clashes and what stands for the rest


@dataclass(frozen=True, slots=True)
class Finding:
    """A meeting, or a blocking, that holds somebody we want. Texts are in the viewer's language."""

    title: str
    href: str | None  # None: the viewer may not see that meeting
    when: str
    chair: str | None  # the person in both chairs
    sites: tuple[str, ...]
    whole: str = ""  # what is taken of all, not of some sites
    whose: str = ""  # who hosts it, which of the two gives way, and who is told
    # The same for programs; `meeting_id` as `href`.
    meeting_id: str | None = None
    site_ids: tuple[str, ...] = ()
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """`seal` stands for exactly these findings; empty when none needs a confirmation."""

    clashes: tuple[Finding, ...] = ()
    advice: tuple[str, ...] = ()
    seal: str = ""


async def find_conflicts(request: web.Request, draft: Draft, meeting_id: str | None) -> Findings:
    """What to say before a draft is saved under `meeting_id` (None: a new meeting)."""
    services = request.app[SERVICES]
    store, zone = services.store, services.zone
    needs = await needs_in(store, draft, zone)
    clashes = await clashes_with(store, draft, needs, zone, meeting_id or "")
    advice = [*draft.advice, *advise_alone(needs), *advise_large(needs, store.takings.capacity)]
    return Findings(
        clashes=tuple(await describe(request, clashes, draft.host_unit_id)),
        advice=tuple(say_advice(request, advice)),
        seal=_seal(clashes, advice),
    )


def override_of(seal: str, reason: str) -> Override:
    """What who saw the findings of a seal says to its clashes."""
    return Override(seal.partition(_SEAM)[0], one_line(reason))


def say_advice(request: web.Request, advice: Sequence[Advice]) -> list[str]:
    catalogue, language = words(request), language_of(request)
    said = []
    for one in advice:
        values = {
            name: value[language] if isinstance(value, Mapping) else value
            for name, value in one.values.items()
        }
        message = catalogue.gettext(one.message)
        said.append(message % values if values else message)
    return said


def _seal(clashes: Sequence[Clash], advice: Sequence[Advice]) -> str:
    """A time that has passed, is far off or takes the whole night, more than a hub or a line
    carries, and every clash, must be seen; the rest is only said."""
    codes = sorted({one.code for one in advice if one.code in _TO_BE_SEEN})
    return _SEAM.join([seal_of(clashes), *codes]) if clashes or codes else ""


async def describe(
    request: web.Request, clashes: Sequence[Clash], host_unit_id: str = ""
) -> list[Finding]:
    """Clashes in words, by meeting; `host_unit_id`: whose meeting clashes, empty: not known."""
    if not clashes:
        return []
    services = request.app[SERVICES]
    seen = await seen_among(request, {clash.holder.id for clash in clashes})
    formatted = formats(request)
    by_holder: dict[tuple[str, dt.datetime], list[Clash]] = {}
    for clash in clashes:  # of several sittings, each says when
        by_holder.setdefault((clash.holder.id, clash.holder.starts_at), []).append(clash)
    site_ids = {clash.site_id for clash in clashes if clash.site_id}
    homes = {site.id: site.unit_id for site in await services.store.sites.get_many(site_ids)}
    day = clashes[0].starts_at.astimezone(services.zone).date()
    names = await services.store.units.names(set(homes.values()), day)
    owners = await _whose(request, clashes, seen, host_unit_id)
    found = []
    for group in by_holder.values():
        other = group[0].holder
        visible = other.id in seen
        title = other.title if visible else words(request).gettext("một cuộc họp khác")
        if other.cause != "meeting":
            title = say_blocking(request, other.cause, other.title)
        when = long_span(request, other.starts_at, other.ends_at)
        found.append(
            Finding(
                title=title,
                href=f"/meetings/{other.id}" if visible else None,
                when=when if "/" in when else f"{when}, {formatted.short_date(other.starts_at)}",
                chair=next((clash.need.name for clash in group if clash.need.name), None),
                sites=tuple(
                    names.get(homes.get(clash.site_id, ""), clash.site_id)
                    for clash in group
                    if clash.site_id
                ),
                whole=", ".join(say_taken(request, clash) for clash in group if _is_whole(clash)),
                whose=owners.get(other.id, ""),
                meeting_id=other.id if visible else None,
                site_ids=tuple(clash.site_id for clash in group if clash.site_id),
                starts_at=other.starts_at,
                ends_at=other.ends_at,
            )
        )
    return found


async def _whose(
    request: web.Request, clashes: Sequence[Clash], seen: Collection[str], host_unit_id: str
) -> dict[str, str]:
    """By id of the meetings in the way, of those that the viewer sees. Told are hosts of a lower
    level than `host_unit_id` (empty: not known), of sites that both want, as in
    store/planning/precedence.py."""
    holders = {
        one.holder.id: one.holder
        for one in clashes
        if one.holder.id in seen and one.holder.cause == "meeting"
    }
    if not holders:
        return {}
    services, gettext = request.app[SERVICES], words(request).gettext
    store, on = services.store, clashes[0].starts_at.astimezone(services.zone).date()
    hosts = {one.host for one in holders.values()}
    ranks = {level.id: level.rank for level in await store.units.levels()}
    units = await store.units.get_many({host_unit_id, *hosts} - {""}, on, ended=True)
    rank = {unit.id: ranks[unit.level_id] for unit in units}
    names = await store.units.names(hosts, on)
    made_by = {one.id: one.created_by for one in await store.meetings.many(holders)}
    people = await store.accounts.people({by for by in made_by.values() if by})
    of_sites = {one.holder.id for one in clashes if one.site_id}
    own, said = rank.get(host_unit_id), {}
    for key, one in holders.items():
        other, by = rank.get(one.host), people.get(made_by.get(key, ""))
        message = _EQUAL
        if own is not None and other is not None and own != other and key in of_sites:
            message = _LOWER if own < other else _HIGHER
        values = {"host": names.get(one.host, "—"), "who": by.name if by is not None else "—"}
        said[key] = gettext(message) % values
    return said


async def at_another_time(request: web.Request, meeting: Meeting, starts: str, ends: str) -> Draft:
    """A stored meeting in a span as `read_span` takes it, with what to say of it; FieldErrors."""
    zone, now = request.app[SERVICES].zone, request.app[SERVICES].clock()
    span = read_span_of(meeting, starts, ends, zone, now)
    return await advised(request, at_time(meeting, *span, now))


async def advised(request: web.Request, meeting: Meeting) -> Draft:
    """The meeting as a form would have it, with what to say of its time."""
    services = request.app[SERVICES]
    calendar = await services.store.special_days.calendar()
    hours = [(one.starts_at, one.ends_at) for one in meeting.to_come]
    advice = (
        *advise_hours(hours, services.zone),
        *advise(meeting.coming.starts_at, services.clock(), services.zone, calendar),
        *advise_days(hours, services.zone, calendar),
    )
    return replace(Draft.of(meeting), advice=advice)


def _is_whole(clash: Clash) -> bool:
    return clash.need.resource.kind in _TAKEN


def say_taken(request: web.Request, clash: Clash) -> str:
    """What of a clash is no site and nobody in the chair."""
    need = clash.need
    values = {"name": need.label, "taken": clash.taken, "holds": need.holds}
    values["percent"] = share_of(clash.taken, need.holds)
    return words(request).gettext(_TAKEN[need.resource.kind]) % values


def share_of(taken: int, holds: int) -> int:
    """In percent; rounded up, so that too much never reads as just full."""
    return -(-100 * taken // holds)


def draft_for_conflicts(
    starts: str,
    ends: str,
    *,
    host_unit_id: str,
    chair_name: str,
    site_ids: tuple[str, ...],
    now: dt.datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    more: Sequence[tuple[str, str]] = (),
) -> Draft:
    """A draft that can be asked for clashes, chair's site first; FieldErrors for its times."""
    first = starts_at, ends_at = read_span(starts, ends, zone)
    sittings = read_sittings(more, first, zone)
    if sittings:
        starts_at, ends_at = sittings[0].starts_at, sittings[-1].ends_at
    hours = [(one.starts_at, one.ends_at) for one in all_sittings(starts_at, ends_at, sittings)]
    return Draft(
        title="",
        level_id="",
        host_unit_id=host_unit_id,
        chair_site_id=site_ids[0] if site_ids else "",
        starts_at=starts_at,
        ends_at=ends_at,
        chair_name=chair_name,
        note="",
        agenda=(),
        sites=site_ids,
        advice=(
            *advise_hours(hours, zone),
            *advise(starts_at, now, zone, calendar),
            *advise_days(hours, zone, calendar),
        ),
        sittings=sittings,
    )
