"""Calendars at secret addresses, for programs that read iCalendar. Pure.

Whoever holds the address reads what its account may see at that moment, and of each meeting its
title, time, host, chair and room: never its links, its notes or who else is invited. A right that
ends ends what the address tells; an address that leaked is ended or made anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from confhub.errors import N_, Conflict

# A clerk has a telephone, a desk and some programs; more are forgotten ones.
MOST_FEEDS = 20
_TOO_MANY = N_("Mỗi tài khoản có nhiều nhất %(most)s địa chỉ lịch. Hãy hủy địa chỉ không dùng nữa.")


@dataclass(frozen=True, slots=True)
class Feed:
    """The calendar of a site, else of a unit with all below it, else of all that the account
    sees."""

    id: str
    account_id: str
    secret_hash: str  # of the address's secret, which is shown once and kept nowhere
    made_at: dt.datetime
    unit_id: str | None = None
    site_id: str | None = None
    ended_at: dt.datetime | None = None


def hash_of(secret: str) -> str:
    """64 characters. Secrets are 256 random bits: no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def check_room(living: int) -> None:
    """Conflict where an account has as many addresses as it may."""
    if living >= MOST_FEEDS:
        raise Conflict(_TOO_MANY, values={"most": MOST_FEEDS})
