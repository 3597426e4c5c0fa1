"""Who may do what, and where. Pure.

A right is a role in a unit: it holds for that unit and every unit below it. `unit_path` is the
ids from the root to the unit acted on; an account whose unit is not on it has no say there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from confhub.people.account import Account, Role

Action = Literal[
    "see_units",
    "edit_units",
    "edit_sites",
    "see_meetings",
    "schedule",
    "drive",
    "see_links",
    "see_board",
    "manage_accounts",
    "join",
]
ACTIONS: tuple[Action, ...] = get_args(Action)

RIGHTS: Mapping[Role, frozenset[Action]] = {
    "admin": frozenset(ACTIONS),
    "secretary": frozenset(
        {"see_units", "see_meetings", "schedule", "drive", "see_links", "see_board", "join"}
    ),
    # Hands out links, since setting up a site's device is the technician's work.
    "technician": frozenset(
        {"see_units", "edit_sites", "see_meetings", "see_links", "see_board", "join"}
    ),
    "site": frozenset({"see_meetings", "join"}),
}

# Of two roles in one unit, who may hand out which: nobody raises rights above their own.
_STANDING: Mapping[Role, int] = {"admin": 3, "secretary": 2, "technician": 1, "site": 0}


def may(account: Account, action: Action, *, unit_path: Sequence[str]) -> bool:
    """Whether `account` may do `action` on the unit at the end of `unit_path`."""
    if not account.active or account.unit_id not in unit_path:
        return False
    if account.role == "site" and unit_path[-1] != account.unit_id:
        return False  # a site's account speaks for its own room, never for rooms below
    return action in RIGHTS[account.role]


def may_ever(account: Account, action: Action) -> bool:
    """Whether the role has the right at all (for menus); where is asked with `may`."""
    return account.active and action in RIGHTS[account.role]


def may_grant(account: Account, role: Role, *, unit_path: Sequence[str]) -> bool:
    """Whether `account` may make, or change, an account of `role` in the unit of `unit_path`."""
    return (
        may(account, "manage_accounts", unit_path=unit_path)
        and _STANDING[role] <= _STANDING[account.role]
    )
