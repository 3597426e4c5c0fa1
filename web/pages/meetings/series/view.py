"""A series as its meetings' pages show it, and /series/{series_id}: all of its meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.planning import series as desk
from confhub.errors import N_, NotFound
from confhub.meetings.meeting import PLANNED, Meeting
from confhub.planning.recurrence import FREQUENCIES, NTHS, OFF_DAYS
from confhub.planning.series import Occurrence, Series
from confhub.planning.settling import House, differences
from web.meetings.access import seen_among
from web.meetings.repeat import NTH_WORDS, OFF_DAY_WORDS, say_rule, weekday_name
from web.pages.meetings.series.acts import series_of
from web.pages.meetings.status import Standing, standing
from web.rendering.pages import language_of, render, words
from web.services import SERVICES

# Beside a meeting: the one before, and as many after as are seen at once.
_BEFORE, _AFTER = 1, 4
# On the series' own page: what is ahead comes whole, five a week for a quarter; and a month back.
_MOST_ROWS = 120
_LOOK_BACK = dt.timedelta(days=31)

_FREQUENCY_WORDS: Mapping[str, str] = {
    "": N_("Không lặp lại"),
    "week": N_("Hằng tuần"),
    "month_weekday": N_("Hằng tháng, theo thứ"),
    "month_day": N_("Hằng tháng, theo ngày"),
}
_END_WORDS: Mapping[str, str] = {
    "never": N_("Không thời hạn"),
    "until": N_("Một ngày"),
    "count": N_("Đủ số buổi"),
}
# A Vietnamese week begins with the second day.
_SHORT_DAYS = {"vi": "T2 T3 T4 T5 T6 T7 CN", "en": "Mo Tu We Th Fr Sa Su"}
CHANGE_WORDS: Mapping[str, str] = {
    "time": N_("giờ họp"),
    "sites": N_("điểm cầu"),
    "title": N_("tên"),
    "chair_name": N_("người chủ trì"),
    "chair_site_id": N_("điểm cầu chủ trì"),
    "host_unit_id": N_("đơn vị chủ trì"),
    "level_id": N_("cấp họp"),
    "note": N_("ghi chú"),
    "agenda": N_("chương trình"),
    "is_public": N_("công khai hay không"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form's part "Lặp lại" offers: values and texts."""

    frequencies: Sequence[tuple[str, str]]
    nths: Sequence[tuple[str, str]]
    ends: Sequence[tuple[str, str]]
    off_days: Sequence[tuple[str, str]]
    weekdays: Sequence[tuple[str, str, str]]  # value, short, whole


@dataclass(frozen=True, slots=True)
class Row:
    """A meeting of the series; `changes`: in what it is another than the series."""

    meeting: Meeting
    standing: Standing
    changes: str
    is_extra: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """`own`: the row of the meeting whose page it is. `is_settling`: a job is still at work."""

    series: Series
    title: str
    said: str
    own: Row | None
    rows: Sequence[Row]
    is_settling: bool

    @property
    def href(self) -> str:
        return f"/series/{self.series.id}"


def repeat_choices(request: web.Request, *, in_series: bool) -> Choices:
    """`in_series`: it comes again already; an end is another page's."""
    say = words(request).gettext
    short = _SHORT_DAYS[language_of(request)].split()
    ways = FREQUENCIES if in_series else ("", *FREQUENCIES)
    order = [one for one in _FREQUENCY_WORDS if one in ways]
    return Choices(
        frequencies=[(one, say(_FREQUENCY_WORDS[one])) for one in order],
        nths=[(str(one), say(NTH_WORDS[one])) for one in NTHS],
        ends=[(one, say(text)) for one, text in _END_WORDS.items()],
        off_days=[(one, say(OFF_DAY_WORDS[one])) for one in OFF_DAYS],
        weekdays=[(str(n), short[n], weekday_name(request, n)) for n in range(len(short))],
    )


async def beside(request: web.Request, meeting: Meeting) -> Shown | None:
    """The series of a meeting, for its page; None: it stands alone."""
    found = await series_of(request, meeting)
    if found is None:
        return None
    one, series = found
    known = await _held(request, series)
    place = next((n for n, row in enumerate(known) if row.meeting_id == one.meeting_id), 0)
    return await _shown(
        request, series, known[max(0, place - _BEFORE) : place + _AFTER + 1], meeting
    )


async def show(request: web.Request) -> web.Response:
    """GET /series/{series_id}: its meetings that the viewer sees; NotFound for none."""
    services = request.app[SERVICES]
    series = await services.store.series.get(request.match_info["series_id"])
    since = services.clock().astimezone(services.zone).date() - _LOOK_BACK
    known = await _held(request, series)
    recent = [row for row in known if row.original >= since] or known
    shown = await _shown(request, series, recent[:_MOST_ROWS], None)
    if not shown.rows:
        raise NotFound
    return await render(request, "meetings/series.html", shown=shown)


async def _held(request: web.Request, series: Series) -> Sequence[Occurrence]:
    rows = await request.app[SERVICES].store.series.occurrences(series.id)
    return [row for row in rows if row.state != "dropped"]


async def _shown(
    request: web.Request, series: Series, known: Sequence[Occurrence], meeting: Meeting | None
) -> Shown:
    services = request.app[SERVICES]
    store, now = services.store, services.clock()
    house = await desk.house_of(store, series, now, services.zone)
    seen = await seen_among(request, {row.meeting_id for row in known})
    if meeting is not None:
        seen.add(meeting.id)
    meetings = {one.id: one for one in await store.meetings.many(seen)}
    rows = [
        _row(request, row, meetings[row.meeting_id], series, house)
        for row in known
        if row.meeting_id in meetings
    ]
    part = series.last_part
    return Shown(
        series=series,
        title=rows[-1].meeting.title if rows else part.content.title,
        said=say_rule(request, part.rule),
        own=next((row for row in rows if meeting and row.meeting.id == meeting.id), None),
        rows=rows,
        is_settling=bool(await desk.still_to_do(store, series, house)),
    )


def _row(
    request: web.Request, one: Occurrence, meeting: Meeting, series: Series, house: House
) -> Row:
    is_ahead = meeting.status in PLANNED
    found = differences(meeting, one, series.parts[one.part], house) if is_ahead else []
    say = words(request).gettext
    return Row(
        meeting,
        standing(meeting, house.now),
        ", ".join(say(CHANGE_WORDS[name]) for name in CHANGE_WORDS if name in found),
        one.state == "extra" and is_ahead,
    )
