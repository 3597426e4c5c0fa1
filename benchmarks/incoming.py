"""CPU for each packet that comes in: the two engines in turns, in one run.

`python -m benchmarks.incoming [--parts]`: four members send, each frames of six packets of 1,100
bytes and a voice, with transport-wide numbers, as a page does; nobody takes them, so that what is
measured is the way of an incoming packet alone: from the socket to the fan, and the feedback every
50 ms. What sending costs is `benchmarks.fanout`. Packets are protected and lie in the hub's socket
before the clock runs. `--parts` says in which functions the time goes (cProfile: shares, not sums).
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from rooms.media.engine.choice import EngineName
from rooms.media.sdp.capabilities import TRANSPORT_CC
from tests.rooms.media.hall import HIGH, SOURCES, VOICE, Hall, open_hall, until
from tests.rooms.media.packets import rtp, vp8
from tests.rooms.media.peer import Peer, send_offer

SENDERS = 4
PACKETS_IN_FRAME = 6
BODY = bytes(1_080)
# Each member's of these a second are 66; a reading finds one frame, or one voice.
FRAMES = 250
FRAME_S = 0.015
TICK_S = 0.05
ROUNDS = 5
PARTS = ("pictures", "voices", "feedback")
WIDE = 5


class Member:
    """Sends one layer and a voice."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._wide = self._sequence = self._voice = self._picture = 0

    def frame(self, *, key: bool = False) -> int:
        self._picture += 1
        for index in range(PACKETS_IN_FRAME):
            self._sequence += 1
            head = vp8(
                picture=self._picture,
                tl0=self._picture,
                key=key and not index,
                start=not index,
                height=720,
            )
            self._peer.send_rtp(
                rtp(
                    ssrc=HIGH,
                    sequence=self._sequence,
                    timestamp=self._picture * 3_000,
                    payload_type=96,
                    payload=head + BODY,
                    marker=index == PACKETS_IN_FRAME - 1,
                    extensions={1: b"1", 3: b"h", WIDE: self._number()},
                )
            )
        return PACKETS_IN_FRAME

    def voice(self) -> int:
        self._voice += 1
        self._peer.send_rtp(
            rtp(
                ssrc=VOICE,
                sequence=self._voice,
                timestamp=self._voice * 960,
                payload_type=111,
                payload=bytes(80),
                extensions={1: b"0", 2: b"\x1e", WIDE: self._number()},
            )
        )
        return 1

    def _number(self) -> bytes:
        self._wide = (self._wide + 1) & 0xFFFF
        return self._wide.to_bytes(2, "big")


class Meeting:
    """A hub whose clock is ours, and who sends to it."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._members: list[Member] = []
        self._port = hall.router._port
        self._at = self._port.now()
        self._ticked_at = self._at

    async def fill(self) -> None:
        for number in range(SENDERS):
            peer = Peer()
            self._hall.peers.append(peer)
            publisher = self._hall.conference.publisher(f"m{number}")
            wide = f"a=extmap:{WIDE} {TRANSPORT_CC}"
            offer = send_offer(peer, said=(wide, "a=rtcp-fb:96 transport-cc"))
            offer = offer.replace("a=rtpmap:111", f"{wide}\r\na=rtpmap:111", 1)
            peer.follow(await publisher.answer(offer, SOURCES))
            await peer.connect()
            await until(lambda one=publisher: one.transport.state == "connected", "the hub's side")  # type: ignore[misc]
            assert publisher._line.wide_id == WIDE
            self._members.append(Member(peer))
        self._at = self._ticked_at = self._port.now()
        self._port.now = lambda: self._at

    def round(self, profile: cProfile.Profile | None = None) -> dict[str, float]:
        """CPU microseconds, user and system, for each packet of a picture and of a voice, and of
        feedback for each packet that came."""
        spent = dict.fromkeys(PARTS, 0.0)
        packets = dict.fromkeys(PARTS, 0)
        before = self._port.counters.datagrams_in
        if profile is not None:
            profile.enable()
        for index in range(FRAMES):
            self._at += FRAME_S / SENDERS
            member = self._members[index % SENDERS]
            packets["pictures"] += member.frame(key=index < SENDERS)
            spent["pictures"] += cpu_us(self._drain)
            packets["voices"] += member.voice()
            spent["voices"] += cpu_us(self._drain)
            spent["feedback"] += cpu_us(self._tick)
        if profile is not None:
            profile.disable()
        packets["feedback"] = packets["pictures"] + packets["voices"]
        assert self._port.counters.datagrams_in - before == packets["feedback"], "some were lost"
        return {part: spent[part] / packets[part] for part in PARTS}

    def _drain(self) -> None:
        for index, item in enumerate(self._port._sockets):
            self._port._drain(index, item)

    def _tick(self) -> None:
        if self._at - self._ticked_at >= TICK_S:
            self._ticked_at = self._at
            for publisher in self._hall.conference.publishers.values():
                publisher.tick(self._at)


def cpu_us(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6


async def measure(parts: bool) -> None:
    async with open_hall("native") as native, open_hall("python") as python:
        meetings: dict[EngineName, Meeting] = {
            "native": Meeting(native),
            "python": Meeting(python),
        }
        for meeting in meetings.values():
            await meeting.fill()
            meeting.round()
        costs: dict[EngineName, list[dict[str, float]]] = {name: [] for name in meetings}
        for _ in range(ROUNDS):
            for name, meeting in meetings.items():
                costs[name].append(meeting.round())
        print(f"{'':>8}  {'native':>7}  {'python':>7}  ratio   us of CPU for a packet, the median")
        for part in PARTS:
            one, other = ([found[part] for found in costs[name]] for name in meetings)
            ratio = statistics.median(a / b for a, b in zip(one, other, strict=True))
            said = f"{statistics.median(one):>7.1f}  {statistics.median(other):>7.1f}"
            print(f"{part:>8}  {said}  {ratio:>5.2f}")
        print(f"native/python cpu per incoming packet: {whole(costs):.2f}")
        if parts:
            profile = cProfile.Profile()
            meetings["native"].round(profile)
            pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def whole(costs: dict[EngineName, list[dict[str, float]]]) -> float:
    """Native by Python for a frame and a voice with their feedback."""
    share = PACKETS_IN_FRAME / (PACKETS_IN_FRAME + 1)
    sums = {
        name: [
            share * one["pictures"] + (1 - share) * one["voices"] + one["feedback"] for one in found
        ]
        for name, found in costs.items()
    }
    return statistics.median(
        one / other for one, other in zip(sums["native"], sums["python"], strict=True)
    )


def main(words: Sequence[str] = ()) -> None:
    asyncio.run(measure("--parts" in words))


if __name__ == "__main__":
    main(sys.argv[1:])
