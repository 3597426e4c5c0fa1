"""A media plane without media: it answers, remembers what it was told, and measures zero."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from confhub.quality import TransportState
from rooms.media.errors import BadDescription
from rooms.media.events import Direction, Measured, MediaEvent
from rooms.media.measurement import PublisherMeasurement, RouterStats, SubscriberMeasurement
from rooms.media.port.ice import Credentials
from rooms.media.running import RunningRoom
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Source, Tile

SENDS = PublisherMeasurement("connected", "GCM", 12.0, 500_000.0, 0.01, (), 0, 0)
RECEIVES = SubscriberMeasurement(
    state="connected",
    cipher="GCM",
    rtt_ms=30.0,
    loss_fraction=0.02,
    jitter_ms=1.0,
    budget_bps=2e6,
    remb_bps=None,
    sent_bps=1e6,
    packets=0,
    payload_bytes=0,
    retransmitted=0,
    nacks_received=0,
    key_frames_asked=0,
    video_slots=4,
    tiles_shown=0,
    tiles_paused=0,
)


class FakePublisher:
    def __init__(self) -> None:
        self.pauses_unseen = False
        self.offers: list[tuple[str, Mapping[str, Source]]] = []
        self.hold: asyncio.Event | None = None  # answers only once it is set

    async def answer(self, offer_sdp: str, sources: Mapping[str, Source]) -> str:
        if self.hold is not None:
            await self.hold.wait()
        if not offer_sdp.startswith("v=0"):
            raise BadDescription("line 1: no v=0")
        self.offers.append((offer_sdp, sources))
        return f"answer {len(self.offers)}"


class FakeSubscriber:
    def __init__(self) -> None:
        self.offered = 0
        self.answers: list[str] = []
        self.restarts = 0
        self.tiles: list[Tile] = []
        self.hold: asyncio.Event | None = None  # offers only once it is set

    async def offer(self) -> str:
        if self.hold is not None:
            await self.hold.wait()
        self.offered += 1
        return f"offer {self.offered}"


class FakeConference:
    def __init__(self, room_id: str, emit: Callable[[MediaEvent], None]) -> None:
        self.publishers: dict[str, FakePublisher] = {}
        self.subscribers: dict[str, FakeSubscriber] = {}
        self.muted: dict[tuple[str, Source], bool] = {}
        self.removed: list[str] = []
        self.measures = True  # answers when it is asked
        self.asked = 0
        self.goes_on: RunningRoom | None = None  # from before the hub began
        self._room_id = room_id
        self._emit = emit

    def publisher(self, member_id: str) -> FakePublisher:
        return self.publishers.setdefault(member_id, FakePublisher())

    def subscriber(self, member_id: str) -> FakeSubscriber:
        return self.subscribers.setdefault(member_id, FakeSubscriber())

    async def publish(
        self,
        member_id: str,
        offer_sdp: str,
        sources: Mapping[str, Source],
        *,
        pauses_unseen: bool,
    ) -> str:
        publisher = self.publisher(member_id)
        publisher.pauses_unseen = pauses_unseen
        return await publisher.answer(offer_sdp, sources)

    async def offer(self, member_id: str) -> str:
        return await self.subscriber(member_id).offer()

    async def accept(self, member_id: str, answer_sdp: str) -> None:
        if not answer_sdp.startswith("v=0"):
            raise BadDescription("line 1: no v=0")
        self.subscriber(member_id).answers.append(answer_sdp)

    async def play(self, player_id: str, besides: str, offer_sdp: str) -> str:
        self.subscriber(player_id)
        return offer_sdp

    async def restart_ice(
        self, party_id: str, direction: Direction, remote: Credentials
    ) -> LocalDescription:
        return LocalDescription(Credentials("00112233445566", "p" * 32), "", (), 0)

    def restart(self, member_id: str) -> None:
        self.subscriber(member_id).restarts += 1

    def set_view(self, party_id: str, tiles: Sequence[Tile]) -> None:
        self.subscriber(party_id).tiles = list(tiles)

    def set_muted(self, member_id: str, source: Source, muted: bool) -> None:
        self.muted[member_id, source] = muted

    def remove(self, party_id: str) -> None:
        if party_id in self.publishers or party_id in self.subscribers:
            self.removed.append(party_id)
        self.publishers.pop(party_id, None)
        self.subscribers.pop(party_id, None)
        self.muted = {key: on for key, on in self.muted.items() if key[0] != party_id}

    async def running(self) -> RunningRoom | None:
        return self.goes_on

    def tell_again(self) -> None:
        if self.goes_on is not None:
            for event in self.goes_on.events():
                self._emit(event)

    def ask_measurement(self) -> None:
        self.asked += 1
        if self.measures:
            sends = dict.fromkeys(self.publishers, SENDS)
            self._emit(Measured(self._room_id, sends, dict.fromkeys(self.subscribers, RECEIVES)))

    def state(self, party_id: str, direction: Direction) -> TransportState:
        found = self.publishers if direction == "send" else self.subscribers
        return "new" if party_id in found else "closed"


class FakeMedia:
    ports = (1,)

    def __init__(self) -> None:
        self.conferences: dict[str, FakeConference] = {}
        self.emit: Callable[[MediaEvent], None] = lambda event: None
        self.may_answer = asyncio.Event()  # when asked for its rooms
        self.may_answer.set()

    def conference(self, room_id: str) -> FakeConference:
        found = self.conferences.get(room_id)
        if found is None:
            found = FakeConference(room_id, lambda event: self.emit(event))
            self.conferences[room_id] = found
        return found

    async def rooms(self) -> list[str]:
        await self.may_answer.wait()
        return [key for key, found in self.conferences.items() if found.goes_on is not None]

    async def stats(self) -> dict[str, RouterStats]:
        return {}

    silent: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
