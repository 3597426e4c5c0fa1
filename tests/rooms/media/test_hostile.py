"""Whatever comes in at the port: it is counted by its reason, and the hub serves on.

"exception" is the reason of what nobody had thought of: it must never be counted here.
"""

from __future__ import annotations

import logging
import random
import socket
from collections.abc import AsyncIterator, Callable
from struct import pack

import pylibsrtp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.media.rtp import rtcp
from rooms.media.source import Tile
from tests.rooms.media.hall import LOW, VOICE, Hall, Sender, headers, open_hall, said, until
from tests.rooms.media.packets import rtp, vp8
from tests.rooms.media.peer import Peer

# Few enough that the kernel's smallest usual receive buffer (208 KiB) holds them at 2 KiB.
BURST = 40
BURSTS = 12


class Siege:
    """A meeting at work: one who sends, one who sees and hears, and a stranger."""

    def __init__(self, hall: Hall, sender: Sender, viewer: Peer) -> None:
        self.hall = hall
        self.sender = sender
        self.viewer = viewer
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.hub = sender.peer._remote

    def bad(self) -> dict[str, int]:
        return self.hall.router.stats().bad_datagrams

    async def throw(self, make: Callable[[], tuple[Callable[[bytes], object], bytes]]) -> None:
        """Send bursts of what `make` gives, each when the one before has been read."""
        for _ in range(BURSTS):
            before = self.hall.router.stats().datagrams_in
            for _ in range(BURST):
                send, data = make()
                send(data)
            await until(
                lambda b=before: self.hall.router.stats().datagrams_in >= b + BURST,  # type: ignore[misc]
                "all are read",
            )

    def from_stranger(self, data: bytes) -> None:
        self.stranger.sendto(data, self.hub)

    async def assert_served(self) -> None:
        assert "exception" not in self.bad()
        seen, heard = len(headers(self.viewer, 96)), len(headers(self.viewer, 111))
        self.sender.frame(key=True)
        self.sender.voice()
        await until(lambda: len(headers(self.viewer, 96)) > seen, "the picture goes on")
        await until(lambda: len(headers(self.viewer, 111)) > heard, "the voice goes on")
        await self.viewer.check()


@pytest.fixture
async def siege(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Siege]:
    async with open_hall() as hall:
        sender = await hall.sender("a", rids=("l",))
        viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
        sender.frame(key=True)
        sender.voice()
        await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
        await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "somebody looks")
        sender.frame(key=True)
        await until(lambda: headers(viewer, 96), "a picture")
        opened = Siege(hall, sender, viewer)
        yield opened
        opened.stranger.close()
    assert [item for item in caplog.records if item.levelno >= logging.ERROR] == []


FIRST_BYTES = {
    "stun": range(4),
    "dtls": range(20, 64),
    "media": range(128, 192),
    "other": [*range(4, 20), *range(64, 128), *range(192, 256)],
}


@pytest.mark.parametrize("kind", FIRST_BYTES)
async def test_random_datagrams_of_each_protocol(siege: Siege, kind: str) -> None:
    choose = random.Random(kind)
    senders = [siege.from_stranger, siege.sender.peer.send_raw, siege.viewer.send_raw]

    def make() -> tuple[Callable[[bytes], object], bytes]:
        size = choose.choice([0, 1, 3, 11, 12, 19, 20, 40, 200, 1_200])
        return choose.choice(senders), bytes(
            [choose.choice(list(FIRST_BYTES[kind]))]
        ) + choose.randbytes(size)

    await siege.throw(make)
    await siege.assert_served()
    assert sum(siege.bad().values()) > 0


async def test_empty_and_oversize_datagrams(siege: Siege) -> None:
    choose = random.Random(1)
    senders = [siege.from_stranger, siege.sender.peer.send_raw]
    sizes = [0, 1, 2_047, 2_048, 2_049, 9_000]

    def make() -> tuple[Callable[[bytes], object], bytes]:
        first = bytes([choose.choice([0, 22, 0x80, 255])])
        return choose.choice(senders), (first * choose.choice(sizes))

    await siege.throw(make)
    siege.from_stranger(b"\x80" * 65_507)
    await siege.assert_served()


async def test_checks_with_any_bit_changed(siege: Siege) -> None:
    choose = random.Random(2)
    peer = siege.sender.peer

    def make() -> tuple[Callable[[bytes], object], bytes]:
        data = bytearray(peer.check_request())
        for _ in range(choose.randint(1, 3)):
            # Not in FINGERPRINT, the last eight bytes: it protects nothing that counts.
            data[choose.randrange(len(data) - 8)] ^= 1 << choose.randrange(8)
        if choose.random() < 0.2:
            del data[choose.randrange(len(data)) :]
        return choose.choice([siege.from_stranger, peer.send_raw]), bytes(data)

    await siege.throw(make)
    await siege.assert_served()
    assert siege.hall.router.stats().known_addresses == 2


