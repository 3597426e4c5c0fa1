"""A member who floods the hub with reports and requests: it costs a bounded time, and the others
go on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from struct import pack

import pytest

from rooms.media.port.transport import Transport
from rooms.media.rtp import rtcp
from rooms.media.rtp.rtcp import ReportBlock
from rooms.media.rtp.rtcp_budget import PER_SECOND_US
from rooms.media.source import Tile
from tests.rooms.media.hall import Hall, Sender, headers, open_hall, said, until
from tests.rooms.media.peer import Peer

# Two seconds of a flood, every five milliseconds one compound as long as a path carries.
COMPOUNDS = 400
STEP_S = 0.005
COMPOUND_BYTES = 1_224
# What the budget allows for, and twice that on a busy machine.
ALLOWED_S = 3 * (1 + COMPOUNDS * STEP_S) * PER_SECOND_US / 1e6


@pytest.fixture(params=["native", "python"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    async with open_hall(request.param) as opened:
        yield opened


async def show(hall: Hall, sender: Sender, viewer: Peer) -> int:
    """Send a picture of 512 packets; returns the number of its last one."""
    sender.frame(key=True)
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    sender.frame(key=True)
    await until(lambda: headers(viewer, 96), "the key frame")
    for number in range(511):
        sender.frame()
        if number % 30 == 0:
            await until(lambda n=number: len(headers(viewer, 96)) > n, "its packets")  # type: ignore[misc]
    await until(lambda: len(headers(viewer, 96)) == 512, "all of them")
    return int(headers(viewer, 96)[-1].sequence)


def nacks(ssrc: int, last: int, turn: int) -> bytes:
    """Nine that each name all 512 packets."""
    pairs = b"".join(pack("!HH", (last - back) & 0xFFFF, 0xFFFF) for back in range(16, 512, 17))
    return rtcp.build_packet(rtcp.RTPFB, rtcp.FMT_NACK, pack("!LL", 1, ssrc) + pairs) * 9


def requests(ssrc: int, last: int, turn: int) -> bytes:
    return b"".join(rtcp.build_pli(1, ssrc) for _ in range(rtcp.MAX_PACKETS))


def full_requests(ssrc: int, last: int, turn: int) -> bytes:
    entries = pack("!LBxxx", ssrc, turn & 0xFF) * 150
    return rtcp.build_packet(rtcp.PSFB, rtcp.FMT_FIR, pack("!LL", 1, 0) + entries)


def feedback(ssrc: int, last: int, turn: int) -> bytes:
    """Each says that 2,048 packets were lost."""
    body = pack("!LLHHL", 1, ssrc, turn, 2_048, turn << 8) + pack("!H", 2_048) + bytes(2)
    return rtcp.build_packet(rtcp.RTPFB, rtcp.FMT_TRANSPORT_CC, body) * (COMPOUND_BYTES // 24)


def reports(ssrc: int, last: int, turn: int) -> bytes:
    return rtcp.build_rr(1, [ReportBlock(ssrc, 255, turn, last + turn, 0, 1, 1)] * 50)


def answers(ssrc: int, last: int, turn: int) -> bytes:
    return rtcp.build_packet(rtcp.XR, 0, pack("!LBBH", 1, 5, 0, 300) + pack("!LLL", 1, 1, 1) * 100)


def broken(ssrc: int, last: int, turn: int) -> bytes:
    return rtcp.build_pli(1, ssrc) * 60 + b"\x80\xcd\x00\xff"


FLOODS = [nacks, requests, full_requests, feedback, reports, answers, broken]


def cost_s(transport: Transport, compounds: list[bytes], began: float) -> float:
    """CPU time of the hub for these, one every STEP_S."""
    before = time.process_time()
    for index, compound in enumerate(compounds):
        transport.receive_media(compound, began + index * STEP_S)
    transport.engine.flush()
    return time.process_time() - before


@pytest.mark.parametrize("make", FLOODS)
async def test_a_flood_costs_a_bounded_time_and_others_go_on(
    hall: Hall, make: Callable[[int, int, int], bytes]
) -> None:
    sender = await hall.sender("a", rids=("l",))
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    flooder = await hall.receiver("c", [Tile("a", "camera", 180)])
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    last = await show(hall, sender, flooder)
    ssrc = headers(flooder, 96)[-1].ssrc
    protect = flooder._dtls._tx_srtp.protect_rtcp
    compounds = [protect(make(ssrc, last, turn)) for turn in range(COMPOUNDS)]
    transport = hall.conference.subscriber("c").transport
    spent_s = cost_s(transport, compounds, time.monotonic())
    assert spent_s < ALLOWED_S, f"{spent_s * 1e6 / COMPOUNDS:.0f} us for a compound"
    bad = hall.router.stats().bad_datagrams
    assert bad.get("rtcp_over_budget") or bad.get("rtcp_malformed")
    heard, seen = len(headers(viewer, 111)), len(headers(viewer, 96))
    for _ in range(20):
        flooder.send_rtcp(make(ssrc, last, 1))
        sender.voice()
        sender.frame()
    await until(lambda: len(headers(viewer, 111)) == heard + 20, "the voice goes on")
    await until(lambda: len(headers(viewer, 96)) == seen + 20, "the picture goes on")
    assert "exception" not in hall.router.stats().bad_datagrams


async def test_a_senders_flood_costs_a_bounded_time_too(hall: Hall) -> None:
    sender = await hall.sender("a", rids=("l",))
    protect = sender.peer._dtls._tx_srtp.protect_rtcp
    transport = hall.conference.publisher("a").transport
    for make in (answers, reports, nacks):
        compounds = [protect(make(1, 0, turn)) for turn in range(COMPOUNDS)]
        assert cost_s(transport, compounds, time.monotonic()) < ALLOWED_S
