"""What is in the way of meetings ahead, told to who plans them, with another time to propose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.desks.planning.clashes import shared_by
from confhub.desks.planning.slots import first_free, slots_of
from confhub.errors import N_
from confhub.meetings.changes import passed
from confhub.meetings.meeting import Meeting
from confhub.planning.precedence import InTheWay, other_times
from confhub.planning.slots import Slot
from web.meetings.access import seen_among
from web.meetings.blockings import long_span, say_blocking
from web.meetings.conflicts import say_taken
from web.meetings.names import unit_names
from web.rendering.pages import formats, span, words
from web.requests.auth import local_time, require_viewer
from web.services import SERVICES

_SHARED = N_(
    "“%(title)s” (%(when)s) trùng giờ với “%(other)s” (%(other_when)s): %(what)s. Xin thu xếp hoặc"
    " đổi giờ."
)
_FULL = N_(
    "“%(title)s” (%(when)s): máy chủ họp %(what)s. Hình ảnh có thể kém; nên đổi giờ nếu được."
)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence about a meeting of the viewer's. `is_urgent`: it is about this very hour."""

    meeting_id: str
    sentence: str
    is_urgent: bool


async def of_viewer(request: web.Request) -> Sequence[Told]:
    """Of the meetings that the viewer's own units host, for who plans them."""
    scopes = require_viewer(request).scopes("schedule")
    if not scopes:
        return ()
    units = [one.unit.id for one in scopes]
    precedence = request.app[SERVICES].store.precedence
    rows = await precedence.in_the_way(local_time(request), unit_ids=units)
    return await _told(request, rows)


async def of_meeting(request: web.Request, meeting: Meeting) -> Sequence[Told]:
    return await _told(request, await _in_the_way(request, meeting))


async def proposal(request: web.Request, meeting: Meeting) -> tuple[InTheWay, Slot] | None:
    """What makes the meeting move, without a title where the viewer may not see that, and the
    nearest time at which all of its are free; None: nothing does, or they are taken for weeks."""
    services = request.app[SERVICES]
    store, now = services.store, services.clock()
    rows = await _in_the_way(request, meeting)
    if not rows:
        return None
    left = passed(meeting, now)
    if len(left.to_come) > 1:
        days = await slots_of(store, left, meeting.id, now, services.zone)
        others = (one for one in days if one.starts_at != left.coming.starts_at)
        free = next(others, None)
    else:
        span = left.coming.starts_at, left.coming.ends_at
        free_from = max(row.other_ends_at for row in rows)
        calendar = await store.special_days.calendar()
        times = other_times(*span, free_from, services.zone, calendar.is_working)
        ahead = [time for time in times if time[0] > now]
        free = await first_free(store, meeting, ahead, services.zone)
    if free is None:
        return None
    first = rows[0]
    if await _hidden(request, [first]):
        first = replace(first, other_title="")
    return first, free


async def _in_the_way(request: web.Request, meeting: Meeting) -> list[InTheWay]:
    """Of one that is planned, that it shares who serves it too, as nobody waits for that."""
    services, now = request.app[SERVICES], local_time(request)
    store = services.store
    rows = await store.precedence.in_the_way(now, meeting_id=meeting.id)
    if meeting.status == "scheduled" and meeting.next_begin(now) is not None:
        rows += await shared_by(store, passed(meeting, now), services.zone)
    return rows


async def _told(request: web.Request, rows: Iterable[InTheWay]) -> list[Told]:
    rows = list(rows)
    hidden = await _hidden(request, rows)
    others = {row.other_id: row for row in rows if row.other_host_id}
    hosts = {key: (row.other_host_id, row.other_starts_at) for key, row in others.items()}
    names = await unit_names(request, hosts)
    return [
        _say_hidden(request, row)
        if row.other_id in hidden
        else _say(request, row, names.get(row.other_id, ""))
        for row in rows
    ]


