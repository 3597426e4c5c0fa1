"""What can happen to a room. Its loop takes these one by one. Pure types."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rooms.protocol import messages as p
from rooms.sockets.connection import Connection
from rooms.state.seat import Plan


@dataclass(frozen=True, slots=True)
class Join:
    """A socket asks for its seat; `joined` ends when it has it, or with the reason why not."""

    connection: Connection
    presented: str
    joined: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Said:
    connection: Connection
    message: p.ClientMessage


@dataclass(frozen=True, slots=True)
class Lost:
    connection: Connection


@dataclass(frozen=True, slots=True)
class Revoke:
    connection: Connection


@dataclass(frozen=True, slots=True)
class PlayersAre:
    """So many devices play the meeting at a member's site."""

    member: str
    count: int


@dataclass(frozen=True, slots=True)
class Replan:
    plan: Plan


@dataclass(frozen=True, slots=True)
class End:
    """The meeting ended or was cancelled elsewhere."""


@dataclass(frozen=True, slots=True)
class Stop:
    """This hub stops."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """Another hub runs this room: it closes here, and nothing is written."""


@dataclass(frozen=True, slots=True)
class MediaGone:
    """The process that had the room's media is gone."""


Action = Join | Said | Lost | Revoke | PlayersAre | Replan | End | Stop | Abandon | MediaGone
