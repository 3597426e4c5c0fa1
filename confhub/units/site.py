"""Sites (điểm cầu): a unit's room or desk that joins meetings. Pure types."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

# A label of measurements and a part of addresses: plain ASCII, as DNS names are.
SITE_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

LineKind = Literal["fibre", "leased", "adsl", "mobile", "satellite"]


@dataclass(frozen=True, slots=True)
class Line:
    """One way from a site to the network. `id` as an AgendaItem's."""

    kind: LineKind
    provider: str = ""
    down_bps: int | None = None
    up_bps: int | None = None
    backup: bool = False
    note: str = ""
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Site:
    id: str
    unit_id: str
    code: str  # short and unique; the label of its measurements
    name: str  # "Phòng họp UBND xã Chà Nưa"
    contact_name: str = ""
    contact_phone: str = ""
    technician_name: str = ""
    technician_phone: str = ""
    room_phone: str = ""  # the last resort when every line is down
    email: str = ""  # where invitations go
    equipment_note: str = ""
    active: bool = True
    lines: tuple[Line, ...] = field(default=())
    version: int = 1  # for optimistic locking


@dataclass(frozen=True, slots=True)
class Found:
    """Some of `total` sites that were found, from the row `start` on, in the order of the tree."""

    sites: tuple[Site, ...]
    start: int
    total: int
