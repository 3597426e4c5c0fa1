"""What may become of a meeting once it is scheduled: put off, called off, started, ended. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors
from confhub.meetings.meeting import PLANNED, Meeting
from confhub.meetings.sitting import LONGEST_WHOLE, Sitting, is_too_long, shifted
from confhub.meetings.times import read_moment, read_span

REASON_LENGTH = 500  # a sentence or two, read out over the telephone
TOO_FAR = N_(
    "Từ phiên đầu (đã họp) đến phiên cuối nhiều nhất %(days)s ngày. Các phiên còn lại xin lập thành"
    " cuộc họp mới."
)
_SHORTEST = dt.timedelta(minutes=1)  # the least that a form may show
CHANGEABLE = PLANNED | {"live"}


class NoMoreChanges(ConfhubError):
    """The meeting is over or cancelled."""

    code = "no_more_changes"
    http_status = 409
    message = N_("Cuộc họp đã kết thúc hoặc đã hủy nên không sửa được nữa.")


class Overtaken(Conflict):
    """Somebody else changed the meeting since it was looked at; nothing was done."""

    code = "overtaken"
    message = N_(
        "Người khác vừa thay đổi cuộc họp này nên thao tác của bạn chưa được thực hiện. Xin xem lại"
        " thông tin mới, rồi làm lại nếu vẫn cần."
    )


def check_changeable(meeting: Meeting, version: int | None = None) -> None:
    """Raise NoMoreChanges once it is over; Overtaken if it is not of that version any more."""
    if meeting.status not in CHANGEABLE:
        raise NoMoreChanges
    if version is not None and meeting.version != version:
        raise Overtaken


def check_reason(reason: str) -> dict[str, ConfhubError]:
    """What is wrong with the reason that everybody will read, by the field's name."""
    if not reason:
        return {"reason": BadInput(N_("Xin nêu lý do; các điểm cầu sẽ đọc được."))}
    if len(reason) > REASON_LENGTH:
        values = {"limit": REASON_LENGTH, "has": len(reason)}
        return {"reason": BadInput(N_("Dài nhất %(limit)s ký tự; đang có %(has)s."), values=values)}
    return {}


def moved(
    meeting: Meeting, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, now: dt.datetime
) -> Meeting:
    """The meeting at another time, with the usual deadline of answers; FieldErrors (`start`,
    `reason`). Of several sittings those that have not `passed` go along, each as far as the first
    of them, which begins at `starts_at`: `ends_at` then says nothing."""
    errors = check_reason(reason)
    is_set = meeting.status != "postponed"  # which may get its own time again
    if starts_at <= now:
        errors["start"] = BadInput(N_("Giờ mới đã qua. Xin chọn giờ trong tương lai."))
    elif is_set and _stays(passed(meeting, now), starts_at, ends_at):
        errors["start"] = BadInput(N_("Giờ mới trùng với giờ cũ."))
    later = at_time(meeting, starts_at, ends_at, now)
    if is_too_long(later.all_sittings):
        errors.setdefault("start", BadInput(TOO_FAR, values={"days": LONGEST_WHOLE.days}))
    if errors:
        raise FieldErrors(errors)
    return replace(
        later,
        status="scheduled",
        status_reason=reason,
        postponed_from=meeting.postponed_from or meeting.starts_at,
        answer_by=None,
    )


def passed(meeting: Meeting, now: dt.datetime) -> Meeting:
    """The meeting where each sitting that ended by `now` is over, also one that was held without a
    room, and of a live one each that began; none lasts beyond `now`, which others may take. The
    last is not: where it has passed too, nobody says which were held, and nothing changes."""
    *earlier, last = meeting.all_sittings
    is_live = meeting.status == "live"
    is_behind = last.ends_at <= now and not is_live
    if not earlier or is_behind or meeting.status not in ("scheduled", "live"):
        return meeting
    sittings = (*(_until(one, now, is_live=is_live) for one in earlier), last)
    return replace(meeting, sittings=sittings)


