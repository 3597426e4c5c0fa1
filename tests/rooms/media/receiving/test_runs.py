"""What goes through the core in runs ends as what Python takes packet by packet."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random
from struct import pack
from typing import Any

import pytest

from rooms.media.engine.compiled import NativeEngine
from rooms.media.engine.interface import SO_TIMESTAMPNS
from rooms.media.port.counters import PortCounters
from rooms.media.receiving.keyframes import KeyFrameRequests
from rooms.media.rtp.packet import RtpHeader
from rooms.media.sdp.capabilities import TRANSPORT_CC
from rooms.media.source import Tile
from tests.rooms.media.hall import (
    HIGH,
    LOW,
    LOW_RTX,
    SOURCES,
    VOICE,
    Hall,
    headers,
    open_hall,
    payload_of,
    until,
)
from tests.rooms.media.packets import rtp, vp8
from tests.rooms.media.peer import Peer, send_offer

WIDE = 5
RIDS = {LOW: b"l", HIGH: b"h"}


class Side:
    """One engine's hub, a sender and a viewer; its clock is ours and stands still in between."""

    def __init__(self, hall: Hall, sender: Peer, viewer: Peer) -> None:
        self.hall, self.sender, self.viewer = hall, sender, viewer
        self.port = hall.router._port
        self.publisher = hall.conference.publisher("a")
        self.told: list[bytes] = []
        self.now = self.port.now()

    def stop_the_clock(self) -> None:
        self.port.now = lambda: self.now
        for item in self.port._sockets:
            item.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 0)
        self.port.counters = PortCounters()
        self.publisher._line.restart()
        self.publisher._line._ssrc = 1
        for layer in self.publisher._streams.layers():
            layer.reception.jitter, layer.reception.transit = 0.0, None
            layer.received_at = None
            layer.key_frames = KeyFrameRequests()
        self.publisher._nacks = self.publisher._key_frames = 0

    def take(self, datagrams: list[tuple[bytes, str]], now: float) -> None:
        """Plain packets and how each goes wrong on its way."""
        self.now = now
        protect = self.sender._dtls._tx_srtp.protect
        for packet, fault in datagrams:
            sealed = protect(packet)
            if fault == "forged":
                sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
            for _ in range(2 if fault == "twice" else 1):
                self.sender.send_raw(sealed)
        for index, item in enumerate(self.port._sockets):
            self.port._drain(index, item)
        self.viewer._drain(self.viewer._socket)
        line = self.publisher._line
        line.media_ssrc = LOW  # or that of whichever came last in a batch
        self.told = line.tell(self.publisher._streams.layers(), now)

    def in_runs(self) -> int:
        """How much of the last reading went with runs."""
        assert isinstance(self.port.engine, NativeEngine)
        batch = self.port.engine._batch
        return sum(map(batch.is_taken, range(len(batch))))

    def seen(self) -> list[tuple[int, int, bytes]]:
        """What the viewer got of the picture: numbers and times from the first one on."""
        found = headers(self.viewer, 96)
        first = found[0] if found else None
        return [
            (
                one.sequence - first.sequence & 0xFFFF,
                one.timestamp - first.timestamp & 0xFFFFFFFF,
                payload_of(one)[5:],
            )
            for one in found
            if first is not None
        ]

    def state(self) -> dict[str, Any]:
        """All that packets leave behind."""
        line, transport = self.publisher._line, self.publisher.transport
        found: dict[str, Any] = {
            "bad": dict(self.port.counters.bad),
            "in": (self.port.counters.datagrams_in, self.port.counters.bytes_in),
            "arrivals": line._arrivals._arrivals,
            "told": self.told,
            "bytes": line._uplink._bytes,
            "media": transport._media.left(self.now),
            "pictures": self.publisher._pictures.left(self.now),
            "streams": set(transport.streams),
            "heard": transport.agent.heard_at,
            "asked": (self.publisher._nacks, self.publisher._key_frames),
        }
        for layer in self.publisher._streams.layers():
            reception, rate, missing = layer.reception, layer.rate, layer.missing
            found[f"layer {layer.ssrc}"] = (
                (reception.packets, reception.payload_bytes, reception.expected),
                (reception.highest, reception.transit, pytest.approx(reception.jitter)),
                (rate._bytes, rate._frames, layer.received_at, layer.is_cut, layer.height_px),
                layer.shares.counted,
                line._uplink.timing(layer.ssrc),
                missing is not None and ({*missing._missing}, missing.highest, missing._seen._used),
                missing is not None and (missing.next_at, missing.gave_up),
            )
        return found


@asynccontextmanager
async def open_sides() -> AsyncIterator[list[Side]]:
    async with open_hall("native") as native, open_hall("python") as python:
        sides = []
        for hall in (native, python):
            viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
            sender = Peer()
            hall.peers.append(sender)
            publisher = hall.conference.publisher("a")
            wide = f"a=extmap:{WIDE} {TRANSPORT_CC}"
            offer = send_offer(sender, said=(wide, "a=rtcp-fb:96 transport-cc"))
            sender.follow(await publisher.answer(offer, SOURCES))
            await sender.connect()
            await until(lambda one=publisher: one.transport.state == "connected", "a connection")  # type: ignore[misc]
            side = Side(hall, sender, viewer)
            for ssrc in (LOW, HIGH):
                sender.send_rtp(
                    picture(ssrc, 65_500, 1, key=True, height=180 if ssrc == LOW else 720)
                )
            layers = publisher._streams.layers
            await until(lambda: len(layers()) == 2, "both layers")  # noqa: B023
            await until(lambda: any(one.waiting for one in layers()), "somebody waits")  # noqa: B023
            sides.append(side)
        began = max(side.port.now() for side in sides)
        for side in sides:
            side.now = began
            side.stop_the_clock()
        yield sides


