"""Everybody hears in time that the planned end comes, has passed, and what follows. Pure.

Nobody is sent out of a meeting that runs over (confhub/jobs/overruns.py): it goes on until somebody
ends it, and by itself ends only one in which no site is left.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from confhub.meetings.admission import LIVE_AFTER_END
from rooms.protocol.envelope import HubMessage
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features.feature import Feature, Hall
from rooms.state.member import Member

# Time to close an item, or to ask for a quarter of an hour more.
SOON_S = 600.0
# Who has left a console open over lunch sees it when they are back.
UNATTENDED_S = 1800.0
UNATTENDED_FOR_S = LIVE_AFTER_END.total_seconds()

Stage = Literal["none", "soon", "over", "unattended"]


class TimeLeft(HubMessage, tag="time_left", frozen=True):
    """How the meeting stands to its end: `at` unix seconds, `left_s` from now; less than 0: past.

    `soon` and `over` are of the planned end; `unattended`: no site is here, and the meeting ends by
    itself then. `none`: there is nothing to tell any more.
    """

    stage: Stage
    at: float
    left_s: float

    def key(self) -> Hashable:
        return "time_left"


@dataclass(slots=True)
class Told:
    """What the room was told last."""

    stage: Stage = "none"
    at: float = 0.0


def stands(hall: Hall, now: float) -> Told:
    """What is to be told now."""
    ends_at = hall.plan.ends_at
    if now < ends_at - SOON_S:
        return Told()
    if now < ends_at:
        return Told("soon", ends_at)
    ends_itself = ends_at + UNATTENDED_FOR_S
    if now >= ends_itself - UNATTENDED_S and not _is_site_here(hall):
        return Told("unattended", ends_itself)
    return Told("over", ends_at)


def pass_time(hall: Hall, now: float) -> list[Effect]:
    told, stand = hall.part(OVERTIME), stands(hall, now)
    if told == stand:
        return []
    told.stage, told.at = stand.stage, stand.at
    return [fx.Broadcast(_message(stand, now))]


def due(hall: Hall, now: float) -> float | None:
    """When there is something else to tell, should nobody come or go."""
    ends_at = hall.plan.ends_at
    turns = (ends_at - SOON_S, ends_at, ends_at + UNATTENDED_FOR_S - UNATTENDED_S)
    return next((turn for turn in turns if turn > now), None)


def welcome(hall: Hall, member: Member, now: float) -> list[Effect]:
    stand = stands(hall, now)
    return [] if stand.stage == "none" else [fx.Send(member.id, _message(stand, now))]


def _message(stand: Told, now: float) -> TimeLeft:
    return TimeLeft(stand.stage, stand.at, stand.at - now if stand.at else 0.0)


def _is_site_here(hall: Hall) -> bool:
    return any(member.here and member.site_id is not None for member in hall.members.values())


OVERTIME = Feature(
    name="overtime",
    rules={},
    hub_messages=(TimeLeft,),
    new=Told,
    welcome=welcome,
    pass_time=pass_time,
    due=due,
)
