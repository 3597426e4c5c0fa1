"""CPU for each packet that leaves: the two engines, and the plain way, in one run.

`python -m benchmarks.fanout`: one camera to 20, 80 and 140 receivers, frames of six packets of
1,100 bytes. The plain way is what stays of aiortc's: a header packed, `Session.protect`, one
`sendto`. Nobody reads the socket at the other end: this is the sender's work alone.
"""

from __future__ import annotations

import secrets
import socket
import statistics
import time
from collections.abc import Callable

from pylibsrtp import Policy, Session

from rooms.media.engine.choice import EngineName, make_engine
from rooms.media.engine.interface import StreamStart, shape_header
from rooms.media.engine.srtp import PacketBuffer, SrtpSession
from rooms.media.rtp.packet import HEADER, MediaPacket
from rooms.media.rtp.vp8 import Vp8Descriptor

RECEIVERS = (20, 80, 140)
PACKETS_IN_FRAME = 6
FRAMES = 200
ROUNDS = 3
# A VP8 descriptor with a 15-bit picture id, TL0PICIDX and temporal layer, and a body behind it.
DESCRIPTOR = bytes([0x90, 0xE0, 0x80, 0x01, 0x01, 0x00])
PAYLOAD = DESCRIPTOR + secrets.token_bytes(1_074)
PROFILE = Policy.SRTP_PROFILE_AEAD_AES_256_GCM

Send = Callable[[int, float], None]


def outbound() -> Session:
    key = secrets.token_bytes(44)
    return Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILE))


def inbound() -> Session:
    key = secrets.token_bytes(44)
    return Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILE))


def engine_sender(name: EngineName, receivers: int, out: socket.socket, to: socket.socket) -> Send:
    buffer = PacketBuffer()
    engine = make_engine(buffer, name)
    fan = engine.fan()
    first = MediaPacket(0, 0, 0, PAYLOAD, Vp8Descriptor(PAYLOAD))
    for ssrc in range(1, receivers + 1):
        peer = engine.peer()
        peer.set_keys(SrtpSession(inbound(), outbound(), "gcm", buffer))
        peer.set_path(out, to.getsockname())
        stream = engine.stream(peer, StreamStart(100, 1000, 5, 5), keeps_packets=True)
        stream.shape(shape_header(ssrc, 96, "v0", mid_id=1, send_time_id=2, wide_id=4), None)
        stream.switch(first, 1)
        fan.add(stream)

    def send(frame: int, now: float) -> None:
        for index in range(PACKETS_IN_FRAME):
            sequence = (frame * PACKETS_IN_FRAME + index) & 0xFFFF
            marker = int(index == PACKETS_IN_FRAME - 1)
            fan.forward(
                MediaPacket(sequence, frame * 3000, marker, PAYLOAD, Vp8Descriptor(PAYLOAD)), now
            )
        engine.flush()

    return send


def plain_sender(receivers: int, out: socket.socket, to: socket.socket) -> Send:
    sessions = [outbound() for _ in range(receivers)]
    address = to.getsockname()

    def send(frame: int, now: float) -> None:
        for index in range(PACKETS_IN_FRAME):
            sequence = (frame * PACKETS_IN_FRAME + index) & 0xFFFF
            for ssrc, session in enumerate(sessions, 1):
                header = HEADER.pack(0x80, 96, sequence, frame * 3000, ssrc)
                out.sendto(session.protect(header + PAYLOAD), address)

    return send


def cost_us(send: Send, receivers: int, first: int) -> float:
    """CPU microseconds for each packet sent, user and system; frames go on from `first`."""
    began = time.process_time()
    for frame in range(first, first + FRAMES):
        send(frame, time.monotonic())
    return (time.process_time() - began) * 1e6 / (FRAMES * PACKETS_IN_FRAME * receivers)


def main() -> None:
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to.bind(("127.0.0.1", 0))
    print(f"{'receivers':>9}  {'native':>7}  {'python':>7}  {'plain':>7}   us of CPU for a packet")
    ratios = []
    for receivers in RECEIVERS:
        senders = {
            "native": engine_sender("native", receivers, out, to),
            "python": engine_sender("python", receivers, out, to),
            "plain": plain_sender(receivers, out, to),
        }
        # Taken in turns, so that what else the machine does falls on all alike.
        costs: dict[str, list[float]] = {name: [] for name in senders}
        for turn in range(ROUNDS):
            for name, send in senders.items():
                costs[name].append(cost_us(send, receivers, turn * FRAMES))
        middle = {name: statistics.median(found) for name, found in costs.items()}
        ratios.append(middle["native"] / middle["plain"])
        print(f"{receivers:>9}" + "".join(f"  {middle[name]:>7.2f}" for name in senders))
    print(f"native/plain cpu per packet: {statistics.geometric_mean(ratios):.2f}")


if __name__ == "__main__":
    main()
