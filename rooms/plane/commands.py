"""What a hub asks of a media worker, as it stands on the wire between them.

Fields are only added, with a default; a command that a worker does not know is refused by itself.
"""

from __future__ import annotations

import msgspec

from rooms.media.events import Direction
from rooms.media.measurement import RouterStats
from rooms.media.port.ice import Credentials
from rooms.media.running import RunningRoom
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Source, Tile

PartyKey = tuple[str, str, Direction]  # room, member or player


class Command(msgspec.Struct, frozen=True, tag_field="do"):
    """See Conference and MediaPlane for what each does."""


class Publish(Command, frozen=True, tag="publish"):
    room: str
    member: str
    sdp: str
    sources: dict[str, Source]
    pauses_unseen: bool

    @property
    def makes(self) -> PartyKey:
        return self.room, self.member, "send"


class Offer(Command, frozen=True, tag="offer"):
    room: str
    member: str

    @property
    def makes(self) -> PartyKey:
        return self.room, self.member, "receive"


class Accept(Command, frozen=True, tag="accept"):
    room: str
    member: str
    sdp: str


class Play(Command, frozen=True, tag="play"):
    room: str
    player: str
    besides: str
    sdp: str

    @property
    def makes(self) -> PartyKey:
        return self.room, self.player, "receive"


class RestartIce(Command, frozen=True, tag="restart_ice"):
    room: str
    party: str
    direction: Direction
    remote: Credentials


class Restart(Command, frozen=True, tag="restart"):
    room: str
    member: str


class SetView(Command, frozen=True, tag="set_view"):
    room: str
    party: str
    tiles: list[Tile]


class SetMuted(Command, frozen=True, tag="set_muted"):
    room: str
    member: str
    source: Source
    muted: bool


class Remove(Command, frozen=True, tag="remove"):
    room: str
    party: str

    @property
    def ends(self) -> tuple[PartyKey, PartyKey]:
        return (self.room, self.party, "send"), (self.room, self.party, "receive")


class Measure(Command, frozen=True, tag="measure"):
    """Answered by an event, as ask_measurement has it."""

    room: str


class Stats(Command, frozen=True, tag="stats"):
    pass


class Running(Command, frozen=True, tag="running"):
    """What goes on, for a hub that comes to a worker at work: in one room, or in all."""

    room: str = ""


class TellAgain(Command, frozen=True, tag="tell_again"):
    room: str


COMMANDS = (
    Publish
    | Offer
    | Accept
    | Play
    | RestartIce
    | Restart
    | SetView
    | SetMuted
    | Remove
    | Measure
    | Stats
    | Running
    | TellAgain
)
MAKES = (Publish, Offer, Play)  # each the connection that it is for, if there is none yet
# What comes back for those that are answered with more than that they are done.
ANSWERS: dict[type[Command], object] = {
    Publish: str,
    Offer: str,
    Play: str,
    RestartIce: LocalDescription,
    Stats: RouterStats,
    Running: list[RunningRoom],
}
