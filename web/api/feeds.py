"""/calendar/{secret}: a calendar for programs, at an address that only its owner knows.

The secret stands in the path, since that is all such programs can send: the access log names the
route alone. It tells what the account behind it may see at this moment.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.bucket import Rate
from confhub.desks.rights import powers_of
from confhub.errors import N_, NotFound
from confhub.long_work import beside
from confhub.meetings.calendar import Wanted, Within
from confhub.meetings.feed import Feed, hash_of
from confhub.meetings.meeting import Listed, MeetingStatus
from confhub.meetings.timetable import local_span
from confhub.people.account import Account
from confhub.people.powers import Powers
from confhub.planning.ical import Entry, calendar
from confhub.words.catalogue import catalogue
from web.meetings.agreements import MARKS, unconfirmed
from web.meetings.names import hosts_of, places_of
from web.rendering.answers import if_kept, tag_of, with_tag
from web.requests.addresses import own_origin
from web.requests.auth import local_date, local_time
from web.requests.route import Answer, Api
from web.services import SERVICES

ICALENDAR = "text/calendar"
# What was a month ago is still looked up; plans reach over the year.
BACK_DAYS, AHEAD_DAYS = 31, 366
# A district's year; a telephone reads no more. The nearest to come first are kept.
MOST_MEETINGS = 2_000
# Drafts are nobody's business; what was called off stays, so that programs take it off.
_TOLD: tuple[MeetingStatus, ...] = ("scheduled", "live", "ended", "postponed", "cancelled")
_NOTHING = N_("Địa chỉ lịch này không còn dùng được. Hãy tạo địa chỉ mới trong tài khoản của bạn.")

# A hundred bytes each; so many telephones of a country ask one hub.
_MOST_TAGS = 20_000
# Telephones ask four times an hour at most.
BELIEVED = dt.timedelta(minutes=15)

# Of one secret address, from wherever it is asked: 200 programs that ask twice an hour, which cost
# 4 % of a core where it tells of 2,000 meetings.
PULL = Rate(0.1, 20)

FEED = Api(
    "A calendar at a secret address, made on the page of one's account",
    {
        200: Answer(
            "The meetings that its account sees, of the account, a unit or a site.",
            content_type=ICALENDAR,
            headers=("ETag",),
        ),
        304: Answer("Nothing has changed since the If-None-Match that was sent."),
    },
    errors=(404,),
)


class LastTags:
    """Under which tag each calendar was answered last, and how all stood that it is made of: as
    long as that stands, whoever has it costs a few lines of the store. None is believed for longer
    than BELIEVED: what is on record nowhere is told after it all the same."""

    def __init__(self) -> None:
        self._by_feed: OrderedDict[str, tuple[object, str, dt.datetime]] = OrderedDict()

    def get(self, feed_id: str, stand: object, now: dt.datetime) -> str:
        """Empty where it is not known, or may be another by now."""
        known = self._by_feed.get(feed_id)
        if known is None or known[0] != stand or not known[2] <= now < known[2] + BELIEVED:
            return ""
        return known[1]

    def note(self, feed_id: str, stand: object, tag: str, now: dt.datetime) -> None:
        self._by_feed[feed_id] = stand, tag, now
        self._by_feed.move_to_end(feed_id)
        if len(self._by_feed) > _MOST_TAGS:
            self._by_feed.popitem(last=False)


LAST_TAGS = web.AppKey("last_tags", LastTags)


async def show(request: web.Request) -> web.Response:
    """GET; NotFound for an address that was ended, and for one whose account sees nothing more."""
    services = request.app[SERVICES]
    secret = request.match_info["secret"]
    if services.tokens.feeds.open(secret) is None:  # never made by us: costs the store nothing
        raise NotFound(_NOTHING)
    feed = await _living(request, secret)
    account = await services.store.accounts.get(feed.account_id)
    powers = await powers_of(services.store, feed.account_id, local_time(request))
    if not account.active or not powers.may("see_meetings"):
        raise NotFound(_NOTHING)
    name, wanted = await _whose(request, feed, account, powers)
    now = services.clock()
    # As it stands before the meetings are read: who changes one meanwhile makes it another.
    stand = (
        await services.store.audit.newest(now),
        name,
        wanted.seen,
        wanted.on,
        account.language,
        own_origin(request),
    )
    tag = request.app[LAST_TAGS].get(feed.id, stand, now)
    kept = if_kept(request, tag) if tag else None
    if kept is not None:
        return kept
    listed = await _meetings(request, wanted)
    entries = await _entries(request, listed, account)
    # Thousands of lines, which live rooms must not wait.
    body = await beside(calendar, name, entries, services.zone)
    request.app[LAST_TAGS].note(feed.id, stand, tag_of(body), now)
    return with_tag(request, body, ICALENDAR)


async def _living(request: web.Request, secret: str) -> Feed:
    try:
        return await request.app[SERVICES].store.feeds.by_hash(hash_of(secret))
    except NotFound as error:
        raise NotFound(_NOTHING) from error


async def _whose(
    request: web.Request, feed: Feed, account: Account, powers: Powers
) -> tuple[str, Wanted]:
    """The calendar's name, and its meetings; NotFound for a unit out of the account's reach."""
    store, today = request.app[SERVICES].store, local_date(request)
    gettext = catalogue(account.language).gettext
    name, unit_id = gettext("Lịch họp của tôi"), feed.unit_id
    if feed.site_id:
        site = await store.sites.get(feed.site_id)
        name, unit_id = site.name, site.unit_id
    if unit_id:
        path = await store.units.path(unit_id, today, ended=True)
        if not powers.may("see_meetings", path):
            raise NotFound(_NOTHING)
        if not feed.site_id:
            name = gettext("Lịch họp %(unit)s") % {"unit": path[-1].name}
    scopes = powers.scopes("see_meetings")
    return name, Wanted(
        seen=tuple(Within(one.unit.id, one.alone) for one in scopes),
        on=today,
        now=request.app[SERVICES].clock(),
        about=Within(feed.unit_id) if feed.unit_id else None,
        site_id=feed.site_id or "",
        statuses=_TOLD,
    )


async def _meetings(request: web.Request, wanted: Wanted) -> Sequence[Listed]:
    services, today = request.app[SERVICES], local_date(request)
    start, end = local_span(
        today - dt.timedelta(days=BACK_DAYS), BACK_DAYS + AHEAD_DAYS, services.zone
    )
    shown = await services.store.calendar.page(start, end, wanted, 0, MOST_MEETINGS)
    if shown.more:  # then rather without what has passed
        now = local_span(today, 1, services.zone)[0]
        shown = await services.store.calendar.page(now, end, wanted, 0, MOST_MEETINGS)
    return shown.meetings


async def _entries(request: web.Request, listed: Sequence[Listed], account: Account) -> list[Entry]:
    store = request.app[SERVICES].store
    meetings = [one.meeting for one in listed]
    changed = await store.calendar.changed_at([meeting.id for meeting in meetings])
    places = await places_of(request, meetings)
    hosts = await hosts_of(request, meetings)
    states = await unconfirmed(request, meetings)
    origin, words = own_origin(request), catalogue(account.language)

    def about(one: Listed) -> str:
        values: Mapping[str, object] = {
            "host": hosts[one.meeting.id],
            "chair": one.meeting.chair_name,
            "num": one.site_count,
            "reason": one.meeting.status_reason,
        }
        lines = [words.gettext("Đơn vị chủ trì: %(host)s")]
        if one.meeting.id in states:
            lines.append(words.gettext(MARKS[states[one.meeting.id]].word))
        if one.meeting.chair_name:
            lines.append(words.gettext("Người chủ trì: %(chair)s"))
        if one.meeting.status_reason:
            lines.append(words.gettext("Lý do hoãn, hủy: %(reason)s"))
        lines.append(words.ngettext("%(num)s điểm cầu", "%(num)s điểm cầu", one.site_count))
        return "\n".join(line % values for line in lines)

    return [
        Entry(
            one.meeting,
            changed.get(one.meeting.id, one.meeting.starts_at),
            places[one.meeting.id],
            about(one),
            f"{origin}/meetings/{one.meeting.id}",
            is_tentative=one.meeting.id in states,
        )
        for one in listed
    ]
