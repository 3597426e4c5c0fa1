"""One act on record. Pure types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# By the name of what changed: its old value and its new one, as JSON has them.
Changes = Mapping[str, tuple[Any, Any]]
# Among them, of what a program did: by which access token, its name and its id.
ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a value


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to one thing, as an AuditEntry has it; by whom and when goes without saying."""

    action: str
    subject: str = ""
    detail: str = ""
    changes: Changes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    at: dt.datetime
    account_id: str  # empty: nobody signed in (a join link, a failed sign-in)
    action: str  # "meeting.cancelled"
    subject: str  # id of what was acted on
    detail: str
    address: str  # of the browser
    changes: Changes = field(default_factory=dict)