def _until(one: Sitting, now: dt.datetime, *, is_live: bool) -> Sitting:
    is_over = one.is_over or one.ends_at <= now or (is_live and one.starts_at <= now)
    if not is_over or one.ends_at <= now:
        return replace(one, is_over=is_over)
    minute = now.replace(second=0, microsecond=0)
    return Sitting(one.starts_at, max(minute, one.starts_at + _SHORTEST), is_over=True)


def read_span_of(
    meeting: Meeting, starts: str, ends: str, zone: ZoneInfo, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime]:
    """As `read_span`, for `at_time`: of several sittings only the begin is read."""
    meeting = passed(meeting, now)
    if len(meeting.all_sittings) == 1 or not meeting.to_come:
        return read_span(starts, ends, zone)
    try:
        starts_at = read_moment(starts, zone)
    except BadInput as error:
        raise FieldErrors({"starts": error}) from None
    first = meeting.to_come[0]
    return starts_at, starts_at + (first.ends_at - first.starts_at)


def at_time(
    meeting: Meeting, starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime
) -> Meeting:
    """The meeting at another time; its several sittings as `moved` has it."""
    meeting = passed(meeting, now)
    if len(meeting.all_sittings) == 1 or not meeting.to_come:
        return replace(meeting, starts_at=starts_at, ends_at=ends_at, sittings=())
    sittings = shifted(meeting.sittings, starts_at - meeting.to_come[0].starts_at)
    sittings = tuple(sorted(sittings, key=lambda one: one.starts_at))
    span = sittings[0].starts_at, max(one.ends_at for one in sittings)
    return replace(meeting, starts_at=span[0], ends_at=span[1], sittings=sittings)


def first_hours(
    meeting: Meeting, starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime]:
    """Of the meeting `at_time`, as a form has it: of several sittings those of the first that is
    ahead."""
    first = at_time(meeting, starts_at, ends_at, now).coming
    return first.starts_at, first.ends_at


def _stays(meeting: Meeting, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
    if len(meeting.all_sittings) > 1:
        return bool(meeting.to_come) and starts_at == meeting.to_come[0].starts_at
    return (starts_at, ends_at) == (meeting.starts_at, meeting.ends_at)


def without_rest(changed: Meeting, before: Meeting) -> Meeting:
    """The changed meeting, which has ended where it lost all sittings that were still ahead."""
    over = {one.starts_at for one in before.all_sittings if one.is_over}
    left = {one.starts_at for one in changed.all_sittings} - over
    if left or changed.status not in ("scheduled", "postponed"):
        return changed
    return replace(changed, status="ended")


def held_over(meeting: Meeting, reason: str, now: dt.datetime) -> Meeting:
    """The meeting without a time until another is found; FieldErrors (`reason`). What has `passed`
    does not wait for it."""
    errors = check_reason(reason)
    if errors:
        raise FieldErrors(errors)
    first_set = meeting.postponed_from or meeting.starts_at
    return replace(
        passed(meeting, now),
        status="postponed",
        status_reason=reason,
        postponed_from=first_set,
    )


def cancelled(meeting: Meeting, reason: str) -> Meeting:
    """The meeting called off; FieldErrors (`reason`)."""
    errors = check_reason(reason)
    if errors:
        raise FieldErrors(errors)
    return replace(meeting, status="cancelled", status_reason=reason)


def ended(meeting: Meeting, now: dt.datetime) -> Meeting:
    """The meeting that was held, over now; Conflict if it was called off or put off meanwhile.

    Where a sitting is still to begin, those that began are over, and the meeting waits for it.
    """
    if meeting.status not in ("scheduled", "live", "ended"):
        raise Conflict(N_("Cuộc họp đã bị hủy hoặc hoãn nên không kết thúc được nữa."))
    sittings = meeting.all_sittings
    if meeting.status == "ended" or sittings[-1].starts_at <= now or len(sittings) == 1:
        return replace(meeting, status="ended")
    over = tuple(replace(one, is_over=one.is_over or one.starts_at <= now) for one in sittings)
    return replace(meeting, status="scheduled", sittings=over)
