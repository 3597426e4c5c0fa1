"""Throw a million mutated packets and descriptions at a hub at work: `make fuzz`.

`python -m tools.fuzz [--count N] [--seed N]`. Real samples are changed where their structure is
(bits, fields, lengths, lines, pieces of another sample) and go in where the network's do: the media
port, a publisher and a subscriber with real engines behind them, the readers of descriptions.
Refused is ValueError, as the port counts it; anything else is a failure, kept in fuzz-SEED.bin.
Memory is compared after a tenth of the run and at its end. Who sends and reports nonsense harms
itself; between rounds the voice and picture of another member must get through to a third, in the
same conference. Exit code 1 when something failed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack

import pylibsrtp

from rooms.media.errors import BadDescription
from rooms.media.port.framing import Deframer
from rooms.media.port.path import Path as MediaPath
from rooms.media.receiving.feedback import ArrivalRecorder
from rooms.media.receiving.publisher import Publisher
from rooms.media.rtp import rtcp
from rooms.media.rtp.packet import HEADER_BYTES
from rooms.media.rtp.red import Copy, build_red
from rooms.media.sdp.answer import agree, build_answer
from rooms.media.sdp.description import parse_description
from rooms.media.sdp.fragment import parse_fragment
from rooms.media.sdp.offer import OfferedSlot, build_offer, read_answer
from rooms.media.sdp.playback import agree_playback, build_playback
from rooms.media.sending.subscriber import Subscriber
from rooms.media.source import Tile
from tests.rooms.media.hall import LOW, VOICE, Hall, Sender, headers, open_hall, said, until
from tests.rooms.media.packets import rtp, vp8
from tests.rooms.media.peer import Peer, play_offer
from tests.rooms.media.samples import CHROMIUM_ANSWER, CHROMIUM_OFFER, CHROMIUM_SOURCES, LOCAL
from tools.mutation import Mutator

ROUND = 5_000
# Pools of packets, tables and the allocator settle within this of each other.
MEMORY_SLACK_KIB = 16 * 1024
SERVED_WITHIN_S = 20.0
# A member's packets by its own clock: faster, most would be over the bounds of its rate.
PACKET_S = 0.01
SLOTS = [OfferedSlot("a0", "audio", 1001, 0), OfferedSlot("v0", "video", 2001, 2002)]

Take = Callable[[bytes], object]


@dataclass
class Target:
    """One entry of the hub, and what it gets: mutations of `samples`."""

    name: str
    take: Take
    samples: Sequence[bytes]
    is_text: bool = False
    share: int = 1
    refused: int = 0
    taken: int = 0


@dataclass
class Failure:
    target: str
    data: bytes
    text: str


@dataclass
class Outcome:
    failures: list[Failure] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Siege:
    """A meeting at work: `a` sends and `b` receives, and both are not to be trusted; `honest`
    and `witness` are."""

    def __init__(
        self, hall: Hall, sender: Sender, viewer: Peer, honest: Sender, witness: Peer
    ) -> None:
        self.hall, self.sender, self.viewer = hall, sender, viewer
        self.honest, self.witness = honest, witness
        self.port = hall.router._port
        self.ahead_s = 0.0
        self.publisher = hall.conference.publisher("a")
        self.subscriber = hall.conference.subscriber("b")
        # What mutations make of it: numbers of two bytes now and then.
        self.publisher._line.wide_id = 1

    def targets(self) -> list[Target]:
        now = self.port.now
        known = next(iter(self.publisher.transport.agent.paths))
        stranger = MediaPath(0, ("127.0.0.1", 9))
        raw = self.datagrams()
        controls = self.compounds()
        offers = [text.encode() for text in (CHROMIUM_OFFER, play_offer(self.viewer))]
        answers = [text.encode() for text in (CHROMIUM_ANSWER, build_offer(SLOTS, LOCAL, "name"))]
        return [
            Target("port, stranger", lambda d: self.port._take(d, stranger, now()), raw, share=2),
            Target("port, member", lambda d: self.port._take(d, known, now()), raw, share=2),
            Target("publisher, RTP", self._media, self.media(), share=6),
            Target("publisher, runs", self._run, self.media()[2:4], share=3),
            Target("publisher, RTCP", lambda d: self._tell(self.publisher, d), controls),
            Target("subscriber, RTCP", lambda d: self._tell(self.subscriber, d), controls, share=3),
            Target("TCP frames", lambda d: Deframer().feed(d), [_frames(raw)]),
            Target("offers", take_offer, offers, is_text=True),
            Target("answers", take_answer, answers, is_text=True),
            Target("playback", take_playback, offers, is_text=True),
            Target("fragments", take_fragment, [FRAGMENT], is_text=True),
        ]

    def _tell(self, party: Publisher | Subscriber, data: bytes) -> None:
        party.receive_rtcp(rtcp.parse_compound(data), self.port.now())
        self.port.engine.flush()

    def _media(self, data: bytes) -> None:
        self.ahead_s += PACKET_S
        self.publisher.receive_rtp(data, self.port.now() + self.ahead_s)
        self.port.engine.flush()

    def _run(self, data: bytes) -> None:
        """The next packet of a picture from the network, protected: the core reads it first."""
        layer = self.publisher._streams.layer_of(LOW)
        if layer is None or len(data) < HEADER_BYTES:
            raise ValueError("no stream to go on with")
        sequence = (layer.reception.highest or 0) + 1
        head = data[:2] + pack("!H", sequence & 0xFFFF) + data[4:8] + pack("!L", LOW)
        try:
            self.sender.peer.send_rtp(head + data[HEADER_BYTES:])
        except pylibsrtp.Error:
            raise ValueError("nobody can protect it") from None
        self.ahead_s += PACKET_S
        self.port.now, now = (lambda: now() + self.ahead_s), self.port.now
        try:
            for index, item in enumerate(self.port._sockets):
                self.port._drain(index, item)
        finally:
            self.port.now = now

    def datagrams(self) -> list[bytes]:
        check = self.sender.peer.check_request()
        hello = bytes([22, 0xFE, 0xFD]) + bytes(8) + b"\x00\x60\x01" + bytes(0x5F)
        return [check, hello, *self.media()[:3], *self.compounds()[:3], b"\x00" * 20, b"\xff"]

    def media(self) -> list[bytes]:
        sequence = self.sender.sequences[LOW] & 0xFFFF
        red = build_red(111, b"now", [Copy(1_920, b"then"), Copy(960, b"before")])
        made = [
            rtp(ssrc=VOICE, sequence=9, timestamp=960, payload_type=111, payload=b"voice",
                extensions={1: b"0", 2: b"\x1e"}),
            rtp(ssrc=VOICE, sequence=11, timestamp=2_880, payload_type=63, payload=red,
                extensions={1: b"0", 2: b"\x1e"}),
            rtp(ssrc=LOW, sequence=sequence, timestamp=3_000, payload_type=96, marker=True,
                payload=vp8(picture=7, tl0=3), extensions={1: b"1", 3: b"l"}),
            rtp(ssrc=LOW, sequence=sequence + 3, timestamp=6_000, payload_type=96,
                payload=vp8(picture=8, tl0=4, key=True), extensions={1: b"1", 3: b"l"}),
            rtp(ssrc=LOW + 1, sequence=5, timestamp=3_000, payload_type=97,
                payload=pack("!H", sequence + 1) + vp8(picture=7), extensions={1: b"1", 4: b"l"}),
        ]  # fmt: skip
        two_byte = bytearray(made[0])
        two_byte[12:14] = b"\x10\x00"
        return [*made, bytes(two_byte)]

    def compounds(self) -> list[bytes]:
        ssrc = next(iter(self.subscriber._by_ssrc))
        arrivals = ArrivalRecorder()
        for number in (1, 2, 3, 9, 10, 40):
            arrivals.record(number, 1_000_000 + number * 900)
        block = rtcp.ReportBlock(ssrc, 12, 3, 100, 9, 77, 88)
        return [
            rtcp.build_sr(rtcp.SenderReport(VOICE, 1 << 40, 960, 5, 99))
            + rtcp.build_sdes([VOICE], "name"),
            rtcp.build_rr(1, [block, block]),
            rtcp.build_nack(1, ssrc, [5, 6, 9, 40, 65_535]),
            rtcp.build_pli(1, ssrc)
            + rtcp.build_packet(rtcp.PSFB, rtcp.FMT_FIR, pack("!LLLL", 1, 0, ssrc, 1 << 24)),
            rtcp.build_packet(
                rtcp.PSFB, rtcp.FMT_APP, pack("!LL4sLL", 1, 0, b"REMB", 0x01_12_34_56, ssrc)
            ),
            rtcp.build_packet(rtcp.XR, 0, pack("!LBBHLLL", 1, 5, 0, 3, ssrc, 77, 88)),
            *arrivals.flush(1, ssrc),
        ]

    async def assert_served(self) -> None:
        """Members in order see and hear each other, and everybody's checks are answered."""
        peers = (self.sender.peer, self.viewer, self.honest.peer, self.witness)
        for peer in peers:
            await peer.check()
            for heap in (peer.rtp, peer.rtcp, peer.replies):
                heap.clear()
        deadline = time.monotonic() + SERVED_WITHIN_S
        while not (headers(self.witness, 96) and headers(self.witness, 111)):
            if time.monotonic() > deadline:
                raise AssertionError(f"the hub no longer serves: {self.hall.slots('c')}")
            self.honest.frame(key=True)
            self.honest.voice()
            await asyncio.sleep(0.02)


