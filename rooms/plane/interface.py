"""What rooms need of the media plane, wherever it runs.

What has an answer is awaited, and nothing else is: commands to one member are carried out in the
order in which they were given, those that are awaited too. What the plane finds out by itself, and
what it measures, comes as events (rooms/media/events.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from confhub.quality import TransportState
from rooms.media.events import Direction
from rooms.media.measurement import RouterStats
from rooms.media.port.ice import Credentials
from rooms.media.running import RunningRoom
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Source, Tile


class Conference(Protocol):
    """The media of one room. Members and players are made on first use, and forgotten by `remove`.

    What is awaited raises BadDescription for what cannot be read, and Unavailable where the plane
    does not answer.
    """

    async def publish(
        self,
        member_id: str,
        offer_sdp: str,
        sources: Mapping[str, Source],
        *,
        pauses_unseen: bool,
    ) -> str:
        """The answer to a member's offer to send; see Publisher."""

    async def offer(self, member_id: str) -> str:
        """An offer for a member to receive by; it replaces the one before."""

    async def accept(self, member_id: str, answer_sdp: str) -> None:
        """The member's answer to its last offer."""

    async def play(self, player_id: str, besides: str, offer_sdp: str) -> str:
        """The answer to a device's offer to receive; see Player. One that is refused leaves
        nothing behind."""

    async def restart_ice(
        self, party_id: str, direction: Direction, remote: Credentials
    ) -> LocalDescription:
        """The hub's half of a device's ICE restart; Unavailable where there is no such party."""

    def restart(self, member_id: str) -> None:
        """The next `offer` to the member brings new ICE credentials."""

    def set_view(self, party_id: str, tiles: Sequence[Tile]) -> None:
        """What a member or player shows, most important first."""

    def set_muted(self, member_id: str, source: Source, muted: bool) -> None:
        """Whether packets of the member's source are dropped; holds until `remove`."""

    def remove(self, party_id: str) -> None:
        """Close all connections of a member or player."""

    async def running(self) -> RunningRoom | None:
        """What goes on in the room by now; None where nothing does. Unavailable."""

    def tell_again(self) -> None:
        """Have everything that goes on told anew, for a room that has just opened."""

    def ask_measurement(self) -> None:
        """Have everything in the room measured: `Measured` brings it, soon or never."""

    def state(self, party_id: str, direction: Direction) -> TransportState:
        """Of a connection, as far as is known here; "closed" where there is none."""


class MediaPlane(Protocol):
    @property
    def ports(self) -> tuple[int, ...]:
        """Where media come in, UDP and perhaps TCP."""

    def conference(self, room_id: str) -> Conference: ...

    async def rooms(self) -> list[str]:
        """The rooms in which anything goes on; Unavailable."""

    async def stats(self) -> Mapping[str, RouterStats]:
        """Counters since each began, and what it holds now: of those that answer at once, by the
        worker's name, which is "" where no other process forwards. Empty where none answers."""

    @property
    def silent(self) -> tuple[str, ...]:
        """The names of workers that are away, or have not answered for a second."""

    @property
    def workers(self) -> tuple[str, ...]:
        """The names of all workers; none where this process forwards."""
