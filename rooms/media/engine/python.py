"""The forwarding engine in Python: what runs where the compiled core was not built."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterable
from struct import Struct

from rooms.media.bandwidth.arrivals import Arrivals
from rooms.media.engine.batch import PlainBatch
from rooms.media.engine.cache import KeptPacket, PacketCache
from rooms.media.engine.interface import (
    ALL_TEMPORAL,
    MAX_PADDING,
    MAX_PLAIN_BYTES,
    MAX_TAPPED_BYTES,
    MOST_WAIT_S,
    SO_TIMESTAMPNS,
    Address,
    Datagram,
    HeaderShape,
    SentCounts,
    SentPacket,
    Sink,
    StreamStart,
    StreamState,
)
from rooms.media.engine.rewriter import Rewriter
from rooms.media.engine.srtp import PacketBuffer, SrtpError, SrtpSession
from rooms.media.rtp.packet import HEADER, MediaPacket, abs_send_time
from rooms.media.rtp.rtcp import numbers_of

logger = logging.getLogger(__name__)

MAX_DATAGRAM_BYTES = 2048
# Room for one note of the kernel's: when a datagram came (a header and a struct timespec).
NOTES_BYTES = 64
TIMESPEC = Struct("@ll")
# As many packets as the compiled core remembers for transport-wide feedback: a second of a
# fast line, several round trips of a slow one.
SENT_PACKETS = 2048


class PythonEngine:
    """Sends each packet as it comes. `buffer` is shared with the RTCP of all transports."""

    name = "python"

    def __init__(self, buffer: PacketBuffer) -> None:
        self.buffer = buffer
        self.datagrams = self.bytes = self.drops = self.errors = self.refused = self.too_long = 0
        self.tapped: list[PythonPeer] = []

    def peer(self) -> PythonPeer:
        return PythonPeer(self)

    def stream(self, peer: PythonPeer, start: StreamStart, *, keeps_packets: bool) -> PythonStream:
        return PythonStream(self, peer, start, keeps_packets)

    def fan(self) -> PythonFan:
        return PythonFan()

    def flush(self) -> None:
        """Nothing waits here but what sinks take."""
        tapped, self.tapped = self.tapped, []
        for peer in tapped:
            peer.empty_tap()

    def receive(self, sock: socket.socket, limit: int) -> PlainBatch:
        found: list[Datagram] = []
        while len(found) < limit:
            try:
                data, notes, _flags, address = sock.recvmsg(MAX_DATAGRAM_BYTES, NOTES_BYTES)
            except (BlockingIOError, InterruptedError):
                break
            found.append(Datagram(data, address, _waited_s(notes)))
        return PlainBatch(found)

    def counts(self) -> SentCounts:
        return SentCounts(
            self.datagrams, self.bytes, self.drops, self.errors, self.refused, self.too_long
        )


class PythonPeer:
    def __init__(self, engine: PythonEngine) -> None:
        self._engine = engine
        self._srtp: SrtpSession | None = None
        self._socket: socket.socket | None = None
        self._address: Address = ()
        self._sink: Sink | None = None
        self._tap: list[tuple[bytes, bool]] = []
        self._tapped_bytes = 0
        self.sent_bytes = 0
        self._wide = 0
        self._sent: list[tuple[int, SentPacket] | None] = [None] * SENT_PACKETS

    def set_keys(self, srtp: SrtpSession | None) -> None:
        self._srtp = srtp

    def set_path(self, sock: socket.socket | None, address: Address) -> None:
        self.empty_tap()
        self._socket, self._address, self._sink = sock, address, None

    def set_sink(self, sink: Sink) -> None:
        self.empty_tap()
        self._socket, self._sink = None, sink

    def empty_tap(self) -> None:
        """Give the sink what waits for it."""
        packets, self._tap, self._tapped_bytes = self._tap, [], 0
        if packets and self._sink is not None:
            self._sink(packets)

    @property
    def can_send(self) -> bool:
        return self._srtp is not None and (self._socket is not None or self._sink is not None)

    def sent(self, wide_sequence: int) -> SentPacket | None:
        entry = self._sent[wide_sequence % SENT_PACKETS]
        return entry[1] if entry is not None and entry[0] == wide_sequence else None

    def arrivals(self) -> Arrivals:
        return Arrivals(self.sent)

    def send(self, length: int, shape: HeaderShape, now: float, *, is_picture: bool) -> bool:
        """Protect and send what stands in the engine's buffer."""
        engine, srtp, sock = self._engine, self._srtp, self._socket
        if srtp is None or not self.can_send:
            return False
        if shape.wide_at:
            engine.buffer.view[shape.wide_at] = self._wide >> 8
            engine.buffer.view[shape.wide_at + 1] = self._wide & 0xFF
        try:
            data = srtp.protect(length)
        except SrtpError:
            engine.refused += 1
            return False
        self.sent_bytes += len(data)
        if shape.wide_at:
            self._sent[self._wide % SENT_PACKETS] = (self._wide, SentPacket(now, len(data)))
            self._wide = (self._wide + 1) & 0xFFFF
        if sock is None:
            self._put_in_tap(bytes(data), is_picture)
            return True
        try:
            sock.sendto(data, self._address)
        except BlockingIOError:
            engine.drops += 1
        except OSError:
            # No route, a firewall's refusal: the peer's consent will run out and say so.
            engine.errors += 1
        else:
            engine.datagrams += 1
            engine.bytes += len(data)
        return True

    def _put_in_tap(self, packet: bytes, is_picture: bool) -> None:
        if self._tapped_bytes + len(packet) > MAX_TAPPED_BYTES:
            self._engine.drops += 1
            return
        if not self._tap:
            self._engine.tapped.append(self)
        self._tap.append((packet, is_picture))
        self._tapped_bytes += len(packet)


