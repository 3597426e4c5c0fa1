"""A member's receive connection: its slots, what each carries, and what the line allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from confhub.quality import TransportState
from rooms.media import events
from rooms.media.bandwidth.redundancy import COPY_BPS, Redundancy
from rooms.media.engine.batch import Batch
from rooms.media.engine.interface import Stream, StreamStart
from rooms.media.engine.srtp import SrtpSession
from rooms.media.errors import BadDescription
from rooms.media.measurement import SubscriberMeasurement
from rooms.media.port.transport import MakeTransport, Transport
from rooms.media.rtp import rtcp
from rooms.media.rtp.bucket import Bucket
from rooms.media.rtp.rtcp import (
    KeyFrameRequest,
    Nack,
    Remb,
    ReportBlock,
    RtcpMessage,
    TransportFeedback,
)
from rooms.media.rtp.rtcp_budget import REPAIR_US
from rooms.media.sdp.answer import LocalDescription
from rooms.media.sdp.description import parse_description
from rooms.media.sdp.offer import build_offer, read_answer
from rooms.media.sending.allocation import PictureAllocation
from rooms.media.sending.receiver_line import ReceiverLine
from rooms.media.sending.slot import AudioSlot, Slot, VideoSlot
from rooms.media.sending.voice_allocation import AUDIO_BPS, VoiceAllocation, VoiceOwner
from rooms.media.source import KIND_OF, SourceKey, Tile

# The loudest three voices: more at once is noise, and every voice costs every receiver.
AUDIO_SLOTS = 3
# Pictures grow in steps, so that a view that changes seldom renegotiates: 2x2, 3x3, 4x4, 5x5.
VIDEO_STEPS = (4, 9, 16, 25)
MAX_TILES = VIDEO_STEPS[-1]
# Comes off the budget first.
SOUND_BPS = AUDIO_SLOTS * AUDIO_BPS

# Fewer packets than this tell nothing about loss: one voice in one report.
MIN_LOSS_SAMPLE = 20

REPORT_INTERVAL_S = 1.0
# A line is looked at on every second tick of 50 ms, early or late: feedback itself is handled when
# it comes.
LOOK_INTERVAL_S = 0.08
# Layers are chosen anew this often, and at once when something changed. Where all pictures are at
# their best and there is room to spare, only what a sender does can change that.
CHOICE_INTERVAL_S = 0.25
CALM_CHOICE_INTERVAL_S = 1.0


class SubscriberOwner(VoiceOwner, Protocol):
    """What a subscriber asks of, and tells, its conference."""

    def offer_needed(self, subscriber: Subscriber) -> None: ...
    def slots_changed(self, subscriber: Subscriber) -> None: ...
    def needs_refresh(self) -> None: ...
    def receive_transport_changed(
        self, subscriber: Subscriber, state: TransportState, cipher: str | None
    ) -> None: ...


class Subscriber:
    """Made by Conference.subscriber."""

    def __init__(
        self,
        member_id: str,
        owner: SubscriberOwner,
        make_transport: MakeTransport,
        describe: Callable[[Transport, int], LocalDescription],
        cname: str,
    ) -> None:
        self.member_id = member_id
        self._owner = owner
        self._transport = make_transport(self)
        self._describe = describe
        self._cname = cname
        self._version = 0
        self._audio = [AudioSlot(f"a{index}", self._make_stream) for index in range(AUDIO_SLOTS)]
        self._video: list[VideoSlot] = []
        self._by_ssrc: dict[int, Slot] = {slot.ssrc: slot for slot in self._audio}
        self._wanted = VIDEO_STEPS[0]
        self._offered: int | None = None
        self._offer_raised = True  # the first offer is made without being asked for
        self._tiles: tuple[Tile, ...] = ()
        self._voices = VoiceAllocation(owner)
        self._pictures = PictureAllocation(owner.find_track)
        self._line = ReceiverLine(self._transport, self._padded_streams)
        self._looked_at = self._chosen_at = self._reported_at = 0.0
        self._told: tuple[events.Slot, ...] = ()
        self._loss = (0, 0)
        self._redundancy = Redundancy()
        self._nacks = self._key_frames = 0

    @property
    def transport(self) -> Transport:
        return self._transport

    @property
    def wants_offer(self) -> bool:  # as OfferNeeded told, and no offer was made since
        return self._offer_raised and self._version > 0 and self._offered is None

    @property
    def line(self) -> ReceiverLine:
        return self._line

    def offer(self) -> str:
        """The present offer; send it to the member and pass the answer to `accept`.

        Calling it again before the answer replaces the offer in flight.
        """
        while len(self._video) < self._wanted:
            slot = VideoSlot(f"v{len(self._video)}", self._make_stream)
            self._video.append(slot)
            self._by_ssrc[slot.ssrc] = slot
        self._offered = len(self._video)
        self._version += 1
        return build_offer(
            [slot.offered for slot in self._slots()],
            self._describe(self._transport, self._version),
            self._cname,
        )

    async def accept(self, answer_sdp: str) -> None:
        """Take the member's answer to the last offer. Raises BadDescription."""
        if self._offered is None:
            raise BadDescription("there is no offer to answer")
        answer = parse_description(answer_sdp)
        slots = [*self._audio, *self._video[: self._offered]]
        accepted = {
            item.mid: item for item in read_answer(answer, [slot.offered for slot in slots])
        }
        for slot in slots:
            slot.accept(accepted.get(slot.mid))
        self._line.agree(any(item.wide_id for item in accepted.values()))
        if self._transport.set_remote(answer.ufrag, answer.password, answer.fingerprints):
            for picture in self._video:
                picture.stop()
        self._offered = None
        self._offer_raised = False
        self._grow()
        self._owner.needs_refresh()

    def restart(self) -> None:
        """New ICE credentials for the next `offer`; media goes on meanwhile."""
        self._transport.restart_ice()

    def set_view(self, tiles: Sequence[Tile]) -> None:
        """What the member sees, most important first; empty means audio only.

        Repeated sources and those beyond MAX_TILES are left out.
        """
        chosen: dict[SourceKey, Tile] = {}
        for tile in tiles:
            if KIND_OF[tile.source] == "video":
                chosen.setdefault(SourceKey(tile.member_id, tile.source), tile)
        self._tiles = tuple(chosen.values())[:MAX_TILES]
        self._grow()
        self._owner.needs_refresh()

    def slots(self) -> tuple[events.Slot, ...]:
        """What each m-line carries now."""
        return tuple(
            events.Slot(
                slot.mid,
                slot.kind,
                slot.key.member_id if slot.key else None,
                slot.key.source if slot.key else None,
            )
            for slot in self._slots()
        )

    def measure(self, now: float) -> SubscriberMeasurement:
        """The state since the last call; see SubscriberMeasurement."""
        slots = self._slots()
        states = [slot.stream.state() for slot in slots]
        expected = sum(slot.expected for slot in slots)
        lost = sum(slot.lost for slot in slots)
        for slot in slots:
            slot.expected = slot.lost = 0
        live = [slot for slot in slots if slot.current is not None]
        shown = sum(slot.current is not None for slot in self._video)
        return SubscriberMeasurement(
            state=self._transport.state,
            cipher=self._transport.cipher,
            rtt_ms=self._line.rtt_ms,
            loss_fraction=min(1.0, lost / expected) if expected else None,
            jitter_ms=max((slot.jitter_ms for slot in live), default=None),
            budget_bps=self._line.budget_bps,
            remb_bps=self._line.remb_bps,
            sent_bps=self._line.sent_bps,
            packets=sum(state.packets for state in states),
            payload_bytes=sum(state.payload_bytes for state in states),
            retransmitted=sum(state.retransmitted for state in states),
            nacks_received=self._nacks,
            key_frames_asked=self._key_frames,
            video_slots=len(self._video),
            tiles_shown=shown,
            tiles_paused=len(self._tiles) - shown,
        )

    async def close(self) -> None:
        self._line.close()
        for picture in self._video:
            picture.stop()
        for voice in self._audio:
            voice.assign(None, None)
        await self._transport.close()

    # From the transport

    def transport_changed(self, state: TransportState, cipher: str | None) -> None:
        self._owner.receive_transport_changed(self, state, cipher)
        self._owner.needs_refresh()

    def pictures_dropped(self) -> None:
        """A TCP line fell behind: each picture goes on from its next key frame."""
        for picture in self._video:
            picture.stop()

    def receive_rtp(self, data: bytes, now: float, waited_s: float = 0.0) -> None:
        raise ValueError("this connection only receives")

    def receive_run(
        self, batch: Batch, at: int, srtp: SrtpSession, media: Bucket, now: float
    ) -> None:
        """None can be: nothing is taken here."""

    def receive_rtcp(self, messages: Iterable[RtcpMessage], now: float) -> None:
        self._loss = (0, 0)
        for message in messages:
            handler = HANDLERS.get(type(message))
            if handler is not None:
                handler(self, message, now)
        expected, lost = self._loss
        if expected >= MIN_LOSS_SAMPLE:
            self._line.receive_loss(lost / expected, now)
            self._redundancy.receive_loss(lost / expected, now)

    def _receive_block(self, block: ReportBlock, now: float) -> None:
        slot = self._by_ssrc.get(block.ssrc)
        if slot is None:
            return
        expected, lost = slot.receive_report(block)
        self._loss = (self._loss[0] + expected, self._loss[1] + lost)
        rtt_ms = rtcp.round_trip_ms(rtcp.ntp_time(now), block.last_report, block.delay)
        if rtt_ms is not None:
            self._line.rtt_ms = rtt_ms

    def _receive_nack(self, nack: Nack, now: float) -> None:
        slot = self._by_ssrc.get(nack.ssrc)
        if isinstance(slot, VideoSlot):
            self._nacks += nack.asks
            budget = self._transport.rtcp_budget
            sent = slot.stream.retransmit(nack.asked, budget.affords(REPAIR_US), now)
            budget.spend(sent * REPAIR_US)

    def _receive_key_frame_request(self, request: KeyFrameRequest, now: float) -> None:
        slot = self._by_ssrc.get(request.ssrc)
        if isinstance(slot, VideoSlot):
            self._key_frames += 1
            slot.request_key_frame(now)

    def _receive_remb(self, remb: Remb, now: float) -> None:
        self._line.receive_remb(remb, now)

    def _receive_feedback(self, feedback: TransportFeedback, now: float) -> None:
        self._line.receive_feedback(feedback, now)

    # From the conference

    def tick(self, now: float) -> None:
        """Reports and layer choice; every 50 ms."""
        if now - self._looked_at < LOOK_INTERVAL_S:
            return
        self._looked_at = now
        self._transport.update_state(now)
        self._line.count(now)
        if not self._transport.is_connected:
            return
        self._line.update(now, self._pictures.wanted_bps + max(self._voices.wanted_bps, SOUND_BPS))
        spare_bps = self._line.budget_bps - SOUND_BPS
        is_calm = spare_bps > self._pictures.settled_above_bps
        if now - self._chosen_at >= (CALM_CHOICE_INTERVAL_S if is_calm else CHOICE_INTERVAL_S):
            self._choose_layers(now)
        if now - self._reported_at >= REPORT_INTERVAL_S:
            self._reported_at = now
            self._send_reports(now)

    def refresh(self, ranking: Sequence[SourceKey], now: float) -> None:
        """Something changed: who is heard, what is published, the view, the transport."""
        others = [key for key in ranking if key.member_id != self.member_id]
        self._voices.assign(self._audio, others)
        self._assign_pictures()
        self._choose_layers(now)
        slots = self.slots()
        if slots != self._told and self._version:
            self._told = slots
            self._owner.slots_changed(self)

    def _make_stream(self, start: StreamStart, keeps_packets: bool) -> Stream:
        transport = self._transport
        return transport.engine.stream(transport.peer, start, keeps_packets=keeps_packets)

    def _padded_streams(self) -> Iterator[Stream]:
        return (slot.stream for slot in self._video if slot.has_repair)

    def _slots(self) -> list[AudioSlot | VideoSlot]:
        return [*self._audio, *self._video]

    def _grow(self) -> None:
        """Want more slots when the view does; ask for an offer unless one is on its way."""
        needed = len(self._tiles)
        step = next(step for step in VIDEO_STEPS if step >= needed)
        self._wanted = max(self._wanted, step)
        if self._wanted > len(self._video) and self._offered is None and not self._offer_raised:
            self._offer_raised = True
            self._owner.offer_needed(self)

    def _assign_pictures(self) -> None:
        """A source in view keeps its slot; others take what is free, most important first."""
        wanted = [SourceKey(tile.member_id, tile.source) for tile in self._tiles]
        for slot in self._video:
            if slot.key is not None and (slot.key not in wanted or not slot.is_accepted):
                slot.assign(None)
        held = {slot.key for slot in self._video}
        waiting = [key for key in wanted if key not in held]
        for slot in self._video:
            if slot.key is None and slot.is_accepted and waiting:
                slot.assign(waiting.pop(0))

    def _choose_layers(self, now: float) -> None:
        self._chosen_at = now
        sound_bps = self._voices.carry(self._audio, self._line.budget_bps, now)
        if self._transport.state != "connected":
            # Into a line that is cut nothing goes: what queued up would come late.
            for idle in self._video:
                idle.stop()
            return
        voices = sum(slot.current is not None for slot in self._audio)
        budget_bps = self._line.budget_bps - sound_bps
        copies = self._redundancy.copies(voices, budget_bps)
        budget_bps -= voices * copies * COPY_BPS
        for voice in self._audio:
            voice.repeat(copies)
        # Without feedback nothing can be tried by padding: only a picture shows what passes.
        is_guess = not self._line.by_feedback
        self._pictures.share_out(self._tiles, self._video, budget_bps, now, is_guess=is_guess)

    def _send_reports(self, now: float) -> None:
        reports = [report for slot in self._slots() if (report := slot.sender_report(now))]
        # 28 slots of 28 bytes and their names stay within one datagram.
        if reports:
            compound = b"".join(map(rtcp.build_sr, reports))
            ssrcs = [report.ssrc for report in reports]
            self._transport.send_rtcp(compound + rtcp.build_sdes(ssrcs, self._cname))


HANDLERS: dict[type[RtcpMessage], Callable[[Subscriber, RtcpMessage, float], None]] = {
    ReportBlock: Subscriber._receive_block,  # type: ignore[dict-item]
    Nack: Subscriber._receive_nack,  # type: ignore[dict-item]
    KeyFrameRequest: Subscriber._receive_key_frame_request,  # type: ignore[dict-item]
    Remb: Subscriber._receive_remb,  # type: ignore[dict-item]
    TransportFeedback: Subscriber._receive_feedback,  # type: ignore[dict-item]
}
