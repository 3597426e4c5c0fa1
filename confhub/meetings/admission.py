"""Who may enter a meeting, and when. Pure.

A site comes by its signed link or by its own account; an officer (secretary, technician, admin
of the hosting unit or above) comes by account. Asked again on every reconnect.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from confhub.errors import N_, ConfhubError, Forbidden, Gone
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.meetings.sitting import Sitting
from confhub.people.account import Account
from confhub.people.grant import Grant
from confhub.people.policy import may, rights_of, speaks_alone
from confhub.units.site import Site

# Two hours past the planned end nobody comes any more to a meeting that never began, and one
# whose room stands empty has ended (confhub/jobs/overruns.py).
OPEN_AFTER_END = dt.timedelta(hours=2)
# Meetings run over, and nobody is sent home by a clock: while a site is inside, it goes on and lets
# everybody back in. A console that somebody forgot to close would keep one open for ever, though;
# half a day later no people are at it.
LIVE_AFTER_END = dt.timedelta(hours=12)

_SITES = "s-"  # the seats of sites; officers at their consoles have others

EntryRole = Literal["site", "secretary", "technician"]


class TooEarly(Forbidden):
    """The meeting is not open yet; `opens_at` is an aware datetime."""

    code = "too_early"
    message = N_("Phòng họp mở lúc %(time)s ngày %(date)s.")

    def __init__(self, opens_at: dt.datetime, zone: ZoneInfo) -> None:
        local = opens_at.astimezone(zone)
        super().__init__(values={"time": f"{local:%H:%M}", "date": f"{local:%d/%m/%Y}"})
        self.opens_at = opens_at


class NotHeld(ConfhubError):
    """The meeting is cancelled, postponed, a draft or over."""

    code = "not_held"
    http_status = 409
    message = N_("Cuộc họp này không diễn ra.")


@dataclass(frozen=True, slots=True)
class Admission:
    """The seat somebody is given: `member_id` is the same at every return."""

    member_id: str  # "s-" + site id, or "a-" + account id for an officer's console
    site_id: str | None
    role: EntryRole
    may_drive: bool
    may_end: bool
    link_id: str | None


_CLOSED: Mapping[str, tuple[str, str]] = {
    "draft": ("draft", N_("Cuộc họp còn là bản nháp, chưa được lên lịch.")),
    "cancelled": ("cancelled", N_("Cuộc họp đã bị hủy. Lý do: %(reason)s")),
    "postponed": ("postponed", N_("Cuộc họp đã hoãn, chờ lịch mới. Lý do: %(reason)s")),
    "ended": ("ended", N_("Cuộc họp đã kết thúc.")),
}


def sitting_at(meeting: Meeting, now: dt.datetime) -> Sitting:
    """The sitting that is held at `now`, or whose doors are open after its end, else the next one;
    after all of them the last."""
    sittings = meeting.all_sittings
    stays = LIVE_AFTER_END if meeting.status == "live" else OPEN_AFTER_END
    for one, following in pairwise(sittings):
        if not one.is_over and now < min(one.ends_at + stays, following.starts_at):
            return one
    return sittings[-1]


def at_sitting(meeting: Meeting, now: dt.datetime) -> Meeting:
    """The meeting with the times of `sitting_at` alone, as who is in its room has it."""
    one = sitting_at(meeting, now)
    return replace(meeting, starts_at=one.starts_at, ends_at=one.ends_at, sittings=())


def opening(meeting: Meeting | Sitting, early_min: int) -> dt.datetime:
    """When the doors open: technicians are on site `early_min` minutes before the start; of a
    meeting, the first time."""
    return meeting.starts_at - dt.timedelta(minutes=early_min)


def opens_at(meeting: Meeting, now: dt.datetime, early_min: int) -> dt.datetime:
    """When the doors open, or opened, for the sitting of `sitting_at`: not in the first half of the
    break before it, so that who was sent out at the end of one does not come into the next."""
    return doors_of(meeting, sitting_at(meeting, now), early_min)


def doors_of(meeting: Meeting, one: Sitting, early_min: int) -> dt.datetime:
    """When they open for that sitting of the meeting."""
    ends = [before.ends_at for before in meeting.all_sittings if before.ends_at <= one.starts_at]
    opens = opening(one, early_min)
    return max(opens, ends[-1] + (one.starts_at - ends[-1]) / 2) if ends else opens


def closing(meeting: Meeting) -> dt.datetime:
    """When the doors close where no site is inside: a live meeting may run over by half a day."""
    return meeting.ends_at + (LIVE_AFTER_END if meeting.status == "live" else OPEN_AFTER_END)


def has_site(members: Collection[str]) -> bool:
    """Whether a site is among those who are inside; `members` are ids of seats."""
    return any(member.startswith(_SITES) for member in members)


def check_open(
    meeting: Meeting, now: dt.datetime, *, early_min: int, zone: ZoneInfo, goes_on: bool = False
) -> None:
    """Raise NotHeld or TooEarly unless people may be in the meeting at `now`. `goes_on`: a site is
    inside (`has_site`)."""
    if meeting.status in _CLOSED:
        code, message = _CLOSED[meeting.status]
        raise NotHeld(message, code=code, values={"reason": meeting.status_reason or "—"})
    opens = opens_at(meeting, now, early_min)
    if now < opens and meeting.status != "live":
        raise TooEarly(opens, zone)
    if is_past(meeting, now, goes_on=goes_on):
        code, message = _CLOSED["ended"]
        raise NotHeld(message, code=code)


def is_past(meeting: Meeting, now: dt.datetime, *, goes_on: bool) -> bool:
    """Whether the doors have closed behind the meeting; never while a site is in a live one."""
    return now >= closing(meeting) and not (goes_on and meeting.status == "live")


def is_open(meeting: Meeting, now: dt.datetime, *, early_min: int, goes_on: bool = False) -> bool:
    """Whether the Join button shows; `goes_on` as `check_open`."""
    if is_past(meeting, now, goes_on=goes_on):
        return False
    if meeting.status == "live":
        return True
    return meeting.status == "scheduled" and opens_at(meeting, now, early_min) <= now


def check_link(link: JoinLink, meeting: Meeting) -> None:
    """Raise Gone: revoked, of another meeting, or of a site no longer invited."""
    if link.revoked_at is not None:
        raise Gone
    if link.meeting_id != meeting.id or link.site_id not in meeting.sites:
        raise Gone


def check_site(site: Site) -> None:
    """Raise Forbidden for one that was closed."""
    if not site.active:
        raise Forbidden(N_("Điểm cầu %(site)s đã ngừng hoạt động."), values={"site": site.name})


def admit_link(
    meeting: Meeting,
    link: JoinLink,
    site: Site,
    now: dt.datetime,
    *,
    early_min: int,
    zone: ZoneInfo,
    goes_on: bool = False,
) -> Admission:
    """The seat of the link's site; `goes_on` as `check_open`."""
    check_link(link, meeting)
    if site.id != link.site_id:
        raise Gone
    check_site(site)
    check_open(meeting, now, early_min=early_min, zone=zone, goes_on=goes_on)
    return _site_seat(site, link_id=link.id)


