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


def reopenable_until(
    meeting: Meeting, ended_at: dt.datetime | None, now: dt.datetime
) -> dt.datetime | None:
    """Until when the meeting's end can be taken back; None if it cannot at `now`."""
    if meeting.status != "ended" or ended_at is None or now - ended_at > REOPEN_WITHIN:
        return None
    return ended_at + REOPEN_WITHIN


def check_reopen(meeting: Meeting, ended_at: dt.datetime | None, now: dt.datetime) -> None:
    """Conflict unless the meeting was ended in its room (at `ended_at`) a moment ago."""
    if meeting.status != "ended":
        raise Conflict(NOT_ENDED)
    if reopenable_until(meeting, ended_at, now) is None:
        raise Conflict(TOO_LATE)
