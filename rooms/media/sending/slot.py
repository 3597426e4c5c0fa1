"""One m-line of a receive connection: which source it carries, and from which packet on."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Literal

from confhub.bucket import Rate, TokenBucket
from rooms.media.engine.interface import (
    ALL_TEMPORAL,
    Fan,
    HeaderShape,
    Stream,
    StreamStart,
    shape_header,
)
from rooms.media.receiving.track import Layer
from rooms.media.rtp import rtcp
from rooms.media.rtp.packet import MediaPacket
from rooms.media.rtp.rtcp import ReportBlock, SenderReport
from rooms.media.sdp.capabilities import send_codec
from rooms.media.sdp.offer import AcceptedSlot, OfferedSlot
from rooms.media.source import Kind, SourceKey

# Capture times of two layers that differ by more come from reports that are wrong.
MAX_SWITCH_GAP_S = 10.0

# A viewer whose line loses now and then; what one with a line that always loses gains by more key
# frames than these, all others pay for, whom the sender could serve better.
KEY_FRAME_WISHES = Rate(per_s=0.5, burst=6)

# What is sent of the layer before while the next one's key frame is awaited.
Meanwhile = Literal["keep", "thin", "pause"]

# Makes the stream of a slot; True keeps its packets for retransmission.
MakeStream = Callable[[StreamStart, bool], Stream]


class Slot:
    """State common to audio and video. `key` is what the slot carries by assignment,
    `current` the layer it forwards, if any."""

    kind: Kind

    def __init__(self, mid: str, make_stream: MakeStream) -> None:
        self.mid = mid
        self.key: SourceKey | None = None
        self.current: Layer | None = None
        self.ssrc = secrets.randbelow(0xFFFFFFFE) + 1
        self.rtx_ssrc = 0
        self.jitter_ms = 0.0
        self.expected = 0
        self.lost = 0
        self.is_accepted = False
        self.has_repair = False
        # Random starts, as RFC 3550 section 5.1 asks; sequences low so that they do not
        # wrap within the first packets (RFC 3711 section 3.3.1).
        start = StreamStart(
            secrets.randbelow(0x7FFF),
            secrets.randbelow(0xFFFFFFFF),
            secrets.randbelow(0x7FFF),
            secrets.randbelow(0xFF),
            secrets.randbelow(0x7FFF),
        )
        self.stream = make_stream(start, self.kind == "video")
        self._media: HeaderShape | None = None
        self._reported: tuple[int, int] | None = None
        self._clock_rate = send_codec(self.kind).clock_rate

    @property
    def offered(self) -> OfferedSlot:
        return OfferedSlot(self.mid, self.kind, self.ssrc, self.rtx_ssrc)

    def accept(self, slot: AcceptedSlot | None) -> None:
        """Note how the member accepted the m-line; None when it did not."""
        self.is_accepted = slot is not None
        self.has_repair = slot is not None and slot.has_rtx
        if slot is None:
            self._media = None
            self.stream.shape(None, None)
            return
        codec = send_codec(self.kind)
        self._media = self._shape(slot, self.ssrc, slot.payload_type or codec.payload_type)
        rtx = slot.rtx_payload_type or codec.rtx_payload_type
        repair = self._shape(slot, self.rtx_ssrc, rtx) if slot.has_rtx else None
        self.stream.shape(self._media, repair)

    def sender_report(self, now: float) -> SenderReport | None:
        """Maps the stream's timestamps to the hub's clock (RFC 3550 section 6.4.1).

        The mapping follows the sender's own reports, so that voice and picture of one member
        keep their relation.
        """
        state = self.stream.state()
        if state.sent_at is None:
            return None
        source = self.current.timestamp_at(now) if self.current is not None else None
        if source is not None:
            timestamp = source + state.timestamp_offset
        else:
            timestamp = state.last_timestamp + int((now - state.sent_at) * self._clock_rate)
        return SenderReport(
            self.ssrc,
            rtcp.ntp_time(now),
            timestamp & 0xFFFFFFFF,
            state.packets,
            state.payload_bytes,
        )

    def receive_report(self, block: ReportBlock) -> tuple[int, int]:
        """The member's receiver report; returns packets (expected, lost) since the last one."""
        self.jitter_ms = block.jitter * 1000 / self._clock_rate
        expected = lost = 0
        if self._reported is not None:
            expected = max(0, block.highest - self._reported[0])
            # Retransmissions that arrived can make the total fall.
            lost = min(expected, max(0, block.lost - self._reported[1]))
        self._reported = (block.highest, block.lost)
        self.expected += expected
        self.lost += lost
        return expected, lost

    def begin(self, layer: Layer, packet: MediaPacket, now: float) -> None:
        """Called for packets of a layer the slot waits for: go over to it if this one allows."""
        raise NotImplementedError

    def _switch(self, layer: Layer, packet: MediaPacket, now: float) -> None:
        self.stream.switch(packet, self._elapsed_ticks(layer, packet, now))
        self._leave()
        layer.waiting.remove(self)
        self._fan(layer).add(self.stream)
        self.current = layer

    def _leave(self) -> None:
        if self.current is not None:
            self._fan(self.current).remove(self.stream)
            self.current = None

    def _fan(self, layer: Layer) -> Fan:
        return layer.fans[0]

    def _elapsed_ticks(self, layer: Layer, packet: MediaPacket, now: float) -> int:
        """How far the outgoing timestamp moves when this packet is the first of `layer`."""
        sent_at = self.stream.state().sent_at
        return 1 if sent_at is None else int((now - sent_at) * self._clock_rate)

    def _shape(self, slot: AcceptedSlot, ssrc: int, payload_type: int) -> HeaderShape:
        return shape_header(
            ssrc,
            payload_type,
            self.mid,
            mid_id=slot.mid_id,
            send_time_id=slot.abs_send_time_id,
            level_id=slot.audio_level_id,
            wide_id=slot.wide_id,
        )


