"""When a grant holds, and for how long one may be handed over."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confhub.errors import Forbidden
from confhub.people.account import Account
from confhub.people.grant import (
    LONGEST_HANDOVER,
    Grant,
    by_use,
    check_handover,
    check_may_hand_over,
    check_period,
    holds,
    in_force,
    last_day,
    next_end,
    period,
    post_of,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 30, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MOMENT = dt.timedelta(microseconds=1)

POST = Grant("giver", "giver", "secretary", "district")
HANDED = Grant(
    "h", "taker", "secretary", "district", NOW - DAY, NOW + DAY, given_by="giver", source=POST
)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "held"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + MOMENT, None, False),
        (None, NOW + MOMENT, True),
        (None, NOW, False),
        (NOW - DAY, NOW + DAY, True),
        (NOW + DAY, NOW - DAY, False),
    ],
)
def test_a_grant_holds_from_its_start_until_just_before_its_end(
    starts_at: dt.datetime | None, ends_at: dt.datetime | None, held: bool
) -> None:
    grant = Grant("g", "a", "secretary", "district", starts_at, ends_at)
    assert holds(grant, NOW) == held
    assert in_force([grant], NOW) == ((grant,) if held else ())


def test_a_locked_account_holds_nothing() -> None:
    account = Account("a", "thuky", "Thư ký", "secretary", "district", active=False)
    assert not holds(post_of(account), NOW)
    assert holds(post_of(dataclasses.replace(account, active=True)), NOW)


@pytest.mark.parametrize(
    ("source", "held"),
    [
        (POST, True),
        (dataclasses.replace(POST, ends_at=NOW), False),
        (dataclasses.replace(POST, ends_at=NOW + MOMENT), True),
        (dataclasses.replace(POST, active=False), False),
        (dataclasses.replace(POST, role="site"), False),
        (dataclasses.replace(POST, role="admin"), False),
        (dataclasses.replace(POST, unit_id="another"), False),
        (dataclasses.replace(POST, id="other", account_id="other"), False),
        (dataclasses.replace(POST, source=dataclasses.replace(POST, ends_at=NOW)), False),
    ],
)
def test_what_was_handed_over_holds_only_while_its_giver_has_it(source: Grant, held: bool) -> None:
    assert holds(dataclasses.replace(HANDED, source=source), NOW) == held


def test_the_next_end_is_the_first_of_all_that_a_grant_rests_on() -> None:
    assert next_end([POST]) is None
    assert next_end([POST, HANDED]) == NOW + DAY
    sooner = dataclasses.replace(HANDED, source=dataclasses.replace(POST, ends_at=NOW + MOMENT))
    assert next_end([POST, HANDED, sooner]) == NOW + MOMENT


def test_days_are_whole_and_both_ends_count() -> None:
    starts_at, ends_at = period(dt.date(2026, 12, 1), dt.date(2026, 12, 5), ZONE)
    assert starts_at == dt.datetime(2026, 11, 30, 17, 0, tzinfo=dt.UTC)
    assert ends_at == dt.datetime(2026, 12, 5, 17, 0, tzinfo=dt.UTC)
    assert last_day(ends_at, ZONE) == dt.date(2026, 12, 5)
    assert period(None, None, ZONE) == (None, None)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "wrong"),
    [
        (None, None, False),
        (NOW + DAY, None, False),
        (NOW - DAY, NOW + DAY, False),
        (None, NOW, True),
        (NOW + DAY, NOW + DAY, True),
        (NOW + 2 * DAY, NOW + DAY, True),
    ],
)
def test_a_grant_is_not_over_before_it_begins(
    starts_at: dt.datetime | None, ends_at: dt.datetime | None, wrong: bool
) -> None:
    assert set(check_period(starts_at, ends_at, NOW)) == ({"last"} if wrong else set())


@pytest.mark.parametrize(
    "grant",
    [
        HANDED,
        dataclasses.replace(POST, role="site"),
        dataclasses.replace(POST, ends_at=NOW),
        dataclasses.replace(POST, active=False),
    ],
)
def test_only_ones_own_role_that_holds_is_handed_over(grant: Grant) -> None:
    with pytest.raises(Forbidden):
        check_may_hand_over(grant, NOW)
    check_may_hand_over(POST, NOW)


@pytest.mark.parametrize(
    ("grant", "starts_at", "ends_at", "right"),
    [
        (POST, NOW, NOW + 5 * DAY, True),
        (POST, None, NOW + LONGEST_HANDOVER, True),
        (POST, NOW - 300 * DAY, NOW + DAY, True),
        (POST, NOW, None, False),
        (POST, NOW, NOW, False),
        (POST, NOW, NOW + LONGEST_HANDOVER + MOMENT, False),
        (POST, NOW + 400 * DAY, NOW + 400 * DAY + LONGEST_HANDOVER, True),
        (dataclasses.replace(POST, ends_at=NOW + DAY), NOW, NOW + DAY, True),
        (dataclasses.replace(POST, ends_at=NOW + DAY), NOW, NOW + DAY + MOMENT, False),
    ],
)
def test_a_role_is_handed_over_for_a_time_within_ones_own(
    grant: Grant, starts_at: dt.datetime | None, ends_at: dt.datetime | None, right: bool
) -> None:
    problems = check_handover(grant, starts_at, ends_at, NOW)
    assert set(problems) == (set() if right else {"last"})


def test_grants_read_from_the_post_over_what_holds_to_what_is_over() -> None:
    over = Grant("o", "giver", "admin", "x", ends_at=NOW - DAY)
    earlier = Grant("e", "giver", "admin", "x", ends_at=NOW - 2 * DAY)
    to_come = Grant("c", "giver", "admin", "x", starts_at=NOW + DAY)
    held = Grant("g", "giver", "admin", "x")
    assert by_use([earlier, over, to_come, held, POST], NOW) == [POST, held, to_come, over, earlier]
