"""A receiver that tells of each packet: its line is measured and tried, over real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial

import pytest

from rooms.media.bandwidth.send_estimate import START_BPS
from rooms.media.receiving.feedback import ArrivalRecorder
from rooms.media.rtp.packet import RtpHeader
from rooms.media.source import Tile
from tests import waiting
from tests.rooms.media.hall import Hall, open_hall, until
from tests.rooms.media.peer import Peer, receive_answer

WIDE_ID = 4
# A machine that is busy elsewhere spoils a probe; the next comes after five seconds.
SEVERAL_PROBES_S = 20.0
VOICE, PICTURE, REPAIR = 111, 96, 97
# How often arrivals are looked for, and how many times between two messages.
LOOK_S, LOOKS = 0.002, 25


@pytest.fixture(params=["native", "python"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    async with open_hall(request.param) as opened:
        yield opened


async def receiver(hall: Hall, member_id: str, tiles: list[Tile]) -> Peer:
    """One that has agreed to transport-wide feedback."""
    peer = Peer()
    hall.peers.append(peer)
    subscriber = hall.conference.subscriber(member_id)
    subscriber.set_view(tiles)
    offer = subscriber.offer()
    peer.follow(offer)
    await subscriber.accept(receive_answer(peer, offer, wide=True))
    await peer.connect()
    await until(lambda: subscriber.transport.state == "connected", "the hub's side too")
    return peer


class Telling:
    """Sends feedback on what the peer received, several times a second."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._recorder = ArrivalRecorder()
        self._seen = 0
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            for _ in range(LOOKS):
                await asyncio.sleep(LOOK_S)
                self._look()
            for packet in self._recorder.flush(1, 2):
                self._peer.send_rtcp(packet)

    def _look(self) -> None:
        for data in self._peer.rtp[self._seen :]:
            number = RtpHeader(data).extension(WIDE_ID)
            assert number is not None
            self._recorder.record(int.from_bytes(number, "big"), int(time.monotonic() * 1e6))
        self._seen = len(self._peer.rtp)


async def test_packets_of_all_streams_are_numbered_together(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    viewer = await receiver(hall, "b", [Tile("a", "camera", 180)])
    sender.voice()
    sender.frame()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    sender.frame(key=True)
    sender.voice()
    sender.frame()

    def kinds() -> set[int]:
        return {RtpHeader(data).payload_type for data in viewer.rtp}

    await until(lambda: {VOICE, PICTURE} <= kinds(), "both")
    numbers = sorted(
        int.from_bytes(RtpHeader(data).extension(WIDE_ID) or b"", "big") for data in viewer.rtp
    )
    assert numbers == list(range(len(numbers)))


async def test_a_good_line_is_found_by_padding(hall: Hall) -> None:
    sender = await hall.sender("a", rids=("l", "m", "h"))
    viewer = await receiver(hall, "b", [Tile("a", "camera", 720)])
    line = hall.conference.subscriber("b").line
    assert line.by_feedback
    assert line.budget_bps == START_BPS
    telling = Telling(viewer)

    async def grown() -> bool:
        sender.frame(key=True)
        return line.budget_bps > 2 * START_BPS

    try:
        await waiting.until(grown, SEVERAL_PROBES_S)
    finally:
        await telling.close()
    padding = [header for data in viewer.rtp if (header := RtpHeader(data)).payload_type == REPAIR]
    assert padding
    assert all(header.payload_at == header.payload_end for header in padding)


async def test_nothing_is_tried_for_a_receiver_that_wants_no_picture(hall: Hall) -> None:
    sender = await hall.sender("a", rids=("l", "h"))
    viewer = await receiver(hall, "b", [])
    telling = Telling(viewer)
    try:
        sender.voice()
        await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
        for count in range(1, 40):
            sender.voice()
            await until(partial(has_received, viewer, count), "the voice")
    finally:
        await telling.close()
    assert {RtpHeader(data).payload_type for data in viewer.rtp} == {VOICE}


def has_received(peer: Peer, count: int) -> bool:
    return len(peer.rtp) >= count