async def _hidden(request: web.Request, rows: Iterable[InTheWay]) -> set[str]:
    """Of the meetings that are in the way those that the viewer may know nothing of but this."""
    others = {row.other_id for row in rows if row.cause == "meeting"}
    return others - await seen_among(request, others) if others else others


def _values(request: web.Request, row: InTheWay) -> dict[str, object]:
    """What every sentence says of the meeting that gives way."""
    hours = span(request, row.starts_at, row.ends_at)
    when = f"{hours}, {formats(request).short_date(row.starts_at)}"
    return {"title": row.title, "when": when, "num": row.sites}


def _say_hidden(request: web.Request, row: InTheWay) -> Told:
    catalogue, values = words(request), _values(request, row)
    if row.clash is not None:
        values["what"] = say_taken(request, row.clash)
        said = catalogue.gettext(
            "“%(title)s” (%(when)s) trùng giờ với một cuộc họp khác: %(what)s. Xin thu xếp hoặc đổi"
            " giờ."
        )
    elif row.kind == "live":
        said = catalogue.ngettext(
            "Một cuộc họp khác đang kéo dài, có thể chưa xong khi “%(title)s” bắt đầu (%(when)s):"
            " %(num)s điểm cầu dự cả hai.",
            "Một cuộc họp khác đang kéo dài, có thể chưa xong khi “%(title)s” bắt đầu (%(when)s):"
            " %(num)s điểm cầu dự cả hai.",
            row.sites,
        )
    else:
        said = catalogue.ngettext(
            "“%(title)s” (%(when)s) trùng giờ với một cuộc họp cấp trên: %(num)s điểm cầu phải dự"
            " cả hai. Xin nhường giờ.",
            "“%(title)s” (%(when)s) trùng giờ với một cuộc họp cấp trên: %(num)s điểm cầu phải dự"
            " cả hai. Xin nhường giờ.",
            row.sites,
        )
    return Told(row.meeting_id, said % values, row.kind == "live")


def _say(request: web.Request, row: InTheWay, host: str) -> Told:
    catalogue, values = words(request), _values(request, row)
    values |= {
        "other": row.other_title,
        "host": host,
        "other_when": span(request, row.other_starts_at, row.other_ends_at),
    }
    if row.clash is not None:
        values["what"] = say_taken(request, row.clash)
        shared = _FULL if row.cause == "load" else _SHARED
        said = catalogue.gettext(shared)
    elif row.kind == "blocked":
        values["other"] = say_blocking(request, row.cause, row.other_title)
        values["other_when"] = long_span(request, row.other_starts_at, row.other_ends_at)
        said = catalogue.ngettext(
            "“%(title)s” (%(when)s) vướng %(other)s (%(other_when)s): %(num)s điểm cầu không họp"
            " được. Xin đổi giờ.",
            "“%(title)s” (%(when)s) vướng %(other)s (%(other_when)s): %(num)s điểm cầu không họp"
            " được. Xin đổi giờ.",
            row.sites,
        )
    elif row.kind == "live":
        said = catalogue.ngettext(
            "“%(other)s” (%(host)s) đang họp kéo dài, có thể chưa xong khi “%(title)s” bắt đầu"
            " (%(when)s): %(num)s điểm cầu dự cả hai.",
            "“%(other)s” (%(host)s) đang họp kéo dài, có thể chưa xong khi “%(title)s” bắt đầu"
            " (%(when)s): %(num)s điểm cầu dự cả hai.",
            row.sites,
        )
    else:
        said = catalogue.ngettext(
            "“%(title)s” (%(when)s) trùng giờ với cuộc họp cấp trên “%(other)s” của %(host)s"
            " (%(other_when)s): %(num)s điểm cầu phải dự cả hai. Xin nhường giờ.",
            "“%(title)s” (%(when)s) trùng giờ với cuộc họp cấp trên “%(other)s” của %(host)s"
            " (%(other_when)s): %(num)s điểm cầu phải dự cả hai. Xin nhường giờ.",
            row.sites,
        )
    return Told(row.meeting_id, said % values, row.kind == "live")
