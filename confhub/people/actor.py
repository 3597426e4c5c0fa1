"""On whose behalf a use case acts. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from confhub.people.account import Account
from confhub.words.languages import Language


@dataclass(frozen=True, slots=True)
class Once:
    """An act that a program asks for under a key of its choice: done once, however often it asks.

    `id` is made of the token and the key; `asked` is a hash of all that was asked for, `subject`
    the id of what it acts on.
    """

    id: str
    token_id: str
    asked: str
    subject: str


@dataclass(frozen=True, slots=True)
class Actor:
    """An account, or the house itself. What it may is read in the transaction (desks/rights.py).

    `now` is the moment of everything that is done; aware, and where a unit's day matters in the
    zone where the users are. `account` is None where only its id is known, as in a room, at whose
    door its rights were checked, and for the house itself, whose `account_id` is empty.
    """

    now: dt.datetime
    account: Account | None = None
    account_id: str = ""
    address: str = ""  # of the browser
    language: Language = "vi"
    token_id: str = ""  # of the access token by which a program acts for the account
    token_name: str = ""
    once: Once | None = None  # its next work is done once

    @property
    def is_house(self) -> bool:
        return not self.account_id

    @property
    def zone(self) -> dt.tzinfo:
        """By whose clock `now` is told."""
        return self.now.tzinfo or dt.UTC

    @property
    def today(self) -> dt.date:
        return self.now.date()


def of_account(account: Account, now: dt.datetime, address: str = "") -> Actor:
    """Somebody who is signed in, as they are addressed in their own language."""
    return Actor(now, account, account.id, address, account.language)
