"""On whose behalf a use case acts. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from confhub.people.account import Account
from confhub.words.languages import Language


@dataclass(frozen=True, slots=True)
class Actor:
    """An account, or the house itself; `now` (aware) is the moment of everything that is done.

    `account` is None where only its id is known, as in a room, at whose door its rights were
    checked, and for the house itself, whose `account_id` is empty.
    """

    now: dt.datetime
    account: Account | None = None
    account_id: str = ""
    address: str = ""  # of the browser
    language: Language = "vi"


def of_account(account: Account, now: dt.datetime, address: str = "") -> Actor:
    """Somebody who is signed in, as they are addressed in their own language."""
    return Actor(now, account, account.id, address, account.language)