def admit_account(
    meeting: Meeting,
    account: Account,
    grants: Sequence[Grant],
    now: dt.datetime,
    *,
    host_path: Sequence[str],
    own_sites: Sequence[Site] = (),
    early_min: int,
    zone: ZoneInfo,
    goes_on: bool = False,
) -> Admission:
    """An officer's console, or the seat of an invited site of a unit of their own.

    `grants` are those in force, the post first; `host_path` the unit ids from the root to the
    hosting unit; `own_sites` the active sites of `join_units`. Officers of the hosting unit or
    above get a console; anybody whose unit is invited sits in that unit's site.
    """
    if not account.active or not grants:
        raise Forbidden
    console = _console(account, grants, host_path)
    if console is None:
        invited = [site for site in own_sites if site.id in meeting.sites]
        mine = [site for unit in join_units(grants) for site in invited if site.unit_id == unit]
        if not mine:
            raise Forbidden(
                N_("Đơn vị của bạn không có trong thành phần dự họp."), code="not_invited"
            )
        check_site(mine[0])
        console = _site_seat(mine[0], link_id=None)
    check_open(meeting, now, early_min=early_min, zone=zone, goes_on=goes_on)
    return console


def join_units(grants: Sequence[Grant]) -> list[str]:
    """Ids of the units in whose sites somebody sits by these grants, the post's first."""
    return list(dict.fromkeys(g.unit_id for g in grants if "join" in rights_of(g)))


def _console(
    account: Account, grants: Sequence[Grant], host_path: Sequence[str]
) -> Admission | None:
    officer = [grant for grant in grants if not speaks_alone(grant)]
    if not may(officer, "join", unit_path=host_path):
        return None
    drives = may(officer, "drive", unit_path=host_path)
    return Admission(
        member_id=f"a-{account.id}",
        site_id=None,
        role="secretary" if drives else "technician",
        may_drive=drives,
        may_end=drives,
        link_id=None,
    )


def _site_seat(site: Site, *, link_id: str | None) -> Admission:
    return Admission(
        member_id=f"{_SITES}{site.id}",
        site_id=site.id,
        role="site",
        may_drive=False,
        may_end=False,
        link_id=link_id,
    )
