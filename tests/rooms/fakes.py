"""A media plane without media: it answers, remembers what it was told, and measures zero."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from confhub.quality import TransportState
from rooms.media.errors import BadDescription
from rooms.media.events import MediaEvent
from rooms.media.measurement import PublisherMeasurement, SubscriberMeasurement
from rooms.media.port.ice import Credentials
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Source, Tile


class FakeTransport:
    state: TransportState = "new"


class FakePublisher:
    def __init__(self) -> None:
        self.transport = FakeTransport()
        self.pauses_unseen = False
        self.offers: list[tuple[str, dict[str, Source]]] = []
        self.hold: asyncio.Event | None = None  # answers only once it is set

    async def answer(self, offer_sdp: str, sources: dict[str, Source]) -> str:
        if self.hold is not None:
            await self.hold.wait()
        if not offer_sdp.startswith("v=0"):
            raise BadDescription("line 1: no v=0")
        self.offers.append((offer_sdp, sources))
        return f"answer {len(self.offers)}"

    def measure(self, now: float) -> PublisherMeasurement:
        return PublisherMeasurement("connected", "GCM", 12.0, 500_000.0, 0.01, (), 0, 0)


class FakeSubscriber:
    def __init__(self) -> None:
        self.offered = 0
        self.answers: list[str] = []
        self.restarts = 0
        self.tiles: list[Tile] = []

    def offer(self) -> str:
        self.offered += 1
        return f"offer {self.offered}"

    async def accept(self, answer_sdp: str) -> None:
        if not answer_sdp.startswith("v=0"):
            raise BadDescription("line 1: no v=0")
        self.answers.append(answer_sdp)

    def restart(self) -> None:
        self.restarts += 1

    def set_view(self, tiles: Sequence[Tile]) -> None:
        self.tiles = list(tiles)

    def measure(self, now: float) -> SubscriberMeasurement:
        return SubscriberMeasurement(
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


class FakePlayer(FakeSubscriber):
    def __init__(self) -> None:
        super().__init__()
        self.transport = FakeTransport()

    def answer(self, offer_sdp: str) -> str:
        return offer_sdp


class FakeConference:
    def __init__(self) -> None:
        self.publishers: dict[str, FakePublisher] = {}
        self.subscribers: dict[str, FakeSubscriber] = {}
        self.muted: dict[tuple[str, Source], bool] = {}
        self.removed: list[str] = []

    def publisher(self, member_id: str) -> FakePublisher:
        return self.publishers.setdefault(member_id, FakePublisher())

    def subscriber(self, member_id: str) -> FakeSubscriber:
        return self.subscribers.setdefault(member_id, FakeSubscriber())

    def player(self, player_id: str, besides: str) -> FakePlayer:
        made = self.subscribers[player_id] = FakePlayer()
        return made

    def restart_ice(self, party: object, remote: Credentials) -> LocalDescription:
        return LocalDescription(Credentials("00112233445566", "p" * 32), "", (), 0)

    def remove(self, member_id: str) -> None:
        if member_id in self.publishers or member_id in self.subscribers:
            self.removed.append(member_id)
        self.publishers.pop(member_id, None)
        self.subscribers.pop(member_id, None)
        self.muted = {key: on for key, on in self.muted.items() if key[0] != member_id}

    def set_muted(self, member_id: str, source: Source, muted: bool) -> None:
        self.muted[member_id, source] = muted


class FakeMedia:
    def __init__(self) -> None:
        self.conferences: dict[str, FakeConference] = {}
        self.emit: Callable[[MediaEvent], None] = lambda event: None

    def conference(self, room_id: str) -> FakeConference:
        return self.conferences.setdefault(room_id, FakeConference())
