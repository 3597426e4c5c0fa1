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

# Certificates and handshakes start in milliseconds; what takes longer hangs. A worker gives up
# first, so that who asked hears of it and the next command has its turn.
CALL_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 5.0

PartyKey = tuple[str, str, Direction]  # room, member or player


class Command(msgspec.Struct, frozen=True, tag_field="do"):
    """See Conference and MediaPlane for what each does."""


class OfParty(Command, frozen=True):
    """For one member or player of a room, `of`, which is made on first use."""

    room: str

    @property
    def of(self) -> str:
        raise NotImplementedError


class OfMember(OfParty, frozen=True):
    member: str

    @property
    def of(self) -> str:
        return self.member


class Publish(OfMember, frozen=True, tag="publish"):
    sdp: str
    sources: dict[str, Source]
    pauses_unseen: bool

    @property
    def makes(self) -> PartyKey:
        return self.room, self.member, "send"


class Offer(OfMember, frozen=True, tag="offer"):
    @property
    def makes(self) -> PartyKey:
        return self.room, self.member, "receive"


class Accept(OfMember, frozen=True, tag="accept"):
    sdp: str


class Play(OfParty, frozen=True, tag="play"):
    player: str
    besides: str
    sdp: str

    @property
    def of(self) -> str:
        return self.player

    @property
    def makes(self) -> PartyKey:
        return self.room, self.player, "receive"


class RestartIce(Command, frozen=True, tag="restart_ice"):
    room: str
    party: str
    direction: Direction
    remote: Credentials


class Restart(OfMember, frozen=True, tag="restart"):
    pass


class SetView(OfParty, frozen=True, tag="set_view"):
    party: str
    tiles: list[Tile]

    @property
    def of(self) -> str:
        return self.party


class SetMuted(OfMember, frozen=True, tag="set_muted"):
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
