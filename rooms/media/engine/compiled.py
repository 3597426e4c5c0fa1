"""The compiled core behind the engine's interface. See native/core.h."""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rooms.media.bandwidth.arrivals import Span, Told
from rooms.media.bandwidth.delay_trend import LineState
from rooms.media.bandwidth.wide_feedback import PacketResult
from rooms.media.engine.batch import NativeBatch
from rooms.media.engine.interface import (
    Address,
    HeaderShape,
    SentCounts,
    SentPacket,
    Sink,
    StreamStart,
    StreamState,
)
from rooms.media.engine.srtp import PROTECT_ADDRESS, UNPROTECT_ADDRESS, SrtpSession
from rooms.media.native import digest
from rooms.media.rtp.packet import MediaPacket
from rooms.media.rtp.rtcp import PAIR_BYTES

logger = logging.getLogger(__name__)

# Socket addresses are turned into Python's once; more than this many strangers in between
# begin the memory anew.
MAX_ADDRESSES = 20_000
# What the core declares, one function a line.
HEADER = Path(__file__).parent.parent / "native" / "core.h"
# As the core numbers them.
TRENDS: tuple[LineState, ...] = ("normal", "over", "under")
NO_SPAN: Span = (0.0, -1.0)


def load() -> tuple[Any, Any] | None:
    """The compiled module's (ffi, lib), or None where it was not built for this Python, or with
    another header."""
    try:
        from rooms.media.native import _core  # type: ignore[attr-defined, unused-ignore]
    except ImportError:
        return None
    said = getattr(_core.lib, "core_digest", None)
    if said is None or _core.ffi.string(said()).decode() != digest(HEADER.read_text("utf-8")):
        logger.warning("the forwarding core is of another version: compile it anew (make run)")
        return None
    return _core.ffi, _core.lib


class NativeEngine:
    """Owns the C core. Its parts keep it alive, so the order of collection does not matter."""

    name = "native"

    def __init__(self, ffi: Any, lib: Any) -> None:
        self.ffi, self.lib = ffi, lib
        functions = (ffi.cast("void *", at) for at in (PROTECT_ADDRESS, UNPROTECT_ADDRESS))
        self.core = _owned(ffi, lib.core_new(*functions), lib.core_free)
        self.tapped: set[NativePeer] = set()  # those with a sink; few, and often none
        self._addresses: dict[bytes, Address] = {}
        self._batch = NativeBatch(self)

    def peer(self) -> NativePeer:
        return NativePeer(self)

    def stream(self, peer: NativePeer, start: StreamStart, *, keeps_packets: bool) -> NativeStream:
        return NativeStream(self, peer, start, keeps_packets)

    def fan(self) -> NativeFan:
        return NativeFan(self)

    def flush(self) -> None:
        self.lib.core_flush(self.core)
        if self.tapped:
            for peer in tuple(self.tapped):
                peer.empty_tap()

    def receive(self, sock: socket.socket, limit: int) -> NativeBatch:
        count = self.lib.core_receive(self.core, sock.fileno(), limit)
        if count < 0:
            error = OSError(-count, "recvmmsg")
            if not isinstance(error, BlockingIOError | InterruptedError):
                raise error
        self._batch.read(max(0, count))
        return self._batch

    def counts(self) -> SentCounts:
        found = self.lib.core_count(self.core)
        return SentCounts(
            found.datagrams_out,
            found.bytes_out,
            found.send_drops,
            found.send_errors,
            found.refused,
            found.too_long,
        )

    def address(self, raw: bytes) -> Address:
        known = self._addresses.get(raw)
        if known is None:
            if len(self._addresses) >= MAX_ADDRESSES:
                self._addresses.clear()
            known = self._addresses[raw] = unpack_address(raw)
        return known