class PythonStream:
    def __init__(
        self, engine: PythonEngine, peer: PythonPeer, start: StreamStart, keeps_packets: bool
    ) -> None:
        self._engine = engine
        self._peer = peer
        self._media: HeaderShape | None = None
        self._repair: HeaderShape | None = None
        self._repair_sequence = start.repair_sequence
        self._numbers = Rewriter(start.sequence, start.timestamp, start.picture, start.tl0)
        self._cache = PacketCache() if keeps_packets else None
        self._limit = self._wanted = ALL_TEMPORAL
        self._packets = self._payload_bytes = self._retransmitted = 0
        self._sent_at: float | None = None
        self._source_timestamp = 0

    def shape(self, media: HeaderShape | None, repair: HeaderShape | None) -> None:
        self._media, self._repair = media, repair

    def switch(self, packet: MediaPacket, elapsed_ticks: int) -> None:
        self._limit = self._wanted  # a key frame needs nothing before it
        self._numbers.switch(packet.sequence, packet.timestamp, elapsed_ticks, packet.vp8)

    def limit_temporal(self, temporal: int) -> None:
        self._wanted = temporal

    def forward(self, packet: MediaPacket, now: float) -> bool:
        """Called by the fan for each packet."""
        media = self._media
        if media is None:
            return False
        if not self._peer.can_send:
            # It takes no number: the next that is sent would be too far ahead.
            self._numbers.pass_over(packet.sequence)
            return False
        if self._leaves_out(packet):
            self.drop(packet)
            return False
        size = len(packet.payload)
        if packet.vp8 is not None:
            size += packet.vp8.rewritten_size - packet.vp8.size
        is_too_long = len(media.template) + size > MAX_PLAIN_BYTES
        if is_too_long or not self._numbers.knows_picture(packet.vp8):
            self._engine.too_long += is_too_long
            self._numbers.drop(packet.sequence)
            return False
        out = self._numbers.rewrite(packet.sequence, packet.timestamp, packet.vp8)
        if out is None:
            return False
        kept = KeptPacket(
            out.sequence, out.timestamp, packet.marker, out.head, out.skip, packet.payload
        )
        if not self._write(media, out.sequence, kept, packet.level, out.head, now):
            return False
        self._numbers.sent(out)
        self._source_timestamp = packet.timestamp
        self._packets += 1
        self._payload_bytes += size
        self._sent_at = now
        if self._cache is not None:
            self._cache.store(kept)
        return True

    def drop(self, packet: MediaPacket) -> None:
        self._numbers.drop(packet.sequence, packet.vp8)

    def retransmit(self, asked: bytes, most: int, now: float) -> int:
        sent = 0
        for sequence in numbers_of(asked):
            if sent >= most:
                break
            sent += self._repeat(sequence, now)
        return sent

    def _repeat(self, sequence: int, now: float) -> bool:
        repair = self._repair
        if repair is None or self._cache is None or not self._peer.can_send:
            return False
        kept = self._cache.find(sequence, now)
        if kept is None:
            return False
        head = kept.sequence.to_bytes(2, "big") + kept.head
        if len(repair.template) + len(head) + len(kept.payload) - kept.skip > MAX_PLAIN_BYTES:
            self._engine.too_long += 1
            return False
        is_sent = self._write(repair, self._next_repair(), kept, 127, head, now)
        self._retransmitted += is_sent
        return is_sent

    def probe(self, padding: int, now: float) -> bool:
        """Padding alone, on the repair stream, to see what the line carries."""
        repair = self._repair
        if repair is None or not 0 < padding <= MAX_PADDING or not self._peer.can_send:
            return False
        timestamp = self._numbers.last_timestamp
        view = self._engine.buffer.view
        at = write_header(view, repair, self._next_repair(), timestamp, 0, 127, now)
        view[0] |= 0x20
        view[at : at + padding] = bytes(padding - 1) + bytes([padding])
        return self._peer.send(at + padding, repair, now, is_picture=True)

    def forget_packets(self) -> None:
        if self._cache is not None:
            self._cache.clear()

    def state(self) -> StreamState:
        numbers = self._numbers
        return StreamState(
            self._packets,
            self._payload_bytes,
            self._retransmitted,
            self._sent_at,
            self._source_timestamp,
            numbers.last_sequence,
            numbers.last_timestamp,
            numbers.timestamp_offset & 0xFFFFFFFF,
        )

    def _leaves_out(self, packet: MediaPacket) -> bool:
        """Whether its temporal layer is not sent now. Limits change where a frame begins: down
        at once, up where the frame needs only what was sent (RFC 7741, the Y bit)."""
        vp8 = packet.vp8
        if vp8 is None or vp8.temporal is None:
            return False
        if vp8.starts_frame:
            if self._wanted < self._limit:
                self._limit = self._wanted
            elif self._limit < vp8.temporal <= self._wanted and vp8.layer_sync:
                self._limit = vp8.temporal
        return vp8.temporal > self._limit

    def _next_repair(self) -> int:
        self._repair_sequence = (self._repair_sequence + 1) & 0xFFFF
        return self._repair_sequence

    def _write(
        self,
        shape: HeaderShape,
        sequence: int,
        kept: KeptPacket,
        level: int,
        head: bytes,
        now: float,
    ) -> bool:
        view = self._engine.buffer.view
        at = write_header(view, shape, sequence, kept.timestamp, kept.marker, level, now)
        view[at : at + len(head)] = head
        at += len(head)
        end = at + len(kept.payload) - kept.skip
        view[at:end] = kept.payload[kept.skip :] if kept.skip else kept.payload
        return self._peer.send(end, shape, now, is_picture=self._cache is not None)


