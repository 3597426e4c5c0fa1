"""Sites (điểm cầu): a unit's room or desk that joins meetings. Pure types."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from confhub.errors import N_, BadInput
from confhub.words.texts import small_number

# A label of measurements and a part of addresses: plain ASCII, as DNS names are.
SITE_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

# A gigabit carries some five hundred pictures; more is no bound that anybody meets.
MOST_STREAMS = 10_000

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
    technician_id: str = ""  # their account; empty: somebody from outside
    room_phone: str = ""  # the last resort when every line is down
    email: str = ""  # where invitations go
    room: str = ""  # the name, within the unit, of the room that it stands in
    streams: int | None = None  # so many its line carries at once, of the units below too
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


def read_streams(text: str) -> int | None:
    """So many streams as somebody wrote them; empty: not known. BadInput."""
    if not text:
        return None
    streams = small_number(text)
    if not streams or streams > MOST_STREAMS:
        message = N_("Số luồng là số từ 1 đến %(limit)s; không rõ thì để trống.")
        raise BadInput(message, values={"limit": MOST_STREAMS})
    return streams
