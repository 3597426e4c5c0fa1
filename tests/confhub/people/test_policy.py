"""Who may do what, where: the whole table."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from confhub.people.account import Account, Role, fold_login
from confhub.people.policy import ACTIONS, RIGHTS, Action, may, may_ever, may_grant

ROLES: tuple[Role, ...] = get_args(Role)
# From the root down to a commune; the account under test is of the district.
PATH = ("centre", "province", "district", "commune")

ALLOWED: dict[Role, set[Action]] = {
    "admin": set(ACTIONS),
    "secretary": {
        "see_units",
        "see_meetings",
        "schedule",
        "drive",
        "see_links",
        "see_board",
        "join",
    },
    "technician": {"see_units", "edit_sites", "see_meetings", "see_links", "see_board", "join"},
    "site": {"see_meetings", "join"},
}


def account(role: Role, unit_id: str = "district") -> Account:
    return Account("a", "login", "Tên", role, unit_id)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_may_in_its_own_unit_what_the_table_says(role: Role, action: Action) -> None:
    assert may(account(role), action, unit_path=PATH[:3]) == (action in ALLOWED[role])
    assert may_ever(account(role), action) == (action in ALLOWED[role])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_rights_reach_down_but_neither_up_nor_aside(role: Role, action: Action) -> None:
    below = role != "site" and action in ALLOWED[role]
    assert may(account(role), action, unit_path=PATH) == below
    for elsewhere in (PATH[:2], PATH[:1], (*PATH[:2], "another"), ()):
        assert not may(account(role), action, unit_path=elsewhere)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_an_account_that_is_not_active_may_nothing(role: Role, action: Action) -> None:
    asleep = dataclasses.replace(account(role), active=False)
    assert not may(asleep, action, unit_path=PATH[:3])
    assert not may_ever(asleep, action)
    assert not may_grant(asleep, "site", unit_path=PATH[:3])


def test_the_table_names_every_role_and_known_actions_only() -> None:
    assert set(RIGHTS) == set(ROLES)
    assert all(rights <= set(ACTIONS) for rights in RIGHTS.values())


@pytest.mark.parametrize("role", ROLES)
def test_only_admins_hand_out_roles_and_only_within_their_reach(role: Role) -> None:
    for granted in ROLES:
        for path in (PATH[:3], PATH):
            assert may_grant(account(role), granted, unit_path=path) == (role == "admin")
        assert not may_grant(account(role), granted, unit_path=PATH[:2])


def test_logins_compare_without_case_and_spaces_around() -> None:
    assert fold_login("  ThuKy.NamPo\t") == fold_login("thuky.nampo") == "thuky.nampo"