FRAGMENT = (
    b"a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
    b"a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n"
)


def take_offer(data: bytes) -> None:
    offer = parse_description(data.decode("utf-8", "surrogateescape"))
    build_answer(offer, agree(offer, CHROMIUM_SOURCES), LOCAL)


def take_answer(data: bytes) -> None:
    read_answer(parse_description(data.decode("utf-8", "surrogateescape")), SLOTS)


def take_playback(data: bytes) -> None:
    offer = parse_description(data.decode("utf-8", "surrogateescape"))
    lines = agree_playback(offer, {"audio": 3, "video": 1})
    slots = [OfferedSlot(line.mid, line.kind, 1, 2) for line in lines]
    build_playback(offer, lines, slots, LOCAL, "name")


def take_fragment(data: bytes) -> None:
    parse_fragment(data.decode("utf-8", "surrogateescape"))


def _frames(packets: Sequence[bytes]) -> bytes:
    return b"".join(pack("!H", len(packet)) + packet for packet in packets if len(packet) >= 12)


def memory_kib() -> int:
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


async def run(count: int, seed: int) -> tuple[Outcome, list[int]]:
    outcome, mutator = Outcome(), Mutator(seed)
    memory: list[int] = []
    async with open_hall() as hall:
        sender = await hall.sender("a", rids=("l",), red=True)
        viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
        sender.frame(key=True)
        sender.voice()
        await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
        await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "somebody looks")
        honest = await hall.sender("d", rids=("l",))
        witness = await hall.receiver("c", [Tile("d", "camera", 180)])
        siege = Siege(hall, sender, viewer, honest, witness)
        await siege.assert_served()
        targets = siege.targets()
        turns = [target for target in targets for _ in range(target.share)]
        done = 0
        while done < count:
            for _ in range(min(ROUND, count - done)):
                target = mutator.choose.choice(turns)
                data = mutator.change(target.samples, is_text=target.is_text)
                throw(target, data, outcome)
                done += 1
            await siege.assert_served()
            await asyncio.sleep(0)
            if not memory and done * 10 >= count:
                memory.append(memory_kib())
        memory.append(memory_kib())
        outcome.counts.update(hall.router.stats().bad_datagrams)
    for target in targets:
        print(f"{target.name:20}{target.taken:>10} taken{target.refused:>10} refused")
    return outcome, memory


def throw(target: Target, data: bytes, outcome: Outcome) -> None:
    try:
        target.take(data)
        target.taken += 1
    except (ValueError, BadDescription):
        target.refused += 1
    except Exception:
        outcome.failures.append(Failure(target.name, data, traceback.format_exc()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    began = time.monotonic()
    outcome, memory = asyncio.run(run(wanted.count, wanted.seed))
    grown = memory[-1] - memory[0]
    exceptions = outcome.counts["exception"]
    for failure in outcome.failures[:5]:
        print(f"\n{failure.target}: {failure.data[:80].hex()}\n{failure.text}")
    if outcome.failures:
        Path(f"fuzz-{wanted.seed}.bin").write_bytes(outcome.failures[0].data)
    print(
        f"fuzz: {wanted.count} in {time.monotonic() - began:.0f} s, failures"
        f" {len(outcome.failures) + exceptions}, memory {memory[0]} -> {memory[-1]} KiB"
    )
    return int(bool(outcome.failures) or exceptions > 0 or grown > MEMORY_SLACK_KIB)


if __name__ == "__main__":
    sys.exit(main())
