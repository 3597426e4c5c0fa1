"""/meetings/{meeting_id}: all facts of one meeting; going on with one that ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks import meetings as desk
from confhub.errors import ConfhubError
from confhub.meetings.admission import (
    LIVE_AFTER_END,
    OPEN_AFTER_END,
    admit_account,
    is_open,
    join_units,
    opens_at,
    sitting_at,
)
from confhub.meetings.changes import CHANGEABLE
from confhub.meetings.meeting import Meeting
from confhub.meetings.times import Advice, advise
from confhub.meetings.timetable import agenda_with_times
from confhub.words.texts import small_number
from web.meetings import agreements, precedence
from web.meetings.access import Seen, see_meeting
from web.meetings.answers import confirmation_of
from web.meetings.calls import whom_to_call
from web.meetings.conflicts import say_advice
from web.meetings.names import host_of
from web.pages.meetings.invited_sites import STATE_WORDS, InvitedSite, LevelGroup, invited_sites
from web.pages.meetings.letters.issued import letters_of
from web.pages.meetings.mail.standing import mails_of
from web.pages.meetings.series.view import beside
from web.pages.meetings.status import standing
from web.papers.listing import card_of
from web.rendering.pages import formats, redirect, render, words
from web.rendering.paging import Paging, asked_page
from web.requests.auth import actor_of
from web.requests.entrance import goes_on
from web.requests.form_body import posted_form
from web.services import SERVICES

PAGE_SITES = 150  # a province's come whole
_ASKED_ABOUT = frozenset({"scheduled", "postponed", "live"})


@dataclass(frozen=True, slots=True)
class Door:
    """Whether the viewer may go in now. `opens_at` is set when it is only too early."""

    is_invited: bool
    is_open: bool
    opens_at: dt.datetime | None = None


async def show(request: web.Request) -> web.Response:
    """GET /meetings/{meeting_id}"""
    seen = await see_meeting(request)
    services = request.app[SERVICES]
    meeting, now = seen.meeting, services.clock()
    groups = await invited_sites(request, seen)
    count = sum(len(group.sites) for group in groups)
    # `?all=1`: all sites on one page, to be printed
    paging = asked_page(request, count, (count or 1) if request.query.get("all") else PAGE_SITES)
    chair = next((one for group in groups for one in group.sites if one.is_chair), None)
    levels = {level.id: level for level in await services.store.units.levels()}
    planned = meeting.status == "scheduled" and meeting.starts_at > now
    goes_ahead = meeting.status in ("scheduled", "live") and meeting.next_begin(now) is not None
    is_running = await goes_on(request, meeting)
    state = standing(meeting, now, goes_on=is_running)
    advice: Sequence[Advice] = ()
    if planned and seen.may_change:
        calendar = await services.store.special_days.calendar()
        advice = advise(meeting.starts_at, now, services.zone, calendar)
    return await render(
        request,
        "meetings/detail.html",
        seen=seen,
        meeting=meeting,
        series=await beside(request, meeting),
        standing=state,
        host=await host_of(request, meeting),
        level=levels.get(meeting.level_id),
        chair=chair,
        groups=_cut(groups, paging),
        paging=paging,
        count=count,
        present=sum(group.present for group in groups),
        came=sum(group.came for group in groups),
        is_over=(is_over := state.key == "ended" or _was_held_in_part(meeting)),
        shows_who_came=is_over or _is_held_in_part(meeting),
        state_words=STATE_WORDS,
        door=await _door(request, seen, now, is_running=is_running),
        advice=[*say_advice(request, advice), *_say_overrun(request, seen, now)],
        may_edit=seen.may_change and meeting.status in CHANGEABLE,
        sees_links=meeting.status in CHANGEABLE
        and any(one.link for group in groups for one in group.sites),
        agenda=agenda_with_times(meeting),
        calls=await whom_to_call(request, meeting) if meeting.status in _ASKED_ABOUT else (),
        in_the_way=await precedence.of_meeting(request, meeting)
        if goes_ahead and seen.may_change
        else (),
        mails=await mails_of(request, seen, [one for group in groups for one in group.sites]),
        letters=await letters_of(request, seen),
        papers=await card_of(request, seen),
        agreement=await agreements.of_meeting(request, seen),
        confirmation=await confirmation_of(request, seen),
        reopen_until=await reopenable(request, meeting) if seen.may_drive else None,
        now=now,
    )


def _was_held_in_part(meeting: Meeting) -> bool:
    """Whether it was called off after a sitting was held."""
    return meeting.status == "cancelled" and _is_held_in_part(meeting)


def _is_held_in_part(meeting: Meeting) -> bool:
    """Whether a sitting was held and none is now: who came then is to be shown."""
    return meeting.status != "live" and any(one.is_over for one in meeting.all_sittings)


def _say_overrun(request: web.Request, seen: Seen, now: dt.datetime) -> list[str]:
    """Told to who may end it: until when a meeting that runs over stays open."""
    meeting = seen.meeting
    ends_at = sitting_at(meeting, now).ends_at
    if meeting.status != "live" or not seen.may_change or now < ends_at:
        return []
    formatted = formats(request)
    times = {
        "empty": formatted.time(ends_at + OPEN_AFTER_END),
        "latest": formatted.datetime(ends_at + LIVE_AFTER_END),
    }
    message = words(request).gettext(
        "Đã quá giờ kết thúc. Còn điểm cầu trong phòng thì cuộc họp vẫn tiếp tục. Từ %(empty)s,"
        " phòng trống thì cuộc họp tự kết thúc; không còn điểm cầu nào thì muộn nhất là"
        " %(latest)s. Họp xong, xin bấm “Kết thúc cho tất cả” trong phòng họp."
    )
    return [message % times]


def _cut(
    groups: Sequence[LevelGroup], paging: Paging
) -> list[tuple[LevelGroup, Sequence[InvitedSite]]]:
    """Each group of which the page shows sites, with these."""
    found: list[tuple[LevelGroup, Sequence[InvitedSite]]] = []
    first = 0
    for group in groups:
        begin = max(paging.start - first, 0)
        shown = group.sites[begin : max(paging.start + paging.size - first, 0)]
        if shown:
            found.append((group, shown))
        first += len(group.sites)
    return found


async def _door(request: web.Request, seen: Seen, now: dt.datetime, *, is_running: bool) -> Door:
    services = request.app[SERVICES]
    meeting, viewer = seen.meeting, seen.viewer
    early_min = services.settings.join_early_min
    opens = opens_at(meeting, now, early_min)
    try:
        admit_account(
            meeting,
            viewer.account,
            viewer.grants,
            max(now, opens),
            host_path=[unit.id for unit in seen.host_path],
            own_sites=await services.store.sites.list(join_units(viewer.grants)),
            early_min=early_min,
            zone=services.zone,
            goes_on=is_running,
        )
    except ConfhubError:
        return Door(is_invited=False, is_open=False)
    if is_open(meeting, now, early_min=early_min, goes_on=is_running):
        return Door(is_invited=True, is_open=True)
    return Door(is_invited=True, is_open=False, opens_at=opens)


async def reopenable(request: web.Request, meeting: Meeting) -> dt.datetime | None:
    """Until when the end of the meeting can be taken back, by who may drive it."""
    services = request.app[SERVICES]
    return await desk.reopenable(services.store, meeting, services.clock())


async def reopen(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/reopen: back into the room of a meeting that ended just now."""
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]
    sent = str((await posted_form(request)).get("version", ""))
    version = small_number(sent) if sent else None  # a page from before had none
    await desk.reopen(store, actor_of(request), meeting_id, version)
    return redirect(request, f"/meetings/{meeting_id}/room")
