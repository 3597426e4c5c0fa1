"""Who may do what, and where. Pure.

A right is a role in a unit (a grant): it holds for that unit and every unit below it. Every
question is asked of a set of grants that are in force now (`grant.in_force`): whoever holds several
may do what any of them allows. `unit_path` is the ids from the root to the unit acted on; a grant
whose unit is not on it says nothing about it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from confhub.people.account import Role
from confhub.people.grant import Grant

Action = Literal[
    "see_units",
    "edit_units",
    "edit_sites",
    "edit_people",
    "see_meetings",
    "schedule",
    "confirm_times",
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
        {
            "see_units",
            "edit_people",
            "see_meetings",
            "schedule",
            "drive",
            "see_links",
            "see_board",
            "join",
        }
    ),
    # Hands out links, since setting up a site's device is the technician's work; and says when
    # the hub, which is theirs to run, can carry a meeting.
    "technician": frozenset(
        {
            "see_units",
            "edit_sites",
            "see_meetings",
            "confirm_times",
            "see_links",
            "see_board",
            "join",
        }
    ),
    "site": frozenset({"see_meetings", "join"}),
}
# Who stands in for an administrator for a week could make themselves one for ever, or take another
# account by a new password.
NEVER_HANDED_OVER: frozenset[Action] = frozenset({"manage_accounts"})

# Of two roles in one unit, who may hand out which: nobody raises rights above their own.
_STANDING: Mapping[Role, int] = {"admin": 3, "secretary": 2, "technician": 1, "site": 0}


def rights_of(grant: Grant) -> frozenset[Action]:
    """What a grant allows in its own unit."""
    rights = RIGHTS[grant.role]
    if grant.only is not None:
        rights &= grant.only
    return rights - NEVER_HANDED_OVER if grant.is_handed_over else rights


def speaks_alone(grant: Grant) -> bool:
    """A site's grant speaks for its own room, never for rooms below."""
    return grant.role == "site"


def why(grants: Iterable[Grant], action: Action, *, unit_path: Sequence[str]) -> Grant | None:
    """The first of the grants that allows `action` on the unit at the end of `unit_path`."""
    return next(
        (g for g in grants if action in rights_of(g) and _reaches(g, unit_path)),
        None,
    )


def may(grants: Iterable[Grant], action: Action, *, unit_path: Sequence[str]) -> bool:
    """Whether `grants` allow `action` on the unit at the end of `unit_path`."""
    return why(grants, action, unit_path=unit_path) is not None


def may_ever(grants: Iterable[Grant], action: Action) -> bool:
    """Whether the right is held anywhere at all (for menus); where is asked with `may`."""
    return any(action in rights_of(grant) for grant in grants)


def roles_for(action: Action) -> tuple[Role, ...]:
    """Roles that allow the action, the least powerful first."""
    able = [role for role, rights in RIGHTS.items() if action in rights]
    return tuple(sorted(able, key=lambda role: _STANDING[role]))


def may_grant(grants: Iterable[Grant], role: Role, *, unit_path: Sequence[str]) -> bool:
    """Whether `grants` allow to give, change or take `role` in the unit of `unit_path`."""
    return any(
        "manage_accounts" in rights_of(grant)
        and _reaches(grant, unit_path)
        and _STANDING[role] <= _STANDING[grant.role]
        for grant in grants
    )


def may_grant_until(
    grants: Iterable[Grant],
    role: Role,
    ends_at: dt.datetime | None,
    *,
    unit_path: Sequence[str],
) -> bool:
    """As `may_grant`, for a right that lasts until `ends_at`; None: for good.

    What is given lasts no longer than what it is given by: who administers for a week would else
    make themselves administrator for ever.
    """
    lasting = [grant for grant in grants if not _ends_before(grant, ends_at)]
    return may_grant(lasting, role, unit_path=unit_path)


def gift_ends_at(
    grants: Iterable[Grant], role: Role, *, unit_path: Sequence[str]
) -> dt.datetime | None:
    """Until when `role` may be given at most, by `grants` that allow to give it; None: for good."""
    ends = [one.ends_at for one in grants if may_grant([one], role, unit_path=unit_path)]
    return None if None in ends else max(end for end in ends if end is not None)


def may_command(
    grants: Iterable[Grant], others: Iterable[Grant], *, unit_paths: Mapping[str, Sequence[str]]
) -> bool:
    """Whether `grants` allow to change or take over the account that holds `others`.

    Whoever sets a password or a login name gets all that the account may, wherever it is and for
    as long as it does: `unit_paths` leads to each of its units by id.
    """
    mine = list(grants)
    return all(
        may_grant_until(mine, g.role, g.ends_at, unit_path=unit_paths.get(g.unit_id, ()))
        for g in others
    )


def _ends_before(grant: Grant, ends_at: dt.datetime | None) -> bool:
    return grant.ends_at is not None and (ends_at is None or grant.ends_at < ends_at)


def _reaches(grant: Grant, unit_path: Sequence[str]) -> bool:
    if speaks_alone(grant):
        return bool(unit_path) and unit_path[-1] == grant.unit_id
    return grant.unit_id in unit_path
