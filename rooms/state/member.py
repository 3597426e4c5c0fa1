"""One seat's state in a room. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from rooms.protocol.messages import MemberView, Presence, SeatRole
from rooms.state.seat import InvitedSeat, Seat


@dataclass(slots=True)
class Member:
    """A seat and who sits in it. Times are unix seconds."""

    id: str
    site_id: str | None
    name: str
    unit: str
    level: str
    rank: int
    role: SeatRole
    presence: Presence = "absent"
    since: float = 0.0  # when `presence` took its value
    microphone: bool = False
    camera: bool = False
    screen: bool = False
    may_drive: bool = False
    may_end: bool = False
    device: bool = False  # a hardware encoder sits here instead of a page
    players: int = 0  # devices that play the meeting at this site
    sent_out: str = ""  # why the secretary sent the site out; it stays out while this is said
    stay_from: float | None = None  # start of the stay that attendance has open
    resume_hash: bytes | None = None  # of the page whose media connections live on this hub

    @property
    def here(self) -> bool:
        """In the meeting, or expected back any second."""
        return self.presence in ("present", "reconnecting")

    def is_page(self, token: str) -> bool:
        """Whether `token` is the resume token of the page whose media is here."""
        if not token or self.resume_hash is None or not self.here:
            return False
        return hmac.compare_digest(hash_token(token), self.resume_hash)

    def switch_off(self) -> None:
        self.microphone = self.camera = self.screen = False

    def invite(self, seat: InvitedSeat) -> bool:
        """Take the schedule's words for this seat; True if anything people see changed."""
        new = (seat.name, seat.unit, seat.level, seat.rank)
        changed = new != (self.name, self.unit, self.level, self.rank)
        self.name, self.unit, self.level, self.rank = new
        return changed

    def view(self, *, chair: bool, **of_features: Any) -> MemberView:
        """As everybody sees it; `of_features` are the fields that features fill in."""
        return MemberView(
            id=self.id,
            name=self.name,
            unit=self.unit,
            level=self.level,
            rank=self.rank,
            role=self.role,
            chair=chair,
            presence=self.presence,
            microphone=self.microphone,
            camera=self.camera,
            screen=self.screen,
            device=self.device,
            players=self.players,
            sent_out=bool(self.sent_out),
            **of_features,
        )


def invited(seat: InvitedSeat) -> Member:
    """An invited site's seat before anybody came."""
    return Member(
        seat.member_id, seat.site_id, seat.name, seat.unit, seat.level, seat.rank, role="site"
    )


def staff(seat: Seat) -> Member:
    """An officer's seat, made when the officer comes."""
    return Member(
        seat.member_id, seat.site_id, seat.name, seat.unit, seat.level, seat.rank, seat.role
    )


def hash_token(token: str) -> bytes:
    """What the room keeps of a resume token: a dump of its memory gives no seat away."""
    return hashlib.sha256(token.encode()).digest()