async def test_protected_packets_with_any_bit_changed(siege: Siege) -> None:
    choose = random.Random(3)
    peer = siege.sender.peer
    sequence = 0

    def make() -> tuple[Callable[[bytes], object], bytes]:
        nonlocal sequence
        sequence += 1
        packet = rtp(ssrc=77, sequence=sequence, timestamp=1, payload_type=96, payload=bytes(50))
        data = bytearray(peer._dtls._tx_srtp.protect(packet))
        data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
        return peer.send_raw, bytes(data)

    await siege.throw(make)
    await siege.assert_served()
    assert siege.bad()["srtp_refused"] > 0


async def test_a_member_who_sends_nonsense_under_its_own_keys(siege: Siege) -> None:
    """What decrypts is no more to be trusted than what does not."""
    choose = random.Random(4)
    peer = siege.sender.peer
    sequence = 0

    def media() -> bytes:
        nonlocal sequence
        sequence += choose.randint(1, 3_000)
        payload = choose.choice([choose.randbytes(choose.randint(0, 40)), vp8(picture=sequence)])
        data = bytearray(
            rtp(
                ssrc=choose.choice([LOW, VOICE, 2001, choose.getrandbits(32)]),
                sequence=sequence,
                timestamp=choose.getrandbits(32),
                payload_type=choose.choice([96, 97, 111, choose.randrange(128)]),
                payload=payload,
                marker=choose.random() < 0.5,
                extensions={
                    choose.randint(1, 14): choose.randbytes(choose.randint(1, 16)),
                    1: choose.choice([b"0", b"1", b"\xff"]),
                },
            )
        )
        if choose.random() < 0.3:
            data[0] ^= choose.choice([0x20, 0x10, 0x0F])  # padding, extension, sources
        return bytes(data)

    def make() -> tuple[Callable[[bytes], object], bytes]:
        while True:
            try:
                return peer.send_raw, peer._dtls._tx_srtp.protect(media())
            except pylibsrtp.Error:
                continue  # even libsrtp does not write this one

    await siege.throw(make)
    siege.sender.sequences[LOW] = siege.sender.sequences[VOICE] = sequence + 10
    assert "exception" not in siege.bad()
    siege.sender.voice()
    await until(lambda: siege.hall.slots("b")["a0"] == "a", "the voice has its slot")
    await siege.viewer.check()
    assert siege.bad()["unknown_stream"] > 0


async def test_a_member_who_reports_nonsense_under_its_own_keys(siege: Siege) -> None:
    choose = random.Random(5)
    slots = list(siege.hall.conference.subscriber("b")._by_ssrc)
    kinds = [rtcp.SR, rtcp.RR, rtcp.SDES, rtcp.BYE, rtcp.RTPFB, rtcp.PSFB, rtcp.XR, 204]

    def compound() -> bytes:
        data = b""
        for _ in range(choose.randint(1, 4)):
            body = choose.randbytes(4 * choose.randint(0, 12))
            if choose.random() < 0.5:
                body = pack("!LL", 1, choose.choice(slots)) + body
            packet = rtcp.build_packet(choose.choice(kinds), choose.randrange(32), body)
            data += choose.choice([packet, packet, packet[:2] + b"\0\x01" + packet[4:]])
        changed = bytearray(data)
        changed[0] ^= choose.choice([0, 0, 0x20])
        return bytes(changed)

    def make() -> tuple[Callable[[bytes], object], bytes]:
        while True:
            peer = choose.choice([siege.sender.peer, siege.viewer])
            try:
                return peer.send_raw, peer._dtls._tx_srtp.protect_rtcp(compound())
            except pylibsrtp.Error:
                continue

    await siege.throw(make)
    await siege.assert_served()
    assert siege.bad()["rtcp_malformed"] > 0


RTP_HEADS = [
    b"",
    b"\x80\x60\x00\x01" + pack("!LL", 1, LOW),
    b"\x90\x60\x00\x01" + pack("!LL", 1, LOW) + b"\xbe\xde\x00\x02",
    b"\x80\x6f\x00\x01" + pack("!LL", 1, VOICE),
]


async def test_any_decrypted_bytes_are_taken_or_raise_value_error(siege: Siege) -> None:
    publisher = siege.hall.conference.publisher("a")
    subscriber = siege.hall.conference.subscriber("b")
    takers: list[Callable[[bytes, float], None]] = [
        publisher.receive_rtp,
        publisher.transport._receive_rtcp,
        subscriber.receive_rtp,
        subscriber.transport._receive_rtcp,
    ]

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(RTP_HEADS), st.binary(max_size=80), st.floats(0, 1e6))
    def feed(head: bytes, data: bytes, now: float) -> None:
        for take in takers:
            try:
                take(head + data, now)
            except ValueError:
                continue

    feed()