class NativePeer:
    def __init__(self, engine: NativeEngine) -> None:
        self.engine = engine
        self._lib = engine.lib
        self._srtp: SrtpSession | None = None
        self._sink: Sink | None = None
        self.c = _owned(engine.ffi, engine.lib.peer_new(engine.core), engine.lib.peer_free)
        self._at = engine.ffi.new("int64_t *")
        self._size = engine.ffi.new("int *")

    def set_keys(self, srtp: SrtpSession | None) -> None:
        address = srtp.tx_address if srtp is not None else 0
        self._lib.peer_set_keys(self.c, self.engine.ffi.cast("void *", address))
        self._srtp = srtp  # keeps the keys alive as long as the core may use them

    def set_path(self, sock: socket.socket | None, address: Address) -> None:
        self._tap(None)
        raw = pack_address(sock.family, address) if sock is not None else b""
        self._lib.peer_set_path(self.c, sock.fileno() if sock is not None else -1, raw, len(raw))

    def set_sink(self, sink: Sink) -> None:
        self._lib.peer_set_path(self.c, -1, b"", 0)
        self._tap(sink)

    def empty_tap(self) -> None:
        """Give the sink what waits for it."""
        size = self._lib.peer_tapped(self.c)
        if not size:
            return
        data = bytes(self.engine.ffi.buffer(self._lib.peer_tap_bytes(self.c), size))
        self._lib.peer_empty_tap(self.c)
        if self._sink is not None:
            self._sink(list(split_tap(data)))

    def _tap(self, sink: Sink | None) -> None:
        self.empty_tap()
        if not self._lib.peer_tap(self.c, sink is not None):
            raise MemoryError
        self._sink = sink
        if sink is None:
            self.engine.tapped.discard(self)
        else:
            self.engine.tapped.add(self)

    @property
    def sent_bytes(self) -> int:
        return int(self._lib.peer_sent_bytes(self.c))

    def sent(self, wide_sequence: int) -> SentPacket | None:
        if not self._lib.peer_sent(self.c, wide_sequence, self._at, self._size):
            return None
        return SentPacket(self._at[0] / 1e6, self._size[0])

    def arrivals(self) -> NativeArrivals:
        return NativeArrivals(self)


class NativeArrivals:
    def __init__(self, peer: NativePeer) -> None:
        ffi, self._lib = peer.engine.ffi, peer.engine.lib
        self._ffi, self._peer = ffi, peer  # the peer's memory is read
        self._c = _owned(ffi, self._lib.arrivals_new(peer.c), self._lib.arrivals_free)
        self._told = ffi.new("told *")

    def read(self, body: bytes, probe: Span | None = None) -> Told:
        told = self._told
        since, until = probe or NO_SPAN
        if not self._lib.arrivals_read(self._c, body, len(body), since, until, told):
            raise ValueError("transport feedback is malformed")
        return Told(
            told.packets,
            told.fresh,
            told.lost,
            told.delay_s,
            told.sure_s,
            told.sent_until,
            bool(told.is_over),
            TRENDS[told.trend],
            None if told.rate_bps < 0 else told.rate_bps,
            None if told.short_bps < 0 else told.short_bps,
            self._probed(told.probed) if told.probed else (),
        )

    def _probed(self, count: int) -> list[PacketResult]:
        found = self._lib.arrivals_probed(self._c)
        return [
            PacketResult(
                one.sent_at, one.size, one.arrived_at if one.arrived else None, bool(one.was_lost)
            )
            for one in self._ffi.unpack(found, count)
        ]


class NativeStream:
    def __init__(
        self, engine: NativeEngine, peer: NativePeer, start: StreamStart, keeps_packets: bool
    ) -> None:
        self._engine, self._lib, self._peer = engine, engine.lib, peer
        made = self._lib.stream_new(engine.core, peer.c, int(keeps_packets))
        self.c = _owned(engine.ffi, made, self._lib.stream_free)
        self._repair_sequence = start.repair_sequence
        self._state = engine.ffi.new("stream_state *")
        self._packet = engine.ffi.new("media_packet *")
        self._lib.stream_begin(self.c, start.sequence, start.timestamp, start.picture, start.tl0)
        self._lib.stream_number_repair(self.c, start.repair_sequence)

    def shape(self, media: HeaderShape | None, repair: HeaderShape | None) -> None:
        self._lib.stream_shape(self.c, self._shape(media))
        self._lib.stream_shape_repair(self.c, self._shape(repair))

    def switch(self, packet: MediaPacket, elapsed_ticks: int) -> None:
        filled = fill_packet(self._engine.ffi, self._packet, packet)
        self._lib.stream_switch(self.c, filled[0], elapsed_ticks)

    def limit_temporal(self, temporal: int) -> None:
        self._lib.stream_limit_temporal(self.c, temporal)

    def retransmit(self, asked: bytes, most: int, now: float) -> int:
        pairs = len(asked) // PAIR_BYTES
        return int(self._lib.stream_retransmit(self.c, asked, pairs, most, int(now * 1e6)))

    def probe(self, padding: int, now: float) -> bool:
        return bool(self._lib.stream_probe(self.c, padding, int(now * 1e6)))

    def forget_packets(self) -> None:
        self._lib.stream_forget_packets(self.c)

    def state(self) -> StreamState:
        state = self._state
        self._lib.stream_read(self.c, state)
        return StreamState(
            state.packets,
            state.payload_bytes,
            state.retransmitted,
            None if state.sent_us < 0 else state.sent_us / 1e6,
            state.source_timestamp,
            state.last_sequence,
            state.last_timestamp,
            state.timestamp_offset,
        )

    def _shape(self, shape: HeaderShape | None) -> Any:
        made = self._engine.ffi.new("header_shape *")
        if shape is not None:
            self._engine.ffi.memmove(made.bytes, shape.template, len(shape.template))
            made.size = len(shape.template)
            made.payload_type = shape.payload_type
            made.ssrc = shape.ssrc
            made.send_time_at = shape.send_time_at
            made.level_at = shape.level_at
            made.wide_at = shape.wide_at
        return made


