"""What a site may answer, and which of two answers stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from confhub.answers.answer import (
    By,
    NoAnswerNow,
    Reply,
    answered,
    check_open,
    is_open,
    is_repeat,
    replied,
)
from confhub.answers.given import (
    MOST_PEOPLE,
    NAME_LENGTH,
    REMARK_LENGTH,
    Attendee,
    Given,
    check,
)
from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from tests.confhub.meetings.sittings import at, council, sittings_on
from tests.confhub.store.country import NOW, meeting

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
AHEAD: Meeting = meeting("host", ("site-a",), starts_at=NOW + 24 * HOUR, ends_at=NOW + 25 * HOUR)
MAI = Attendee("Lò Thị Mai", "Chủ tịch UBND xã")
COMING = Given("attending", (MAI,), "Quàng Văn Sơn", "0912 345 678", ("item-1",), True, "Đến sớm")


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, set()),
        ({"people": (), "items": None, "remark": ""}, set()),
        ({"state": "declined"}, set()),
        ({"state": "declined", "remark": ""}, {"remark"}),
        ({"remark": "a" * (REMARK_LENGTH + 1)}, {"remark"}),
        ({"technician_phone": "gọi anh Sơn"}, {"technician_phone"}),
        ({"technician_phone": "1" * 41}, {"technician_phone"}),
        ({"technician_name": "a" * (NAME_LENGTH + 1)}, {"technician_name"}),
        ({"people": (MAI,) * (MOST_PEOPLE + 1)}, {"people"}),
        ({"people": (MAI, Attendee("", "Phó Chủ tịch"))}, {"name-1"}),
        ({"people": (Attendee("a" * (NAME_LENGTH + 1), "b" * 121),)}, {"name-0", "title-0"}),
        ({"people": (Attendee("Tòng Văn Bun", part="substitute"),)}, {"reason-0"}),
        ({"people": (Attendee("Tòng Văn Bun", "", "substitute", "họp tỉnh"),)}, set()),
        ({"items": ()}, {"items"}),
        ({"items": ("item-9",)}, {"items"}),
    ],
)
def test_what_a_site_says_is_looked_through(values: dict[str, Any], fields: set[str]) -> None:
    found: set[str] = set()
    try:
        check(replace(COMING, **values), ["item-1", "item-2"])
    except FieldErrors as error:
        found = set(error.fields)
    assert found == fields


@pytest.mark.parametrize(
    ("status", "at", "is_taken"),
    [
        ("scheduled", NOW, True),
        ("scheduled", AHEAD.starts_at, True),
        ("scheduled", AHEAD.ends_at, False),
        ("live", AHEAD.ends_at + HOUR, True),
        ("draft", NOW, False),
        ("postponed", NOW, False),
        ("cancelled", NOW, False),
        ("ended", NOW, False),
    ],
)
def test_until_when_a_site_may_answer(status: Any, at: dt.datetime, is_taken: bool) -> None:
    held = replace(AHEAD, status=status)
    assert is_open(held, at) == is_taken
    if not is_taken:
        with pytest.raises(NoAnswerNow):
            check_open(held, at)


def test_an_answer_is_to_a_start_and_stays_when_the_meeting_moves() -> None:
    first = answered(None, AHEAD, "site-a", COMING, By("link"), NOW)
    assert (first.version, first.is_for(AHEAD)) == (1, True)
    moved = replace(AHEAD, starts_at=AHEAD.starts_at + HOUR)
    assert not first.is_for(moved)
    assert is_repeat(first, AHEAD, COMING, By("link"), 0)
    assert not is_repeat(first, AHEAD, COMING, By("link"), 1)
    assert not is_repeat(first, AHEAD, COMING, By("account", "acc-1"), 0)
    assert not is_repeat(first, moved, COMING, By("link"), 0)  # it confirms the new time
    again = answered(first, moved, "site-a", COMING, By("link"), NOW + MINUTE)
    assert (again.version, again.is_for(moved)) == (2, True)


def test_a_reply_by_mail_keeps_the_people_that_the_site_named() -> None:
    first = answered(None, AHEAD, "site-a", COMING, By("link"), NOW)
    reply = Reply("declined", " Bão  về ", NOW + MINUTE, 0)
    later = replied(first, AHEAD, "site-a", reply, By("mail"), AHEAD, NOW + HOUR)
    assert later is not None
    assert later.given == replace(COMING, state="declined", remark="Bão về")
    assert (later.by.way, later.answered_at, later.version) == ("mail", NOW + MINUTE, 2)


@pytest.mark.parametrize(
    ("stamp", "sequence", "is_kept"),
    [
        (2 * MINUTE, 3, True),
        (2 * MINUTE, None, True),
        (2 * MINUTE, 2, False),  # to an invitation from before
        (MINUTE, 3, False),  # the same mail once more
        (dt.timedelta(0), 4, False),  # it was written before
    ],
)
def test_an_older_mail_never_takes_the_place_of_what_is_newer(
    stamp: dt.timedelta, sequence: int | None, is_kept: bool
) -> None:
    first = Reply("attending", "", NOW + MINUTE, 3)
    known = replied(None, AHEAD, "site-a", first, By("mail"), AHEAD, NOW + HOUR)
    second = Reply("declined", "Bận", NOW + stamp, sequence)
    found = replied(known, AHEAD, "site-a", second, By("mail"), AHEAD, NOW + HOUR)
    assert (found is not None) == is_kept


def test_a_clock_ahead_of_time_does_not_shut_out_what_comes_after() -> None:
    early = Reply("attending", "a" * 9_000, NOW + 99 * HOUR, 0)
    known = replied(None, AHEAD, "site-a", early, By("mail"), AHEAD, NOW)
    assert known is not None
    assert (known.answered_at, len(known.given.remark)) == (NOW, REMARK_LENGTH)
    after = Reply("declined", "", NOW + MINUTE, 0)
    assert replied(known, AHEAD, "site-a", after, By("mail"), AHEAD, NOW + MINUTE) is not None


COUNCIL = council()
OVER = tuple(replace(one, is_over=True) for one in COUNCIL.sittings[:2])


@pytest.mark.parametrize(
    ("sittings", "holds"),
    [
        (COUNCIL.sittings, True),
        ((*OVER, *COUNCIL.sittings[2:]), True),  # the first day is over
        ((*COUNCIL.sittings[:-1], Sitting(at(2, 14), at(2, 18))), True),  # only its end
        ((*OVER, *sittings_on(3, 4)), False),  # the rest was moved
        (sittings_on(0, 1, 4), False),
        (sittings_on(0, 1), False),
        (sittings_on(0, 1, 2, 3), False),
        (OVER, True),  # the rest was called off: nothing is left to answer to
        ((), False),  # one meeting now
    ],
)
def test_an_answer_is_to_all_days_that_are_ahead(
    sittings: tuple[Sitting, ...], holds: bool
) -> None:
    first = answered(None, COUNCIL, "site-a", COMING, By("link"), NOW)
    ends_at = sittings[-1].ends_at if sittings else COUNCIL.ends_at
    now = replace(COUNCIL, sittings=sittings, ends_at=ends_at)
    assert first.is_for(now) == holds
    assert answered(first, now, "site-a", COMING, By("link"), NOW).is_for(now)
    # An older program knows the first begin alone, and leaves the other as it stood.
    assert replace(first, sittings=None).is_for(now)
    assert replace(first, sittings=sittings_on(-3, 1)).is_for(now)


def test_an_answer_says_which_days_it_is_not_to() -> None:
    first = answered(None, COUNCIL, "site-a", COMING, By("link"), NOW)
    days = sittings_on(0, 1, 4)
    later = replace(COUNCIL, sittings=days, ends_at=days[-1].ends_at)
    assert first.is_no_more_for(later) == COUNCIL.sittings[4:]
    assert first.says_nothing_of(later) == days[4:]
    alone = answered(None, AHEAD, "site-a", COMING, By("link"), NOW)
    assert alone.says_nothing_of(AHEAD) == ()
