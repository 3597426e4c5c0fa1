"""What forwards packets: one interface, two engines.

`engine_native` is the compiled core and what a busy hub runs; `engine_python` says the same in
Python, for machines without a compiler. Both are held to the same tests. Nothing here waits:
packets that do not fit into the kernel's buffer are dropped and counted.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from rooms.media.bandwidth.arrivals import ArrivalReader
from rooms.media.engine.srtp import SrtpSession
from rooms.media.rtp.packet import EXTENSION_HEADER, HEADER_BYTES, ONE_BYTE_PROFILE, MediaPacket

if TYPE_CHECKING:
    from rooms.media.engine.batch import Batch

Address = tuple[Any, ...]  # a socket address as Python has it

# Makes the kernel note when each datagram came; Python's socket does not name it (socket(7), and
# asm-generic/socket.h for the number).
SO_TIMESTAMPNS = 35
# A kernel's note of when a datagram came is by the clock of the day. A difference of more than this
# says that the clock was set, not that a datagram lay for so long.
MOST_WAIT_S = 1.0

# A temporal layer that no stream has: nothing is left out.
ALL_TEMPORAL = 7
# The largest packet an engine sends, before protection: what an Ethernet frame carries over UDP.
MAX_PLAIN_BYTES = 1472
# The largest padding of a probe: its length is one octet (RFC 3550 section 5.1).
MAX_PADDING = 224


@dataclass(frozen=True, slots=True)
class HeaderShape:
    """The header of one outgoing stream: `template` with places to patch, 0 for none."""

    ssrc: int
    payload_type: int
    template: bytes
    send_time_at: int = 0
    level_at: int = 0
    wide_at: int = 0


def shape_header(
    ssrc: int,
    payload_type: int,
    mid: str,
    *,
    mid_id: int = 0,
    send_time_id: int = 0,
    level_id: int = 0,
    wide_id: int = 0,
) -> HeaderShape:
    """The shape with these one-byte extensions (RFC 8285); an id of 0 leaves one out."""
    block = bytearray()
    places = dict.fromkeys(("send_time_at", "level_at", "wide_at"), 0)
    for name, number, size in (
        ("send_time_at", send_time_id, 3),
        ("wide_at", wide_id, 2),
        ("level_at", level_id, 1),
    ):
        if number:
            places[name] = HEADER_BYTES + EXTENSION_HEADER.size + len(block) + 1
            block += bytes([number << 4 | (size - 1)]) + bytes(size)
    if mid_id:
        value = mid.encode("ascii")
        block += bytes([mid_id << 4 | (len(value) - 1)]) + value
    block += bytes(-len(block) % 4)
    head = bytearray(HEADER_BYTES)
    head[0] = 0x90 if block else 0x80
    if block:
        head += EXTENSION_HEADER.pack(ONE_BYTE_PROFILE, len(block) // 4) + block
    return HeaderShape(ssrc, payload_type, bytes(head), **places)


class StreamStart(NamedTuple):
    """Numbers to start after; random ones in production."""

    sequence: int
    timestamp: int
    picture: int
    tl0: int
    repair_sequence: int = 0


class StreamState(NamedTuple):
    """What a stream has sent, and the numbers it goes on from."""

    packets: int = 0
    payload_bytes: int = 0
    retransmitted: int = 0
    sent_at: float | None = None  # monotonic seconds
    source_timestamp: int = 0  # of the packet forwarded last
    last_sequence: int = 0
    last_timestamp: int = 0
    timestamp_offset: int = 0  # what is added to the present source's timestamps


class SentCounts(NamedTuple):
    """Cumulative. `refused` by libsrtp; `too_long` for one datagram."""

    datagrams: int = 0
    bytes: int = 0
    drops: int = 0
    errors: int = 0
    refused: int = 0
    too_long: int = 0


class Datagram(NamedTuple):
    """What came from a socket. `waited_s`: how long it lay there before it was read, because the
    machine was busy elsewhere; 0 where the kernel does not say."""

    data: bytes
    address: Address
    waited_s: float = 0.0


class SentPacket(NamedTuple):
    """One entry of a peer's memory of what it was sent, by transport-wide sequence."""

    at: float  # monotonic seconds
    size: int  # bytes, protection included


# Takes packets as they are to be written, each with whether it is of a picture.
Sink = Callable[[Sequence[tuple[bytes, bool]]], None]
# What a sink's peer holds until the flush: a drain of the port, all of it for this peer. What
# does not fit is dropped and counted.
MAX_TAPPED_BYTES = 128 * 1024


class Peer(Protocol):
    """Where streams go: the keys and the address of one receive connection."""

    def set_keys(self, srtp: SrtpSession | None) -> None: ...
    def set_path(self, sock: socket.socket | None, address: Address) -> None:
        """Send by this UDP socket from now on; without one, nowhere."""

    def set_sink(self, sink: Sink) -> None:
        """Hand packets to `sink` at each flush, in place of a path: for what is no UDP."""

    @property
    def sent_bytes(self) -> int:
        """RTP bytes sent, protection included."""

    def sent(self, wide_sequence: int) -> SentPacket | None:
        """The packet with this transport-wide number, while it is remembered."""

    def arrivals(self) -> ArrivalReader:
        """A new reader of what the receiver tells; one at a time for each peer."""


class Stream(Protocol):
    """One outgoing stream: continuous numbers whatever it is fed (see rewriter.py)."""

    def shape(self, media: HeaderShape | None, repair: HeaderShape | None) -> None:
        """How it is written from now on; None: the receiver does not take it."""

    def switch(self, packet: MediaPacket, elapsed_ticks: int) -> None:
        """Go on with a source whose first packet is this one."""

    def limit_temporal(self, temporal: int) -> None:
        """Leave out temporal layers above this one, from the next frame that allows it."""

    def retransmit(self, asked: bytes, most: int, now: float) -> int:
        """Answer the pairs of a NACK (see rtcp.Nack) on the repair stream (RFC 4588), with at most
        `most` packets; returns how many were sent."""

    def probe(self, padding: int, now: float) -> bool: ...
    def forget_packets(self) -> None: ...
    def state(self) -> StreamState: ...


class Fan(Protocol):
    """The streams that carry one layer now. Each packet goes to all of them."""

    def __len__(self) -> int: ...
    def add(self, stream: Stream) -> None: ...
    def remove(self, stream: Stream) -> None: ...
    def forward(self, packet: MediaPacket, now: float) -> None: ...
    def drop(self, packet: MediaPacket) -> None:
        """The packet carries nothing to forward: numbers after it move up."""


class Engine(Protocol):
    """Makes the parts, reads sockets and empties what waits to be sent.

    What sinks take is not in `counts`: whoever gave the sink counts it.
    """

    name: str

    def peer(self) -> Peer: ...
    def stream(self, peer: Peer, start: StreamStart, *, keeps_packets: bool) -> Stream: ...
    def fan(self) -> Fan: ...
    def flush(self) -> None:
        """Send what waits. Called after each drain of a socket and each tick."""

    def receive(self, sock: socket.socket, limit: int) -> Batch:
        """Datagrams that wait, at most `limit`; OSError but for BlockingIOError passes."""

    def counts(self) -> SentCounts: ...