def picture(
    ssrc: int,
    sequence: int,
    number: int,
    *,
    wide: int | None = None,
    size: int = 0,
    key: bool = False,
    **options: Any,
) -> bytes:
    extensions = {1: b"1", 3: RIDS[ssrc]}
    if wide is not None:
        extensions[WIDE] = pack("!H", wide & 0xFFFF)
    return rtp(
        ssrc=ssrc,
        sequence=sequence,
        timestamp=number * 3_000,
        payload_type=96,
        payload=vp8(picture=number, tl0=number, key=key, **options) + bytes(size),
        marker=number % 2 == 0,
        extensions=extensions,
    )


class Script:
    """Bursts of packets as a sender and a bad line make them."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.sequences = {LOW: 65_500, HIGH: 65_500}
        self.wide = self.chance.choice((3, 65_500))
        self.number = 2
        self.late: list[tuple[bytes, str]] = []

    def bursts(self, ssrcs: tuple[int, ...], count: int, size: int) -> Iterator[Any]:
        for _ in range(count):
            burst = [self.one(ssrcs, size) for _ in range(self.chance.randint(1, 30))]
            yield [one for one in burst if one is not None]

    def one(self, ssrcs: tuple[int, ...], size: int) -> tuple[bytes, str] | None:
        chance = self.chance
        ssrc = chance.choice(ssrcs)
        self.sequences[ssrc] += 1
        self.wide += 1
        self.number += 1
        sequence, what = self.sequences[ssrc], chance.random()
        is_key = chance.random() < 0.04
        packet = picture(
            ssrc,
            sequence,
            self.number,
            wide=self.wide if chance.random() < 0.9 else None,
            size=size,
            key=is_key,
            start=is_key or chance.random() < 0.4,
            temporal=chance.randrange(3),
            sync=chance.random() < 0.3,
            height=180 if ssrc == LOW else 720,
        )
        if what < 0.06:
            return None  # lost
        if what < 0.08:
            self.late = [(packet, "")]
            return None
        if what < 0.10 and self.late:
            self.sequences[ssrc] -= 1
            return self.late.pop()
        if what < 0.12:
            return packet, "forged"
        if what < 0.14:
            return packet, "twice"
        if what < 0.16:  # padding alone
            return padded(packet), ""
        if what < 0.18:  # no whole descriptor, none at all, or no room for the extensions
            return self.broken(ssrc, sequence), ""
        if what < 0.24 and len(ssrcs) > 1:
            return self.other(sequence), ""
        return packet, ""

    def broken(self, ssrc: int, sequence: int) -> bytes:
        payload = self.chance.choice((b"", b"\x90", b"\x90\xe0\x80", b"\x90\x80\x80\x01", b"\x10"))
        return rtp(
            ssrc=ssrc,
            sequence=sequence,
            timestamp=9,
            payload_type=96,
            payload=payload,
            extensions={number: bytes(16) for number in range(1, self.chance.choice((2, 9)))},
        )

    def other(self, sequence: int) -> bytes:
        """A voice, or what was asked for again."""
        self.number += 1
        if self.chance.random() < 0.5:
            return rtp(
                ssrc=VOICE,
                sequence=self.number,
                timestamp=self.number * 960,
                payload_type=111,
                payload=b"a voice",
                extensions={1: b"0", 2: b"\x1e", WIDE: pack("!H", self.wide & 0xFFFF)},
            )
        asked = self.sequences[LOW] - self.chance.randrange(30)
        return rtp(
            ssrc=LOW_RTX,
            sequence=self.number,
            timestamp=self.number * 3_000,
            payload_type=97,
            payload=pack("!H", asked & 0xFFFF) + vp8(picture=self.number, tl0=self.number),
            extensions={1: b"1", 4: b"l"},
        )


def padded(packet: bytes) -> bytes:
    header = RtpHeader(packet)
    return bytes([packet[0] | 0x20]) + packet[1 : header.payload_at] + b"\0\0\0\4"


async def play(seed: int, ssrcs: tuple[int, ...], count: int, size: int, step_s: float) -> None:
    async with open_sides() as sides:
        script = Script(seed)
        now, taken = sides[0].now, 0
        for burst in script.bursts(ssrcs, count, size):
            now += script.chance.random() * 2 * step_s
            for side in sides:
                side.take(burst, now)
            taken += sides[0].in_runs()
            one, other = (side.state() for side in sides)
            assert one == other
        first, second = (side.seen() for side in sides)
        assert first == second
        assert first
        assert taken > len(first) / 2  # or little would have been compared


@pytest.mark.parametrize("seed", range(6))
async def test_runs_end_as_single_packets_do(seed: int) -> None:
    await play(seed, (LOW, LOW, LOW, HIGH), 60, 20, 0.03)


@pytest.mark.parametrize("seed", range(3))
async def test_bounds_of_pictures_and_of_all_media_end_a_run(seed: int) -> None:
    await play(seed, (LOW,), 150, 1_100, 0.004)
