"""What the accounts of a list may do now, wherever it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from confhub.people.account import Account
from confhub.people.grant import Grant, holds, post_of


def held_roles(
    accounts: Sequence[Account], grants: Iterable[Grant], now: datetime
) -> Mapping[str, Sequence[Grant]]:
    """By account the grants that hold at `now`, its post first; of a locked account, what it would
    hold if it were open.

    `grants` are those that the accounts' own roles do not tell of (`GrantStore.further_or_timed`).
    """
    told: dict[str, dict[str, Grant]] = {
        account.id: {account.id: post_of(account)} for account in accounts
    }
    for grant in grants:
        if grant.account_id in told:
            told[grant.account_id][grant.id] = grant
    return {
        account_id: [one for one in own.values() if holds(replace(one, active=True), now)]
        for account_id, own in told.items()
    }
