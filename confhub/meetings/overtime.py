"""Making a meeting longer while it runs, and taking its end back. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from confhub.errors import N_, BadInput, Conflict
from confhub.meetings.admission import sitting_at
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import LONGEST_WHOLE, Sitting, is_too_long
from confhub.meetings.times import LONGEST

# What a secretary in the room may add with one press: the rest of an item, or another item.
STEPS_MIN = (15, 30)
# Who pressed the wrong button notices at once; later people have left their rooms.
REOPEN_WITHIN = dt.timedelta(minutes=5)

NOT_RUNNING = N_("Cuộc họp không còn diễn ra nên không kéo dài được.")
TOO_LONG = N_("Cuộc họp dài nhất %(hours)s giờ. Hãy lên lịch một cuộc họp khác.")
WHOLE_TOO_LONG = N_("Từ phiên đầu đến phiên cuối nhiều nhất %(days)s ngày.")
NEXT_SITTING = N_("Phiên sau bắt đầu ngay sau đó nên không kéo dài được nữa.")
BAD_STEP = N_("Mỗi lần kéo dài được 15 hoặc 30 phút.")
NOT_ENDED = N_("Cuộc họp chưa kết thúc.")
TOO_LATE = N_("Đã quá 5 phút từ lúc kết thúc nên không mở lại được. Hãy lên lịch cuộc họp mới.")


def extended(meeting: Meeting, minutes: int, now: dt.datetime) -> Meeting:
    """The meeting with its end put off: from the planned end, or from now where that is past; of
    several sittings, the end of the one that is held.

    How long it may be is a rule for plans: one that has run over, and is held, is as long as it is.
    """
    if meeting.status not in ("scheduled", "live"):
        raise Conflict(NOT_RUNNING)
    if minutes not in STEPS_MIN:
        raise BadInput(BAD_STEP)
    sitting, sittings = sitting_at(meeting, now), meeting.all_sittings
    ends_at = later_end(sitting.ends_at, minutes, now)
    is_over = meeting.status == "live" and now >= sitting.ends_at
    if ends_at - sitting.starts_at > LONGEST and not is_over:
        hours = int(LONGEST.total_seconds() // 3600)
        raise BadInput(TOO_LONG, values={"hours": hours})
    if len(sittings) == 1:
        return replace(meeting, ends_at=ends_at)
    longer = _with_end(sittings, sittings.index(sitting), ends_at)
    if is_too_long(longer) and not is_over:
        raise BadInput(WHOLE_TOO_LONG, values={"days": LONGEST_WHOLE.days})
    return replace(meeting, sittings=longer, ends_at=longer[-1].ends_at)


def later_end(ends_at: dt.datetime, minutes: int, now: dt.datetime) -> dt.datetime:
    """So long after the end, or after the minute of `now` where that is past."""
    return max(ends_at, now.replace(second=0, microsecond=0)) + dt.timedelta(minutes=minutes)


def _with_end(sittings: Sequence[Sitting], at: int, ends_at: dt.datetime) -> tuple[Sitting, ...]:
    if any(ends_at > later.starts_at for later in sittings[at + 1 :]):
        raise BadInput(NEXT_SITTING)
    return (*sittings[:at], replace(sittings[at], ends_at=ends_at), *sittings[at + 1 :])


def may_reopen(meeting: Meeting) -> bool:
    """Whether an end of it may be taken back at all: of the whole, or of a sitting."""
    return meeting.status == "ended" or (
        meeting.status == "scheduled" and len(meeting.all_sittings) > 1
    )


def reopenable_until(
    meeting: Meeting, ended_at: dt.datetime | None, now: dt.datetime
) -> dt.datetime | None:
    """Until when the meeting's end, or its sitting's, can be taken back; None if not at `now`."""
    if not may_reopen(meeting) or ended_at is None or now - ended_at > REOPEN_WITHIN:
        return None
    return ended_at + REOPEN_WITHIN


def reopened(meeting: Meeting, ended_at: dt.datetime | None, now: dt.datetime) -> Meeting:
    """The meeting going on, with the sitting that was held; Conflict unless it was ended in its
    room (at `ended_at`) a moment ago."""
    if not may_reopen(meeting) or (meeting.status == "scheduled" and ended_at is None):
        raise Conflict(NOT_ENDED)
    if ended_at is None or reopenable_until(meeting, ended_at, now) is None:
        raise Conflict(TOO_LATE)
    live = replace(meeting, status="live")
    begun = [one for one in meeting.sittings if one.starts_at <= ended_at]
    if not begun:  # it was ended before its first hour
        return live
    held = replace(begun[-1], is_over=False)
    again = replace(live, sittings=_put(meeting.sittings, held))
    # Ended before its hour, at open doors, it was a later one that nothing marks.
    return again if sitting_at(again, ended_at) == held else live


def _put(sittings: Sequence[Sitting], changed: Sitting) -> tuple[Sitting, ...]:
    return tuple(changed if one.starts_at == changed.starts_at else one for one in sittings)