class AudioSlot(Slot):
    """Forwards one voice; any packet can be the first."""

    kind: Kind = "audio"

    def __init__(self, mid: str, make_stream: MakeStream) -> None:
        super().__init__(mid, make_stream)
        self.copies = 0
        self._assigned: Layer | None = None
        self._red: HeaderShape | None = None

    def accept(self, slot: AcceptedSlot | None) -> None:
        super().accept(slot)
        red = slot.red_payload_type if slot is not None else 0
        self._red = self._shape(slot, self.ssrc, red) if slot is not None and red else None
        if self.copies:
            self._carry(self.copies if red else 0)

    def repeat(self, copies: int) -> None:
        """Let each packet carry so many of those before it, where the member takes that (RED)."""
        if self._red is not None and copies != self.copies:
            self._carry(copies)

    def _carry(self, copies: int) -> None:
        """Go over to another fan of the same voice: its numbers are the same, so they go on."""
        layer = self.current
        if layer is not None:
            self._fan(layer).remove(self.stream)
        self.copies = copies
        if layer is not None:
            self._fan(layer).add(self.stream)
        self.stream.shape(self._red if copies else self._media, None)

    def _fan(self, layer: Layer) -> Fan:
        return layer.fans[self.copies]

    def assign(self, key: SourceKey | None, layer: Layer | None) -> None:
        """Carry this voice from its next packet on."""
        self.key = key
        if layer is self._assigned:
            return
        if self._assigned is not None and self in self._assigned.waiting:
            self._assigned.waiting.remove(self)
        self._leave()
        self._assigned = layer
        if layer is not None:
            layer.waiting.append(self)

    def begin(self, layer: Layer, packet: MediaPacket, now: float) -> None:
        self._switch(layer, packet, now)


class VideoSlot(Slot):
    """Shows `current` until a key frame of `target` begins, then switches."""

    kind: Kind = "video"

    def __init__(self, mid: str, make_stream: MakeStream) -> None:
        super().__init__(mid, make_stream)
        self.target: Layer | None = None
        self.temporal = ALL_TEMPORAL  # the highest temporal layer of the target that is sent
        self.rtx_ssrc = secrets.randbelow(0xFFFFFFFE) + 1
        self._wishes = TokenBucket(KEY_FRAME_WISHES)

    def assign(self, key: SourceKey | None) -> None:
        """Show another source: the old picture stops at once, the new one has yet to come."""
        if key != self.key:
            self.key = key
            self.stop()

    def stop(self) -> None:
        """Forward nothing until a target is set and its key frame comes."""
        self._give_up_target()
        self._leave()
        self.stream.forget_packets()

    def aim(
        self, layer: Layer | None, temporal: int = ALL_TEMPORAL, meanwhile: Meanwhile = "keep"
    ) -> None:
        """Go over to `layer` at its next key frame; None pauses the picture at once.

        `temporal` is the highest temporal layer to send of it. `meanwhile` says what becomes of
        the present layer: it goes on as it is, with its fewest frames, or not at all.
        """
        if layer is None:
            self.stop()
            return
        self.temporal = temporal
        if layer is not self.target:
            self._give_up_target()
            self.target = layer
            if layer is not self.current:
                layer.waiting.append(self)
                layer.request_key_frame()
        if layer is self.current:
            self.stream.limit_temporal(temporal)
        elif meanwhile == "thin":
            self.stream.limit_temporal(0)
        elif meanwhile == "pause":
            self._leave()

    def request_key_frame(self, now: float) -> None:
        """The member cannot decode: ask for what is being shown, or about to be."""
        layer = self.current or self.target
        if layer is not None and (layer.waiting or self._wishes.take(now)):
            layer.request_key_frame()

    def begin(self, layer: Layer, packet: MediaPacket, now: float) -> None:
        if packet.vp8 is not None and packet.vp8.is_key:
            self.stream.limit_temporal(self.temporal)
            self._switch(layer, packet, now)

    def _give_up_target(self) -> None:
        if self.target is not None and self in self.target.waiting:
            self.target.waiting.remove(self)
        self.target = None

    def _elapsed_ticks(self, layer: Layer, packet: MediaPacket, now: float) -> int:
        """Between layers of one track the sender's reports tell exactly, otherwise arrival."""
        old = self.current
        if old is not None and old.track is layer.track:
            before = old.capture_ticks(self.stream.state().source_timestamp)
            after = layer.capture_ticks(packet.timestamp)
            if before is not None and after is not None:
                elapsed = int(after - before)
                if abs(elapsed) < MAX_SWITCH_GAP_S * self._clock_rate:
                    return elapsed
        return super()._elapsed_ticks(layer, packet, now)
