"""How a meeting stands, in a word and a colour. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from confhub.errors import N_
from confhub.meetings.admission import is_past, sitting_at
from confhub.meetings.meeting import Meeting


@dataclass(frozen=True, slots=True)
class Standing:
    """`tone` names a palette colour; `word` is a msgid; `icon` goes beside it."""

    key: str
    word: str
    tone: str
    icon: str


_STANDINGS: Mapping[str, Standing] = {
    standing.key: standing
    for standing in (
        Standing("draft", N_("Bản nháp"), "absent", "pencil"),
        Standing("scheduled", N_("Đã lên lịch"), "info", "calendar-days"),
        Standing("moved", N_("Đã dời lịch"), "fair", "calendar-days"),
        Standing("due", N_("Đã đến giờ họp"), "good", "clock"),
        Standing("between", N_("Chờ phiên sau"), "info", "clock"),
        Standing("live", N_("Đang họp"), "good", "radio-tower"),
        Standing("postponed", N_("Hoãn, chờ lịch mới"), "fair", "clock"),
        Standing("cancelled", N_("Đã hủy"), "lost", "x"),
        Standing("ended", N_("Đã kết thúc"), "absent", "check"),
    )
}
ENDED = _STANDINGS["ended"]
STATUS_CHOICES: tuple[Standing, ...] = tuple(
    _STANDINGS[key] for key in ("scheduled", "live", "postponed", "cancelled", "ended")
)


def standing(meeting: Meeting, now: dt.datetime, *, goes_on: bool = False) -> Standing:
    """What a person calls the meeting's state now; a planned one whose time is over has ended.
    `goes_on` as in `check_open` of meetings/admission.py."""
    if meeting.status == "live" and is_past(meeting, now, goes_on=goes_on):
        return _STANDINGS["ended"]
    if meeting.status == "scheduled":
        if now >= meeting.ends_at:
            return _STANDINGS["ended"]
        one = sitting_at(meeting, now)
        if one.starts_at <= now < one.ends_at:
            return _STANDINGS["due"]
        if now >= meeting.starts_at:
            return _STANDINGS["between"]
        if meeting.postponed_from is not None:
            return _STANDINGS["moved"]
    return _STANDINGS[meeting.status]