class NativeFan:
    def __init__(self, engine: NativeEngine) -> None:
        self._engine, self._lib = engine, engine.lib
        self.c = _owned(engine.ffi, self._lib.fan_new(engine.core), self._lib.fan_free)
        self._streams: list[NativeStream] = []  # alive as long as the core may feed them
        self._packet = engine.ffi.new("media_packet *")

    def __len__(self) -> int:
        return len(self._streams)

    def add(self, stream: NativeStream) -> None:
        if not self._lib.fan_add(self.c, stream.c):
            raise MemoryError
        self._streams.append(stream)

    def remove(self, stream: NativeStream) -> None:
        if stream in self._streams:
            self._lib.fan_remove(self.c, stream.c)
            self._streams.remove(stream)

    def forward(self, packet: MediaPacket, now: float) -> None:
        if self._streams:
            filled = fill_packet(self._engine.ffi, self._packet, packet)
            self._lib.fan_forward(self.c, filled[0], int(now * 1e6))

    def drop(self, packet: MediaPacket) -> None:
        if self._streams:
            filled = fill_packet(self._engine.ffi, self._packet, packet)
            self._lib.fan_drop(self.c, filled[0])


def fill_packet(ffi: Any, out: Any, packet: MediaPacket) -> tuple[Any, Any]:
    """The packet as the core reads it, and what must stay alive until the core returns."""
    payload = ffi.from_buffer("uint8_t[]", packet.payload)
    out.payload = payload
    out.length = len(packet.payload)
    out.sequence = packet.sequence
    out.timestamp = packet.timestamp
    out.marker = packet.marker
    out.level = packet.level
    vp8 = packet.vp8
    if vp8 is None:
        out.descriptor_size = 0
        out.temporal = -1
        return out, payload
    out.first = vp8.first
    out.descriptor_size = vp8.size
    out.picture_bits = vp8.picture_bits
    out.picture_id = -1 if vp8.picture_id is None else vp8.picture_id
    out.tl0_index = -1 if vp8.tl0_index is None else vp8.tl0_index
    out.temporal = -1 if vp8.temporal is None else vp8.temporal
    out.key_index = -1 if vp8.key_index is None else vp8.key_index
    out.layer_sync = vp8.layer_sync
    out.starts_frame = vp8.starts_frame
    return out, payload


def split_tap(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Packets, each with whether it is of a picture: a length, a flag and the packet in turn."""
    at = 0
    while at < len(data):
        size, is_picture = struct.unpack_from("!HB", data, at)
        yield data[at + 3 : at + 3 + size], bool(is_picture)
        at += 3 + size


def pack_address(family: int, address: Address) -> bytes:
    """A sockaddr_in or sockaddr_in6 of Linux."""
    head = struct.pack("=H", family) + struct.pack("!H", address[1])
    if family == socket.AF_INET:
        return head + socket.inet_aton(address[0]) + bytes(8)
    flow, scope = (*address[2:], 0, 0)[:2]
    host = socket.inet_pton(socket.AF_INET6, address[0].split("%")[0])
    return head + struct.pack("!I", flow) + host + struct.pack("=I", scope)


def unpack_address(raw: bytes) -> Address:
    """As Python's own recvfrom gives it."""
    (family,), (port,) = struct.unpack_from("=H", raw), struct.unpack_from("!H", raw, 2)
    if family == socket.AF_INET:
        return (socket.inet_ntoa(raw[4:8]), port)
    (flow,), (scope,) = struct.unpack_from("!I", raw, 4), struct.unpack_from("=I", raw, 24)
    return (socket.inet_ntop(socket.AF_INET6, raw[8:24]), port, flow, scope)


def _owned(ffi: Any, made: Any, free: Any) -> Any:
    if made == ffi.NULL:
        raise MemoryError
    return ffi.gc(made, free)
