"""Accounts: who signs in, in which role, for which unit. Pure types."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Role = Literal["admin", "secretary", "technician", "site"]
Language = Literal["vi", "en"]
MAX_LOGIN_LENGTH = 80  # the store's column


def fold_login(text: str) -> str:
    """A login name as it is stored and compared: no spaces around, lower case."""
    return text.strip().casefold()


@dataclass(frozen=True, slots=True)
class Account:
    """Valid for its unit and every unit below it."""

    id: str
    login: str
    name: str
    role: Role
    unit_id: str
    language: Language = "vi"
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class SignIn:
    """A server-side session. The cookie holds a secret; the store holds only its hash."""

    id: str  # hash of the cookie's secret
    account_id: str
    csrf: str
    created_at: dt.datetime
    expires_at: dt.datetime
    last_seen_at: dt.datetime
