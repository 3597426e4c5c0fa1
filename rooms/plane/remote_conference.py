"""One room's media in a worker, by commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from confhub.quality import TransportState
from rooms.media.errors import BadDescription
from rooms.media.events import Direction
from rooms.media.port.ice import Credentials
from rooms.media.running import RunningRoom
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Source, Tile
from rooms.plane import commands as c
from rooms.plane.commands import PartyKey


class Worker(Protocol):
    async def ask(self, command: c.Command) -> Any: ...
    def tell(self, command: c.Command) -> None: ...
    def state(self, key: PartyKey) -> TransportState: ...


class RemoteConference:
    """As Conference has it."""

    def __init__(self, worker: Worker, room_id: str) -> None:
        self._worker = worker
        self._room_id = room_id

    async def publish(
        self,
        member_id: str,
        offer_sdp: str,
        sources: Mapping[str, Source],
        *,
        pauses_unseen: bool,
    ) -> str:
        return await self._ask(
            c.Publish(self._room_id, member_id, offer_sdp, dict(sources), pauses_unseen)
        )

    async def offer(self, member_id: str) -> str:
        return await self._ask(c.Offer(self._room_id, member_id))

    async def accept(self, member_id: str, answer_sdp: str) -> None:
        await self._ask(c.Accept(self._room_id, member_id, answer_sdp))

    async def play(self, player_id: str, besides: str, offer_sdp: str) -> str:
        return await self._ask(c.Play(self._room_id, player_id, besides, offer_sdp))

    async def restart_ice(
        self, party_id: str, direction: Direction, remote: Credentials
    ) -> LocalDescription:
        found: LocalDescription = await self._worker.ask(
            c.RestartIce(self._room_id, party_id, direction, remote)
        )
        return found

    def restart(self, member_id: str) -> None:
        self._worker.tell(c.Restart(self._room_id, member_id))

    def set_view(self, party_id: str, tiles: Sequence[Tile]) -> None:
        self._worker.tell(c.SetView(self._room_id, party_id, list(tiles)))

    def set_muted(self, member_id: str, source: Source, muted: bool) -> None:
        self._worker.tell(c.SetMuted(self._room_id, member_id, source, muted))

    def remove(self, party_id: str) -> None:
        self._worker.tell(c.Remove(self._room_id, party_id))

    async def running(self) -> RunningRoom | None:
        found: list[RunningRoom] = await self._worker.ask(c.Running(self._room_id))
        return found[0] if found else None

    def tell_again(self) -> None:
        self._worker.tell(c.TellAgain(self._room_id))

    def ask_measurement(self) -> None:
        self._worker.tell(c.Measure(self._room_id))

    def state(self, party_id: str, direction: Direction) -> TransportState:
        return self._worker.state((self._room_id, party_id, direction))

    async def _ask(self, command: c.Command) -> str:
        try:
            answer: str = await self._worker.ask(command)
        except UnicodeEncodeError:
            raise BadDescription("not a text") from None
        return answer
