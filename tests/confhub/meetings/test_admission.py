"""Who may enter a meeting, and when."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from confhub.errors import Forbidden, Gone
from confhub.meetings.admission import (
    LIVE_AFTER_END,
    OPEN_AFTER_END,
    Admission,
    NotHeld,
    TooEarly,
    admit_account,
    admit_link,
    check_open,
    has_site,
    is_open,
)
from confhub.meetings.meeting import JoinLink, Meeting, MeetingStatus
from confhub.people.account import Account, Role
from confhub.people.grant import Grant, in_force, post_of
from confhub.units.site import Site

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
EARLY_MIN = 60
START = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
END = START + dt.timedelta(hours=2)
OPENS = START - dt.timedelta(minutes=EARLY_MIN)
CLOSES = END + OPEN_AFTER_END
MOMENT = dt.timedelta(microseconds=1)

SITE = Site("xa", "commune", "xa", "Phòng họp xã")
OTHER = Site("khac", "other", "khac", "Phòng họp khác")
MEETING = Meeting(
    "m", "Giao ban", "district", "district", "huyen", START, END, sites=("huyen", "xa")
)
LINK = JoinLink("link", "m", "xa", CLOSES)
HOST_PATH = ("centre", "province", "district")


def with_status(status: MeetingStatus, reason: str = "") -> Meeting:
    return dataclasses.replace(MEETING, status=status, status_reason=reason)


def by_link(
    meeting: Meeting = MEETING,
    link: JoinLink = LINK,
    site: Site = SITE,
    now: dt.datetime = START,
    *,
    goes_on: bool = False,
) -> Admission:
    return admit_link(meeting, link, site, now, early_min=EARLY_MIN, zone=ZONE, goes_on=goes_on)


def by_account(
    role: Role,
    unit_id: str,
    *,
    sites: tuple[Site, ...] = (),
    meeting: Meeting = MEETING,
    now: dt.datetime = START,
    active: bool = True,
    also: tuple[Grant, ...] = (),
    goes_on: bool = False,
) -> Admission:
    account = Account("acc", "login", "Tên", role, unit_id, active=active)
    return admit_account(
        meeting,
        account,
        in_force([post_of(account), *also], now),
        now,
        host_path=HOST_PATH,
        own_sites=sites,
        early_min=EARLY_MIN,
        zone=ZONE,
        goes_on=goes_on,
    )


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        (OPENS - MOMENT, False),
        (OPENS, True),
        (END, True),
        (CLOSES - MOMENT, True),
        (CLOSES, False),
    ],
)
def test_doors_open_before_the_start_and_close_after_the_end(
    now: dt.datetime, opened: bool
) -> None:
    assert is_open(MEETING, now, early_min=EARLY_MIN) == opened
    if opened:
        check_open(MEETING, now, early_min=EARLY_MIN, zone=ZONE)
    else:
        with pytest.raises((TooEarly, NotHeld)):
            check_open(MEETING, now, early_min=EARLY_MIN, zone=ZONE)


def test_who_comes_too_early_hears_when_in_local_time() -> None:
    with pytest.raises(TooEarly) as early:
        by_link(now=OPENS - dt.timedelta(hours=9))
    assert early.value.opens_at == OPENS
    assert early.value.values == {"time": "07:00", "date": "24/11/2026"}
    assert early.value.http_status == 403


OVER = END + LIVE_AFTER_END


@pytest.mark.parametrize("now", [OPENS - dt.timedelta(days=1), CLOSES, OVER - MOMENT])
def test_a_live_meeting_runs_over_for_half_a_day_by_link_and_by_account(now: dt.datetime) -> None:
    live = with_status("live")
    assert is_open(live, now, early_min=EARLY_MIN)
    assert by_link(live, now=now).member_id == "s-xa"
    assert by_account("secretary", "district", meeting=live, now=now).may_drive


def test_a_live_meeting_that_nobody_ended_admits_nobody_for_ever() -> None:
    live = with_status("live")
    assert not is_open(live, OVER, early_min=EARLY_MIN)
    with pytest.raises(NotHeld) as over:
        by_link(live, now=OVER)
    assert over.value.code == "ended"
    with pytest.raises(NotHeld):
        by_account("secretary", "district", meeting=live, now=OVER)


@pytest.mark.parametrize(
    ("status", "now", "members", "opened"),
    [
        ("live", OVER, ["a-clerk", "s-xa"], True),  # who is cut off comes back, however late
        ("live", END + 10 * LIVE_AFTER_END, ["s-xa"], True),
        ("live", OVER, ["a-clerk"], False),  # a console that somebody forgot
        ("live", OVER, [], False),
        ("ended", OVER, ["s-xa"], False),
        ("scheduled", CLOSES, ["s-xa"], False),
    ],
)
def test_a_live_meeting_stays_open_while_a_site_is_inside(
    status: MeetingStatus, now: dt.datetime, members: list[str], *, opened: bool
) -> None:
    meeting, goes_on = with_status(status), has_site(members)
    assert is_open(meeting, now, early_min=EARLY_MIN, goes_on=goes_on) == opened
    for enter in (by_link, partial(by_account, "secretary", "district")):
        if opened:
            assert enter(meeting=meeting, now=now, goes_on=goes_on).member_id
            continue
        with pytest.raises(NotHeld) as over:
            enter(meeting=meeting, now=now, goes_on=goes_on)
        assert over.value.code == "ended"


def test_a_link_lives_with_its_meeting_not_with_a_date() -> None:
    later = dt.timedelta(days=400)
    moved = dataclasses.replace(MEETING, starts_at=START + later, ends_at=END + later)
    assert by_link(moved, now=START + later).link_id == "link"


@pytest.mark.parametrize("status", ["draft", "cancelled", "postponed", "ended"])
def test_a_meeting_that_is_not_held_says_so_and_why(status: MeetingStatus) -> None:
    meeting = with_status(status, "Mưa lũ")
    assert not is_open(meeting, START, early_min=EARLY_MIN)
    with pytest.raises(NotHeld) as not_held:
        by_link(meeting)
    assert not_held.value.code == status
    assert ("Mưa lũ" in str(not_held.value)) == (status in ("cancelled", "postponed"))


def test_a_link_gives_its_site_the_same_seat_each_time() -> None:
    seat = Admission("s-xa", "xa", "site", may_drive=False, may_end=False, link_id="link")
    assert by_link() == by_link(now=END) == seat


@pytest.mark.parametrize(
    "link",
    [
        dataclasses.replace(LINK, revoked_at=START),
        dataclasses.replace(LINK, meeting_id="another"),
        dataclasses.replace(LINK, site_id="khac"),
    ],
    ids=["revoked", "of another meeting", "of a site not invited"],
)
def test_a_link_that_does_not_fit_is_gone(link: JoinLink) -> None:
    with pytest.raises(Gone):
        by_link(link=link)


def test_a_link_opens_for_its_own_site_while_that_is_active() -> None:
    with pytest.raises(Gone):
        by_link(site=OTHER)
    with pytest.raises(Forbidden) as forbidden:
        by_link(site=dataclasses.replace(SITE, active=False))
    assert SITE.name in str(forbidden.value)


@pytest.mark.parametrize("unit_id", HOST_PATH)
@pytest.mark.parametrize(
    ("role", "seat_role", "drives"),
    [
        ("admin", "secretary", True),
        ("secretary", "secretary", True),
        ("technician", "technician", False),
    ],
)
def test_officers_of_the_host_and_above_get_a_console(
    role: Role, seat_role: str, drives: bool, unit_id: str
) -> None:
    seat = by_account(role, unit_id)
    assert (seat.member_id, seat.site_id, seat.link_id) == ("a-acc", None, None)
    assert (seat.role, seat.may_drive, seat.may_end) == (seat_role, drives, drives)


@pytest.mark.parametrize("role", ["admin", "secretary", "technician", "site"])
def test_whoever_s_unit_is_invited_sits_in_its_site_and_drives_nothing(role: Role) -> None:
    seat = by_account(role, "commune", sites=(OTHER, SITE))
    assert seat == Admission("s-xa", "xa", "site", may_drive=False, may_end=False, link_id=None)


def test_a_site_s_account_never_gets_a_console_not_even_of_the_host() -> None:
    room = Site("huyen", "district", "huyen", "Hội trường")
    assert by_account("site", "district", sites=(room,)).member_id == "s-huyen"
    with pytest.raises(Forbidden):
        by_account("site", "district")
    with pytest.raises(Forbidden):
        by_account("site", "province")


@pytest.mark.parametrize(
    "sites",
    [(), (OTHER,), (dataclasses.replace(SITE, unit_id="another"),)],
    ids=["no site", "a site not invited", "a site of another unit"],
)
def test_who_is_not_invited_stays_outside(sites: tuple[Site, ...]) -> None:
    with pytest.raises(Forbidden) as forbidden:
        by_account("secretary", "commune", sites=sites)
    assert forbidden.value.code == "not_invited"


def test_an_account_or_site_that_is_not_active_stays_outside() -> None:
    with pytest.raises(Forbidden):
        by_account("admin", "centre", active=False)
    with pytest.raises(Forbidden):
        by_account("site", "commune", sites=(dataclasses.replace(SITE, active=False),))


def test_officers_too_wait_for_the_doors() -> None:
    with pytest.raises(TooEarly):
        by_account("secretary", "district", now=OPENS - MOMENT)
    with pytest.raises(NotHeld):
        by_account("secretary", "district", meeting=with_status("ended"))


CONSOLE = Grant("g", "acc", "secretary", "province", ends_at=END)


def test_a_console_comes_from_whichever_grant_holds_and_goes_with_it() -> None:
    inside = by_account("site", "commune", sites=(SITE,), also=(CONSOLE,))
    assert (inside.member_id, inside.may_drive) == ("a-acc", True)
    after = by_account("site", "commune", sites=(SITE,), also=(CONSOLE,), now=END)
    assert (after.member_id, after.may_drive) == ("s-xa", False)


def test_of_two_invited_units_somebody_sits_in_their_own() -> None:
    meeting = dataclasses.replace(MEETING, sites=("huyen", "khac", "xa"))
    other = Grant("g", "acc", "site", "other")
    for sites in ((SITE, OTHER), (OTHER, SITE)):
        assert (
            by_account("site", "commune", sites=sites, meeting=meeting, also=(other,)).site_id
            == "xa"
        )
    assert (
        by_account("site", "elsewhere", sites=(OTHER,), meeting=meeting, also=(other,)).site_id
        == "khac"
    )
