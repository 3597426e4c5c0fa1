"""What sites answered, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.answers.answer import Answer, Way, is_open
from confhub.answers.given import State
from confhub.answers.summary import Standing, summed
from confhub.desks.answers.deadlines import due
from confhub.errors import N_
from confhub.meetings.admission import join_units
from confhub.meetings.meeting import Meeting
from confhub.store.planning.answers import Wanted
from web.meetings.access import Seen
from web.rendering.pages import formats, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

ANSWERS: Mapping[State, str] = {
    "attending": N_("dự họp"),
    "declined": N_("không dự"),
    "unsure": N_("chưa chắc"),
}
# A week before a meeting its sites know who comes; earlier they forget that they were asked.
AHEAD = dt.timedelta(days=7)
# The rest comes up as these are answered.
MOST_WANTED = 5
_TOLD: Mapping[Way, str] = {
    "link": N_("Điểm cầu đã trả lời: %(state)s (qua liên kết, lúc %(when)s)."),
    "account": N_("Điểm cầu đã trả lời: %(state)s (%(who)s, lúc %(when)s)."),
    "behalf": N_("%(unit)s đã trả lời thay: %(state)s (%(who)s, lúc %(when)s)."),
    "mail": N_("Điểm cầu đã trả lời: %(state)s (bằng thư, lúc %(when)s)."),
}

WAYS: Mapping[Way, str] = {
    "link": N_("qua liên kết"),
    "account": N_("qua tài khoản của đơn vị"),
    "behalf": N_("cấp trên hoặc đơn vị chủ trì ghi thay"),
    "mail": N_("bằng thư"),
}
# A word, a tone of the palette, an icon.
STANDINGS: Mapping[Standing, tuple[str, str, str]] = {
    "attending": (N_("Có dự họp"), "good", "circle-check"),
    "declined": (N_("Không dự"), "lost", "x"),
    "unsure": (N_("Chưa chắc"), "fair", "circle-help"),
    "again": (N_("Cần xác nhận lại"), "fair", "rotate-ccw"),
    "silent": (N_("Chưa trả lời"), "absent", "circle-dashed"),
}
_CONFIRMED = N_("%(count)s/%(total)s đã xác nhận")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a meeting's page tells. `own`: the id of the site for which the viewer's unit speaks;
    empty: it has none there, or need not answer any more. `due_at`: until when sites answer."""

    said: str
    own: str
    due_at: dt.datetime | None


def shown_sites(seen: Seen) -> frozenset[str]:
    """All for officers of the host, who need to know who comes; for others those of their units.
    Whoever presides is not asked."""
    sees_all = seen.viewer.may("see_links", seen.host_path)
    shown = seen.meeting.sites if sees_all else seen.own_sites
    return frozenset(shown) - {seen.meeting.chair_site_id}


async def answers_seen(request: web.Request, seen: Seen) -> Mapping[str, Answer]:
    """By site, as far as the viewer sees them."""
    store = request.app[SERVICES].store
    return await store.answers.of_sites(seen.meeting.id, shown_sites(seen))


async def confirmation_of(request: web.Request, seen: Seen) -> Confirmation | None:
    """None: there is nothing to tell."""
    services, meeting, shown = request.app[SERVICES], seen.meeting, shown_sites(seen)
    if not shown or meeting.status in ("draft", "cancelled"):
        return None
    answers = await answers_seen(request, seen)
    is_ahead = is_open(meeting, services.clock())
    if not is_ahead and not answers:
        return None
    rooms = await services.store.sites.list(join_units(seen.viewer.grants), with_lines=False)
    own = [site.id for site in rooms if site.id in shown] if is_ahead else []
    due_at = await due(services.store, meeting, services.zone) if is_ahead else None
    said = say_summary(request, answers, shown, meeting)
    return Confirmation(said, own[0] if own else "", due_at)


def say_summary(
    request: web.Request,
    answers: Mapping[str, Answer],
    site_ids: Collection[str],
    meeting: Meeting,
) -> str:
    """12/15 đã xác nhận, 2 cử người thay, 1 chưa trả lời"""
    found = summed(answers, site_ids, meeting)
    gettext = words(request).gettext
    parts = [gettext(_CONFIRMED) % {"count": found.attending, "total": found.total}]
    parts += [
        gettext(said) % {"count": count}
        for said, count in (
            (N_("%(count)s cử người thay"), found.substitutes),
            (N_("%(count)s không dự"), found.declined),
            (N_("%(count)s chưa chắc"), found.unsure),
            (N_("%(count)s cần xác nhận lại"), found.again),
            (N_("%(count)s chưa trả lời"), found.silent),
        )
        if count
    ]
    return ", ".join(parts)


async def wanted(request: web.Request) -> Sequence[Wanted]:
    """What waits for an answer of the viewer's own units' sites; what is below is for the pages of
    those units, and of each meeting."""
    viewer, services = require_viewer(request), request.app[SERVICES]
    sites = await services.store.sites.list(join_units(viewer.grants), with_lines=False)
    now = services.clock()
    ids = [site.id for site in sites if site.active]
    if not ids:
        return ()
    return await services.store.answers.wanted(ids, now, now + AHEAD, MOST_WANTED)


async def told_by(request: web.Request, answer: Answer) -> str:
    """Who said what, and when."""
    store, by, gettext = request.app[SERVICES].store, answer.by, words(request).gettext
    people = await store.accounts.people([by.account_id] if by.account_id else [])
    units = await store.units.names([by.unit_id] if by.unit_id else [], local_date(request))
    values = {
        "state": gettext(ANSWERS[answer.given.state]),
        "when": formats(request).datetime(answer.answered_at),
        "who": people[by.account_id].name if by.account_id in people else "—",
        "unit": units.get(by.unit_id, "—"),
    }
    return gettext(_TOLD[by.way]) % values
