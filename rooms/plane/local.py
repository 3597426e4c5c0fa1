"""The media plane in this process: a router on the same event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confhub.errors import Unavailable
from confhub.quality import TransportState
from rooms.media import conference
from rooms.media.events import Direction
from rooms.media.measurement import RouterStats
from rooms.media.port.ice import Credentials
from rooms.media.receiving.publisher import Publisher
from rooms.media.router import MediaRouter
from rooms.media.running import RunningRoom
from rooms.media.sdp.answer import LocalDescription
from rooms.media.sending.subscriber import Subscriber
from rooms.media.source import Source, Tile


class LocalPlane:
    """`router` is the caller's to close, and tells its events by itself."""

    def __init__(self, router: MediaRouter) -> None:
        self.router = router

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.router.port,)

    def conference(self, room_id: str) -> LocalConference:
        return LocalConference(self.router, room_id)

    async def rooms(self) -> list[str]:
        return [room.room_id for room in self.router.running()]

    async def stats(self) -> dict[str, RouterStats]:
        return {"": self.router.stats()}

    @property
    def silent(self) -> tuple[str, ...]:
        return ()

    @property
    def workers(self) -> tuple[str, ...]:
        return ()


class LocalConference:
    """As Conference has it."""

    def __init__(self, router: MediaRouter, room_id: str) -> None:
        self._router = router
        self._room_id = room_id

    @property
    def _media(self) -> conference.Conference:
        # Asked each time: the router forgets a room's media while nobody has any.
        return self._router.conference(self._room_id)

    async def publish(
        self,
        member_id: str,
        offer_sdp: str,
        sources: Mapping[str, Source],
        *,
        pauses_unseen: bool,
    ) -> str:
        publisher = self._media.publisher(member_id)
        publisher.pauses_unseen = pauses_unseen
        return await publisher.answer(offer_sdp, sources)

    async def offer(self, member_id: str) -> str:
        return self._media.subscriber(member_id).offer()

    async def accept(self, member_id: str, answer_sdp: str) -> None:
        await self._media.subscriber(member_id).accept(answer_sdp)

    async def play(self, player_id: str, besides: str, offer_sdp: str) -> str:
        player = self._media.player(player_id, besides)
        try:
            return player.answer(offer_sdp)
        except BaseException:
            self.remove(player_id)
            raise

    async def restart_ice(
        self, party_id: str, direction: Direction, remote: Credentials
    ) -> LocalDescription:
        party = self._party(party_id, direction)
        if party is None:
            raise Unavailable
        return self._media.restart_ice(party, remote)

    def restart(self, member_id: str) -> None:
        self._media.subscriber(member_id).restart()

    def set_view(self, party_id: str, tiles: Sequence[Tile]) -> None:
        self._media.subscriber(party_id).set_view(tiles)

    def set_muted(self, member_id: str, source: Source, muted: bool) -> None:
        self._media.set_muted(member_id, source, muted)

    def remove(self, party_id: str) -> None:
        self._media.remove(party_id)

    async def running(self) -> RunningRoom | None:
        found = self._router.conferences.get(self._room_id)
        return None if found is None or found.is_empty else found.running()

    def tell_again(self) -> None:
        self._router.tell_again(self._room_id)

    def ask_measurement(self) -> None:
        self._router.measure(self._room_id)

    def state(self, party_id: str, direction: Direction) -> TransportState:
        party = self._party(party_id, direction)
        return "closed" if party is None else party.transport.state

    def _party(self, party_id: str, direction: Direction) -> Publisher | Subscriber | None:
        found = self._router.conferences.get(self._room_id)
        if found is None:
            return None
        parties: Mapping[str, Publisher | Subscriber] = (
            found.publishers if direction == "send" else found.subscribers
        )
        return parties.get(party_id)