class PythonFan:
    def __init__(self) -> None:
        self._streams: list[PythonStream] = []

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: PythonStream) -> None:
        self._streams.append(stream)

    def remove(self, stream: PythonStream) -> None:
        if stream in self._streams:
            self._streams.remove(stream)

    def forward(self, packet: MediaPacket, now: float) -> None:
        for stream in self._streams:
            try:
                stream.forward(packet, now)
            except Exception:  # one receiver's trouble is not the others'
                logger.exception("a packet was not forwarded")

    def drop(self, packet: MediaPacket) -> None:
        for stream in self._streams:
            stream.drop(packet)


def _waited_s(notes: Iterable[tuple[int, int, bytes]]) -> float:
    """See Datagram."""
    for level, kind, note in notes:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(note) == TIMESPEC.size:
            seconds, nanoseconds = TIMESPEC.unpack(note)
            waited_s = (time.time_ns() - seconds * 1_000_000_000 - nanoseconds) / 1e9
            return waited_s if 0 < waited_s <= MOST_WAIT_S else 0.0
    return 0.0


def write_header(
    out: memoryview,
    shape: HeaderShape,
    sequence: int,
    timestamp: int,
    marker: int,
    level: int,
    now: float,
) -> int:
    """Write the header at the start of `out`; returns where the payload begins."""
    template = shape.template
    size = len(template)
    out[:size] = template
    second = marker << 7 | shape.payload_type
    HEADER.pack_into(out, 0, template[0], second, sequence, timestamp, shape.ssrc)
    at = shape.send_time_at
    if at:
        out[at : at + 3] = abs_send_time(now).to_bytes(3, "big")
    if shape.level_at:
        out[shape.level_at] = level
    return size
