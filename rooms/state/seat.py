"""Who somebody is in a room. Pure types."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from confhub.words.languages import Language
from rooms.protocol.messages import SeatRole


@dataclass(frozen=True, slots=True)
class Seat:
    """A person or site at the door; the web layer decides all of it before the socket opens.

    `member_id` is "s-" + site id for a site, "a-" + account id for an officer's console, so
    that the same site or officer always comes back to the same seat.
    """

    meeting_id: str
    member_id: str
    site_id: str | None
    name: str
    unit: str
    level: str
    rank: int
    role: SeatRole
    may_drive: bool
    may_end: bool
    language: Language
    link_id: str | None  # the join link it came by; None: a signed-in account
    device: bool = False  # a hardware encoder (WHIP) instead of a page
    account_id: str = ""  # of who is signed in; empty for who came by a link
    # The names of the hub that runs the meeting, and of the one that relays the page to it; empty
    # for who came to the right one.
    hub: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class InvitedSeat:
    """The seat of an invited site, there whether or not the site has come."""

    member_id: str
    site_id: str
    name: str
    unit: str
    level: str
    rank: int
    phones: tuple[tuple[str, str], ...] = ()  # whose, "" for the room's own; and the number


@dataclass(frozen=True, slots=True)
class Plan:
    """What a room takes from the schedule. Times are unix seconds; of several sittings those of
    the one that is held, until the one after it begins at `next_at`. `is_live`: the record knows
    that somebody has come to it."""

    meeting_id: str
    title: str
    chair: str | None  # member id of the presiding site
    starts_at: float
    ends_at: float
    seats: tuple[InvitedSeat, ...] = ()
    is_live: bool = field(default=True, compare=False)
    next_at: float = field(default=math.inf, compare=False)


def site_member(site_id: str) -> str:
    """The member id of a site's seat."""
    return "s-" + site_id
