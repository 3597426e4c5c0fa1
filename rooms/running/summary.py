"""What pages and metrics are told of one open room."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.running.loop import RoomLoop
from rooms.state.features.floor import FLOOR


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """One open room, for metrics and pages."""

    meeting_id: str
    title: str
    opened_at: float  # unix seconds
    seats: int  # invited sites and officers who are here
    present: int
    reconnecting: int
    hands: int


def summarise(loop: RoomLoop) -> RoomSummary:
    members = loop.room.members.values()
    return RoomSummary(
        meeting_id=loop.meeting_id,
        title=loop.room.plan.title,
        opened_at=loop.opened_at,
        seats=len(members),
        present=sum(member.presence == "present" for member in members),
        reconnecting=sum(member.presence == "reconnecting" for member in members),
        hands=len(loop.room.part(FLOOR).queue()),
    )
