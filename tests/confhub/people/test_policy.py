"""Who may do what, where: the whole table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import get_args

import pytest

from confhub.people.account import Role, fold_login
from confhub.people.grant import Grant
from confhub.people.policy import (
    ACTIONS,
    RIGHTS,
    Action,
    may,
    may_command,
    may_ever,
    may_grant,
    may_grant_until,
    why,
)

ROLES: tuple[Role, ...] = get_args(Role)
# From the root down to a commune; the grant under test is of the district.
PATH = ("centre", "province", "district", "commune")

ALLOWED: dict[Role, set[Action]] = {
    "admin": set(ACTIONS),
    "secretary": {
        "see_units",
        "edit_people",
        "see_meetings",
        "schedule",
        "drive",
        "see_links",
        "see_board",
        "join",
    },
    "technician": {
        "see_units",
        "edit_sites",
        "see_meetings",
        "confirm_times",
        "see_links",
        "see_board",
        "join",
    },
    "site": {"see_meetings", "join"},
}


TONIGHT = dt.datetime(2026, 11, 9, 17, tzinfo=dt.UTC)


def grant(role: Role, unit_id: str = "district", grant_id: str = "a") -> Grant:
    return Grant(grant_id, "a", role, unit_id)


def handed_over(role: Role, unit_id: str = "district") -> Grant:
    source = Grant("b", "b", role, unit_id)
    return dataclasses.replace(grant(role, unit_id, "h"), given_by="b", source=source)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_may_in_its_own_unit_what_the_table_says(role: Role, action: Action) -> None:
    assert may([grant(role)], action, unit_path=PATH[:3]) == (action in ALLOWED[role])
    assert may_ever([grant(role)], action) == (action in ALLOWED[role])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_rights_reach_down_but_neither_up_nor_aside(role: Role, action: Action) -> None:
    below = role != "site" and action in ALLOWED[role]
    assert may([grant(role)], action, unit_path=PATH) == below
    for elsewhere in (PATH[:2], PATH[:1], (*PATH[:2], "another"), ()):
        assert not may([grant(role)], action, unit_path=elsewhere)


@pytest.mark.parametrize("action", ACTIONS)
def test_who_holds_nothing_may_nothing(action: Action) -> None:
    assert not may([], action, unit_path=PATH[:3])
    assert not may_ever([], action)
    assert not may_grant([], "site", unit_path=PATH[:3])


@pytest.mark.parametrize("one", ROLES)
@pytest.mark.parametrize("other", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_of_several_grants_each_holds_in_its_own_unit(
    one: Role, other: Role, action: Action
) -> None:
    here, there = grant(one), grant(other, "another", "g")
    for held in ([here, there], [there, here]):
        assert may(held, action, unit_path=PATH[:3]) == (action in ALLOWED[one])
        assert may(held, action, unit_path=("centre", "another")) == (action in ALLOWED[other])
        assert not may(held, action, unit_path=PATH[:2])
        assert may_ever(held, action) == (action in ALLOWED[one] | ALLOWED[other])


def test_the_grant_that_allows_it_is_named() -> None:
    held = [grant("site"), grant("secretary", "province", "g")]
    found = why(held, "schedule", unit_path=PATH[:3])
    assert found is held[1]
    assert why(held, "manage_accounts", unit_path=PATH[:3]) is None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_handed_over_is_the_role_without_accounts(role: Role, action: Action) -> None:
    allowed = action in ALLOWED[role] - {"manage_accounts"}
    assert may([handed_over(role)], action, unit_path=PATH[:3]) == allowed
    assert not any(may_grant([handed_over(role)], r, unit_path=PATH[:3]) for r in ROLES)


def test_the_table_names_every_role_and_known_actions_only() -> None:
    assert set(RIGHTS) == set(ROLES)
    assert all(rights <= set(ACTIONS) for rights in RIGHTS.values())


@pytest.mark.parametrize("role", ROLES)
def test_only_admins_hand_out_roles_and_only_within_their_reach(role: Role) -> None:
    for granted in ROLES:
        for path in (PATH[:3], PATH):
            assert may_grant([grant(role)], granted, unit_path=path) == (role == "admin")
        assert not may_grant([grant(role)], granted, unit_path=PATH[:2])


PATHS = {unit: PATH[: number + 1] for number, unit in enumerate(PATH)}


@pytest.mark.parametrize(
    ("others", "allowed"),
    [
        ([grant("admin"), grant("site", "commune", "g")], True),
        ([grant("site", "commune"), grant("site", "province", "g")], False),
        ([grant("site", "commune"), handed_over("secretary", "province")], False),
        ([grant("site", "gone")], False),
    ],
)
def test_an_account_is_changed_only_by_who_may_give_all_that_it_holds(
    others: list[Grant], allowed: bool
) -> None:
    assert may_command([grant("admin")], others, unit_paths=PATHS) == allowed
    assert not may_command([grant("secretary")], others, unit_paths=PATHS)


@pytest.mark.parametrize(
    ("mine", "given", "allowed"),
    [
        (None, None, True),
        (None, TONIGHT, True),
        (TONIGHT, TONIGHT, True),
        (TONIGHT, None, False),
        (TONIGHT, TONIGHT + dt.timedelta(seconds=1), False),
    ],
)
def test_what_is_given_lasts_no_longer_than_what_it_is_given_by(
    mine: dt.datetime | None, given: dt.datetime | None, allowed: bool
) -> None:
    for_a_time = dataclasses.replace(grant("admin"), ends_at=mine)
    assert may_grant_until([for_a_time], "secretary", given, unit_path=PATH) == allowed
    held = [dataclasses.replace(grant("secretary", "commune", "b"), ends_at=given)]
    assert may_command([for_a_time], held, unit_paths=PATHS) == allowed
    # Another grant of the same person may last longer.
    assert may_grant_until([for_a_time, grant("admin")], "secretary", given, unit_path=PATH)


def test_logins_compare_without_case_and_spaces_around() -> None:
    assert fold_login("  ThuKy.NamPo\t") == fold_login("thuky.nampo") == "thuky.nampo"
