"""While the machine does something else packets lie in its sockets: they came when they came."""

from __future__ import annotations

import socket
import time

import pytest

from rooms.media.engine.choice import EngineName, make_engine
from rooms.media.engine.interface import Datagram
from rooms.media.engine.srtp import PacketBuffer
from rooms.media.port.addresses import note_arrivals
from tests.rooms.media.hall import VOICE, Sender, open_hall, until
from tests.rooms.media.packets import rtp

CLOCK_RATE = 48_000
PACKETS, APART_S = 20, 0.02


def be_busy(seconds: float) -> None:
    time.sleep(seconds)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("noted", [True, False])
def test_a_datagram_says_how_long_it_lay(engine: EngineName, noted: bool) -> None:
    made = make_engine(PacketBuffer(), engine)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        if noted:
            note_arrivals(here)
        here.bind(("127.0.0.1", 0))
        here.setblocking(False)
        times = []
        for number in range(3):
            there.sendto(bytes([number]), here.getsockname())
            times.append(time.monotonic())
            be_busy(0.05)
        found: list[Datagram] = list(made.receive(here, 64))
        now = time.monotonic()
    assert [item.data for item in found] == [b"\0", b"\1", b"\2"]
    for item, sent_at in zip(found, times, strict=True):
        if noted:
            assert item.waited_s >= 0.05
            assert item.waited_s <= now - sent_at + 0.05
        else:
            assert item.waited_s == 0.0


@pytest.mark.parametrize("engine", ["native", "python"])
async def test_what_a_sender_is_told_of_its_line_is_not_what_held_up_the_hub(
    engine: EngineName,
) -> None:
    async with open_hall(engine) as hall:
        sender = await hall.sender("a", camera=False)
        sender.voice()
        track = hall.conference.publisher("a").tracks["microphone"]
        await until(lambda: track.audio_layer, "the voice")
        layer = track.audio_layer
        assert layer is not None
        reception = layer.reception
        before = reception.packets
        for _ in range(PACKETS):
            speak(sender)
            be_busy(APART_S)  # nobody reads meanwhile
        await until(lambda: reception.packets == before + PACKETS, "all of it")
        # By the time of reading each would be 20 ms nearer than the one before.
        assert reception.jitter_ms < 1000 * APART_S / 4


def speak(sender: Sender) -> None:
    """A packet that says when it is sent."""
    sender.sequences[VOICE] += 1
    packet = rtp(
        ssrc=VOICE,
        sequence=sender.sequences[VOICE],
        timestamp=int(time.monotonic() * CLOCK_RATE) & 0xFFFFFFFF,
        payload_type=111,
        payload=b"opus",
        extensions={1: b"0", 2: b"\x1e"},
    )
    sender.peer.send_rtp(packet)
