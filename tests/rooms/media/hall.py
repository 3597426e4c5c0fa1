"""A router with one conference, and small clients that send and receive in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rooms.media.engine.choice import EngineName
from rooms.media.events import MediaEvent
from rooms.media.router import MediaRouter
from rooms.media.rtp import rtcp
from rooms.media.rtp.packet import RtpHeader
from rooms.media.source import Source, Tile
from tests.rooms.media.packets import rtp, vp8
from tests.rooms.media.peer import PATIENCE_S, Peer, receive_answer, send_offer

SOURCES: dict[str, Source] = {"0": "microphone", "1": "camera"}
VOICE, LOW, HIGH, LOW_RTX = 1000, 2000, 3000, 2001


async def until(condition: Callable[[], Any], what: str) -> None:
    """Return as soon as it is true; AssertionError naming `what` when it never is."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if condition():
                    return
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"never came true: {what}") from None


class Hall:
    """One router, one conference, and clients by member id."""

    def __init__(self, router: MediaRouter, events: list[MediaEvent], *, tcp: bool = False) -> None:
        """`tcp`: clients come by TCP."""
        self.router = router
        self.tcp = tcp
        self.events = events
        self.conference = router.conference("room")
        self.peers: list[Peer] = []

    async def sender(self, member_id: str, **options: Any) -> Sender:
        peer = Peer(tcp=self.tcp)
        self.peers.append(peer)
        sources = SOURCES if options.get("camera", True) else {"0": SOURCES["0"]}
        publisher = self.conference.publisher(member_id)
        peer.follow(await publisher.answer(send_offer(peer, **options), sources))
        await peer.connect()
        await until(lambda: publisher.transport.state == "connected", "the hub's side too")
        return Sender(peer, has_rids=bool(options.get("rids", True)))

    async def receiver(self, member_id: str, tiles: list[Tile] | None = None) -> Peer:
        peer = Peer(tcp=self.tcp)
        self.peers.append(peer)
        subscriber = self.conference.subscriber(member_id)
        subscriber.set_view(tiles or [])
        offer = subscriber.offer()
        peer.follow(offer)
        await subscriber.accept(receive_answer(peer, offer))
        await peer.connect()
        await until(lambda: subscriber.transport.state == "connected", "the hub's side too")
        return peer

    def slots(self, member_id: str) -> dict[str, str | None]:
        return {slot.mid: slot.member_id for slot in self.conference.subscriber(member_id).slots()}


class Sender:
    """Sends frames of one packet each on two layers, and voice packets."""

    def __init__(self, peer: Peer, has_rids: bool) -> None:
        """Without rids in its offer a browser writes none in its packets either."""
        self.peer = peer
        self.has_rids = has_rids
        self.sequences = {VOICE: 65_530, LOW: 65_530, HIGH: 100}
        self.picture = 32_765

    def voice(self, level: int = 30, payload: bytes = b"opus") -> None:
        self._send(VOICE, 111, payload, {1: b"0", 2: bytes([level])}, 960)

    def frame(
        self, *, key: bool = False, layer: int = LOW, height: int = 180, size: int = 0
    ) -> bytes:
        """`size`: so many bytes more than the least."""
        self.picture += 1
        payload = vp8(picture=self.picture, tl0=self.picture, key=key, height=height) + bytes(size)
        extensions = {1: b"1"}
        if self.has_rids:
            extensions[3] = b"l" if layer == LOW else b"h"
        self._send(layer, 96, payload, extensions, 3000, marker=True)
        return payload

    def lose_frame(self) -> bytes:
        """A frame that is numbered but does not arrive; returned as its RTX would carry it."""
        self.picture += 1
        self.sequences[LOW] += 1
        sequence = self.sequences[LOW] & 0xFFFF
        payload = sequence.to_bytes(2, "big") + vp8(picture=self.picture, tl0=self.picture)
        return rtp(
            ssrc=LOW_RTX,
            sequence=1,
            timestamp=self.sequences[LOW] * 3000,
            payload_type=97,
            payload=payload,
            marker=True,
            extensions={1: b"1", 4: b"l"},
        )

    def _send(
        self,
        ssrc: int,
        payload_type: int,
        payload: bytes,
        extensions: dict[int, bytes],
        step: int,
        marker: bool = False,
    ) -> None:
        self.sequences[ssrc] += 1
        sequence = self.sequences[ssrc]
        self.peer.send_rtp(
            rtp(
                ssrc=ssrc,
                sequence=sequence,
                timestamp=sequence * step,
                payload_type=payload_type,
                payload=payload,
                marker=marker,
                extensions=extensions,
            )
        )


@asynccontextmanager
async def open_hall(engine: EngineName = "auto", *, tcp: bool = False) -> AsyncIterator[Hall]:
    events: list[MediaEvent] = []
    router = await MediaRouter.open(
        addresses=["127.0.0.1"], port=0, on_event=events.append, engine=engine
    )
    hall = Hall(router, events, tcp=tcp)
    try:
        yield hall
    finally:
        for peer in hall.peers:
            await peer.close()
        await router.close()


def headers(peer: Peer, payload_type: int) -> list[RtpHeader]:
    """The packets of this payload type that the client has received, in order."""
    parsed = [RtpHeader(data) for data in peer.rtp]
    return [header for header in parsed if header.payload_type == payload_type]


def payload_of(header: RtpHeader) -> bytes:
    return header.data[header.payload_at : header.payload_end]


def said(peer: Peer, kind: type) -> list[Any]:
    """What the hub has told this client in RTCP, of one kind of message."""
    found = []
    for compound in peer.rtcp:
        found += [item for item in rtcp.parse_compound(compound) if isinstance(item, kind)]
    return found


async def meeting(hall: Hall) -> tuple[Sender, Peer]:
    """One who sends and one who sees and hears, both by TCP."""
    sender = await hall.sender("a", rids=("l",))
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame(key=True)
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "somebody looks")
    return sender, viewer


def bad(hall: Hall, reason: str) -> int:
    return hall.router.stats().bad_datagrams.get(reason, 0)
