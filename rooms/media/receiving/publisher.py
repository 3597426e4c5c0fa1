"""A member's send connection: what comes in, and the feedback that keeps it coming."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from struct import unpack_from
from typing import Protocol

from confhub.quality import TransportState
from rooms.media.engine.batch import Batch, Run
from rooms.media.engine.srtp import SrtpSession
from rooms.media.measurement import PublisherMeasurement, lost_fraction
from rooms.media.port.transport import MakeTransport, Transport
from rooms.media.receiving.recent_voice import RecentVoice
from rooms.media.receiving.runs import take_run
from rooms.media.receiving.sender_line import SenderLine
from rooms.media.receiving.streams import IncomingStreams
from rooms.media.receiving.track import Layer, Track
from rooms.media.rtp import rtcp
from rooms.media.rtp.bucket import Bucket, Rate
from rooms.media.rtp.packet import MediaPacket, RtpHeader
from rooms.media.rtp.red import RedPayload, parse_red
from rooms.media.rtp.rtcp import Dlrr, RtcpMessage, SenderReport
from rooms.media.rtp.vp8 import Vp8Descriptor
from rooms.media.sdp.answer import LocalDescription, agree, build_answer
from rooms.media.sdp.capabilities import AUDIO_LEVEL, TRANSPORT_CC
from rooms.media.sdp.description import parse_description
from rooms.media.source import Source, SourceKey
from rooms.media.speaker import believed_level

# Receiver reports each second: the browser's round trip and loss figures come from them.
REPORT_INTERVAL_S = 1.0
# All pictures of a member: three times what a page sends with camera and screen, and 1080 lines of
# a hardware encoder with room to spare. The burst holds a key frame of each layer.
PICTURES = Rate(packets_per_s=1_500, bits_per_s=12e6, burst_s=1.0)


class PublisherOwner(Protocol):
    """What a publisher tells its conference."""

    def sources_changed(self, publisher: Publisher) -> None: ...
    def layers_changed(self, publisher: Publisher) -> None: ...
    def send_transport_changed(
        self, publisher: Publisher, state: TransportState, cipher: str | None
    ) -> None: ...
    def voice_heard(self, key: SourceKey, level: int, now: float) -> None: ...
    def is_muted(self, key: SourceKey) -> bool: ...
    def layers_wanted(self, publisher: Publisher, track: Track) -> None: ...


class Publisher:
    """Made by Conference.publisher."""

    def __init__(
        self,
        member_id: str,
        owner: PublisherOwner,
        make_transport: MakeTransport,
        describe: Callable[[Transport, int], LocalDescription],
        ssrc: int,
    ) -> None:
        """`ssrc` is the hub's own in its reports to this member."""
        self.member_id = member_id
        self.rtt_ms: float | None = None
        self.pauses_unseen = False  # the member stops what nobody watches when it is told
        self._owner = owner
        self._transport = make_transport(self)
        self._describe = describe
        self._ssrc = ssrc
        self._version = 0
        self._streams = IncomingStreams(
            member_id,
            owner.is_muted,
            on_layer=self._layer_began,
            on_wanted=self._key_frame_wanted,
            make_fan=self._transport.engine.fan,
        )
        self._pictures = Bucket(PICTURES)
        self._line = SenderLine(ssrc)
        self.told_layers: dict[Source, tuple[str, ...]] = {}  # as LayersWanted told them last
        self._reported_at = 0.0
        self._nacks = 0
        self._key_frames = 0
        self._filled = 0

    @property
    def tracks(self) -> Mapping[Source, Track]:
        return self._streams.tracks

    @property
    def transport(self) -> Transport:
        return self._transport

    async def answer(self, offer_sdp: str, sources: Mapping[str, Source]) -> str:
        """Answer the member's offer: the first, one with more tracks, or an ICE restart.

        `sources` says what each sending mid carries. Raises BadDescription and then changes
        nothing. A new ufrag restarts ICE on the same DTLS association; a new fingerprint (a
        page loaded again) begins a new one, with all tracks new.
        """
        offer = parse_description(offer_sdp)
        agreed = agree(offer, sources)
        transport = self._transport
        known_ufrag = transport.remote_ufrag
        is_new_peer = transport.set_remote(offer.ufrag, offer.password, offer.fingerprints)
        if known_ufrag and known_ufrag != offer.ufrag:
            transport.restart_ice()
        if is_new_peer:
            self._streams.drop(list(self.tracks.values()))
            self._line.restart()
        self._streams.adopt(agreed)
        ids = (track.extensions.get(TRANSPORT_CC, 0) for track in agreed)
        self._line.wide_id = max(ids, default=0)
        self._version += 1
        text = build_answer(offer, agreed, self._describe(transport, self._version))
        self._owner.sources_changed(self)
        self._tell_layers()
        return text

    def set_muted(self, source: Source, muted: bool) -> None:
        track = self.tracks.get(source)
        if track is not None and track.muted != muted:
            track.muted = muted
            self._owner.layers_changed(self)

    def measure(self, now: float) -> PublisherMeasurement:
        """The state since the last call; see PublisherMeasurement."""
        sources = []
        expected = received = 0
        for track in self.tracks.values():
            item, track_expected, track_received = track.measure(now)
            sources.append(item)
            expected += track_expected
            received += track_received
        return PublisherMeasurement(
            self._transport.state,
            self._transport.cipher,
            self.rtt_ms,
            sum(item.bitrate_bps for item in sources),
            lost_fraction(expected, received),
            tuple(sources),
            self._nacks,
            self._key_frames,
            self._filled,
        )

    async def close(self) -> None:
        self._streams.drop(list(self.tracks.values()))
        await self._transport.close()

    # From the transport

    def transport_changed(self, state: TransportState, cipher: str | None) -> None:
        self._owner.send_transport_changed(self, state, cipher)

    def pictures_dropped(self) -> None:
        """None are sent here."""

    def receive_rtp(self, data: bytes, now: float, waited_s: float = 0.0) -> None:
        header = RtpHeader(data)
        # What the sender is told of its line must not be what this machine had to do meanwhile.
        came_at = now - waited_s
        self._line.receive(header, came_at)
        stream = self._streams.find(header, now)
        if stream is None:
            self._transport.count_bad("unknown_stream")
            return
        layer, is_repair = stream
        if is_repair:
            self._receive_repair(layer, header, now)
            return
        payload = data[header.payload_at : header.payload_end]
        reception = layer.reception
        extended, highest = reception.receive(
            header.sequence, header.timestamp, len(payload), came_at
        )
        self._line.receive_media(layer, header.timestamp, came_at)
        missing = layer.missing
        if missing is not None and not missing.receive(extended, highest, now):
            return
        if not payload:
            layer.skip(header.sequence)
            return
        if missing is not None and now >= missing.next_at:
            self._send(self._repair(layer, now))
        if layer.voice is not None:
            if layer.track.sound.take(len(payload), now):
                layer.rate.count(len(data), header.marker)
                self._receive_voice(layer, layer.voice, header, extended, payload, now)
            else:
                self._refuse(layer, header.sequence, "voice_over_rate")
            return
        layer.rate.count(len(data), header.marker)
        self._deliver(layer, header.sequence, header.timestamp, header.marker, payload, header, now)

    def receive_run(
        self, batch: Batch, at: int, srtp: SrtpSession, media: Bucket, now: float
    ) -> Run | None:
        layer = self._streams.layer_of(batch.ssrc(at))
        if layer is None:
            return None
        return take_run(batch, at, layer, self._line, srtp, media, self._pictures, now)

    def receive_rtcp(self, messages: Iterable[RtcpMessage], now: float) -> None:
        for message in messages:
            if isinstance(message, SenderReport):
                layer = self._streams.layer_of(message.ssrc)
                if layer is not None:
                    layer.reception.last_report = message
                    layer.reception.last_report_at = now
            elif isinstance(message, Dlrr):
                rtt_ms = rtcp.round_trip_ms(rtcp.ntp_time(now), message.last_report, message.delay)
                self.rtt_ms = self.rtt_ms if rtt_ms is None else rtt_ms

    # Time

    def tick(self, now: float) -> None:
        """Send what is due: feedback, NACKs, key frame requests, reports. Every 50 ms."""
        transport = self._transport
        transport.update_state(now)
        if not transport.is_connected:
            return
        layers = self._streams.layers()
        self._send(self._line.tell(layers, now))
        packets: list[bytes] = []
        for layer in layers:
            layer.measure_rate(now)
            packets += self._repair(layer, now)
            self._watch(layer, now)
        if any(track.judge_stalls() for track in self.tracks.values() if track.is_video):
            self._owner.layers_changed(self)
        self._tell_layers()
        if now - self._reported_at >= REPORT_INTERVAL_S:
            self._reported_at = now
            packets += self._reports(now)
        self._send(packets)

    def _reports(self, now: float) -> list[bytes]:
        blocks = [layer.reception.report(now) for layer in self._streams.layers()]
        return [
            rtcp.build_rr(self._ssrc, blocks),
            rtcp.build_reference_time(self._ssrc, rtcp.ntp_time(now)),
        ]

    def _repair(self, layer: Layer, now: float) -> list[bytes]:
        packets = []
        if layer.missing:
            wanted = layer.missing.due(now, self.rtt_ms)
            # Of layers that nobody takes, losses do not matter.
            if wanted and layer.is_wanted:
                self._nacks += len(wanted)
                packets.append(rtcp.build_nack(self._ssrc, layer.ssrc, wanted))
        if layer.missing is not None and layer.missing.gave_up:
            layer.missing.gave_up = False
            if layer.is_wanted:
                layer.key_frames.request()
        if layer.is_wanted and layer.is_key_frame_due(now):
            self._key_frames += 1
            packets.append(rtcp.build_pli(self._ssrc, layer.ssrc))
        return packets

    def _send(self, packets: list[bytes]) -> None:
        for compound in rtcp.join(packets):
            self._transport.send_rtcp(compound)

    # Packets

    def _receive_repair(self, layer: Layer, header: RtpHeader, now: float) -> None:
        """Unwrap a retransmission (RFC 4588 section 4); empty ones are probing padding."""
        payload = header.data[header.payload_at : header.payload_end]
        missing = layer.missing
        if len(payload) <= 2 or missing is None:
            return
        (sequence,) = unpack_from("!H", payload)
        extended = layer.reception.extend(sequence)
        if missing.mend(extended, now):
            if not missing:
                layer.key_frames.mended()
            self._deliver(
                layer, sequence, header.timestamp, header.marker, payload[2:], header, now
            )

    def _receive_voice(
        self,
        layer: Layer,
        voice: RecentVoice,
        header: RtpHeader,
        extended: int,
        payload: bytes,
        now: float,
    ) -> None:
        """Take a packet of sound, and before it what it repeats of lost ones."""
        agreed = layer.track.agreed
        if header.payload_type == agreed.red_payload_type:
            red = parse_red(payload, agreed.payload_type)
        elif header.payload_type == agreed.payload_type:
            red = RedPayload(payload)
        else:
            self._transport.count_bad("unknown_payload_type")
            layer.skip(header.sequence)
            return
        for lost, timestamp, copy in voice.fill(extended, header.timestamp, red):
            if voice.receive(lost, timestamp, copy) and layer.track.sound.take(len(copy), now):
                self._filled += 1
                self._deliver(layer, lost & 0xFFFF, timestamp, 0, copy, header, now)
        if red.primary and voice.receive(extended, header.timestamp, red.primary):
            self._deliver(
                layer,
                header.sequence,
                header.timestamp,
                header.marker,
                red.primary,
                header,
                now,
            )

    def _deliver(
        self,
        layer: Layer,
        sequence: int,
        timestamp: int,
        marker: int,
        payload: bytes,
        header: RtpHeader,
        now: float,
    ) -> None:
        layer.received_at = now
        self._line.media_ssrc = layer.ssrc
        track = layer.track
        if track.is_video:
            vp8 = Vp8Descriptor(payload)
            layer.shares.count(vp8.temporal, len(payload))
            if vp8.is_key:
                self._begin_key_frame(layer, sequence, vp8)
            if not self._passes(layer, vp8, len(payload), now):
                self._refuse(layer, sequence, "pictures_over_rate")
            elif not track.muted:
                layer.deliver(MediaPacket(sequence, timestamp, marker, payload, vp8), now)
            return
        if track.muted:
            return
        level = 127
        value = header.extension(track.agreed.extensions.get(AUDIO_LEVEL, 0))
        if value:
            level = value[0] & 0x7F
        elif AUDIO_LEVEL not in track.agreed.extensions:
            level = layer.loudness.measure(payload)
        level = believed_level(level, len(payload))
        self._owner.voice_heard(track.key, level, now)
        layer.deliver(MediaPacket(sequence, timestamp, marker, payload, None, level), now)

    def _passes(self, layer: Layer, vp8: Vp8Descriptor, size: int, now: float) -> bool:
        """Whether the member's pictures stay within their bound. A layer of which something was
        left out begins again with a key frame: the rest could not be decoded."""
        if layer.is_cut and not vp8.is_key:
            return False
        layer.is_cut = not self._pictures.take(size, now)
        if layer.is_cut:
            layer.key_frames.request()
        return not layer.is_cut

    def _refuse(self, layer: Layer, sequence: int, reason: str) -> None:
        """Leave a packet out, and no hole: what a sender overdoes is no loss of its viewers."""
        layer.skip(sequence)
        self._transport.count_bad(reason)

    def _begin_key_frame(self, layer: Layer, sequence: int, vp8: Vp8Descriptor) -> None:
        layer.key_frames.received()
        if layer.missing is not None:
            layer.missing.forget_before(layer.reception.extend(sequence))
        if vp8.height and vp8.height != layer.height_px:
            layer.width_px, layer.height_px = vp8.width, vp8.height
            self._owner.layers_changed(self)

    def _layer_began(self) -> None:
        self._owner.layers_changed(self)

    def _watch(self, layer: Layer, now: float) -> bool:
        if not self.pauses_unseen or not layer.track.is_video:
            return False
        return layer.watch.judge(layer.is_wanted, layer.is_arriving(now), now)

    def _tell_layers(self) -> None:
        """Say which layers are watched where that has changed. A new track sends all at first."""
        for source, track in self.tracks.items():
            wanted = track.wanted_rids
            told = self.told_layers.get(source, track.agreed.rids or ("",))
            if track.is_video and wanted != told:
                self.told_layers[source] = wanted
                self._owner.layers_wanted(self, track)

    def _key_frame_wanted(self, layer: Layer) -> None:
        """Ask at once; the tick repeats until it comes."""
        now = self._transport.now()
        if self._watch(layer, now):
            self._tell_layers()
        if self._transport.is_connected and layer.is_key_frame_due(now):
            self._key_frames += 1
            self._transport.send_rtcp(rtcp.build_pli(self._ssrc, layer.ssrc))
