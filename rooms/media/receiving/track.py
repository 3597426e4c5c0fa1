"""What a member sends, as the router sees it: tracks, their layers, and who takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rooms.media.bandwidth.redundancy import MAX_COPIES
from rooms.media.engine.interface import Fan
from rooms.media.measurement import LayerMeasurement, SourceMeasurement, lost_fraction
from rooms.media.receiving.keyframes import KeyFrameRequests
from rooms.media.receiving.loudness import Loudness
from rooms.media.receiving.recent_voice import RecentVoice
from rooms.media.receiving.reception import MissingPackets, StreamReception
from rooms.media.receiving.watching import LayerWatch
from rooms.media.rtp.bucket import Bucket, Rate
from rooms.media.rtp.packet import MediaPacket
from rooms.media.rtp.rates import RateMeter, TemporalShares
from rooms.media.rtp.rtcp import SenderReport
from rooms.media.sdp.answer import AgreedTrack
from rooms.media.sdp.capabilities import send_codec
from rooms.media.source import SourceKey

# A layer that the sender has stopped (no bandwidth, no CPU) is silent at once; a screen that
# does not change is refreshed once a second. Three seconds tell them apart.
ACTIVE_S = 3.0
# All layers show the same frames: one that has been silent for this long while a smaller one went
# on was stopped, or its line holds no more. Five frames a second are the fewest a camera sends.
STALLED_S = 0.5
# Thumbnails and screens of few frames a second arrive at least this often.
ARRIVING_S = 1.0
# A layer that has only begun, or begun again, has no rate yet.
RATE_KNOWN_AFTER_S = 2.0
# What a layer takes is a mean over two or three key frames.
USUAL_S = 5.0
MUCH_MORE = 1.5
# Of one voice: Opus at its highest rate in packets of 10 ms, a little faster for clocks that are.
# The burst is what a line brings at once after it stood still.
SOUND = Rate(packets_per_s=110, bits_per_s=512e3, burst_s=2.0)
# RTP, UDP and IP of each packet of sound, as in AUDIO_BPS of voice_allocation.py.
SOUND_OVERHEAD_BYTES = 40


class Waiting(Protocol):
    """A slot that will take a layer."""

    def begin(self, layer: Layer, packet: MediaPacket, now: float) -> None: ...


class Layer:
    """One SSRC of a track: a simulcast layer, or all of a track without simulcast.

    A publisher that starts anew has a new Layer. `fans` hold the streams that carry it now,
    by how many copies of the voice before their packets carry (pictures have none); `waiting`
    the slots that will from the first packet that lets them begin.
    """

    def __init__(
        self,
        track: Track,
        rid: str,
        ssrc: int,
        on_wanted: Callable[[Layer], None],
        make_fan: Callable[[], Fan],
    ) -> None:
        self.track = track
        self.rid = rid
        self.ssrc = ssrc
        self.rtx_ssrc: int | None = None
        self.reception = StreamReception(ssrc, track.agreed.codec.clock_rate)
        self.missing = MissingPackets() if track.is_video else None
        self.voice = None if track.is_video else RecentVoice()
        self.key_frames = KeyFrameRequests()
        self.loudness = Loudness()
        self.rate = RateMeter()
        self.sent = RateMeter()  # of sound, as each receiver gets it
        self.shares = TemporalShares()
        self.usual_bps = 0.0  # when it was sent; 0 while unknown
        self.watch = LayerWatch()
        self.width_px = 0
        self.height_px = 0
        self.received_at: float | None = None
        self.is_stalled = False  # smaller layers go on without it
        self.is_cut = False  # more came than may: the rest of the picture waits for a key frame
        self.began_at: float | None = None
        self._measured_at = 0.0
        self.fans = tuple(make_fan() for _ in range(1 if track.is_video else 1 + MAX_COPIES))
        self.waiting: list[Waiting] = []
        self.is_live = True
        self._on_wanted = on_wanted

    @property
    def is_wanted(self) -> bool:
        return bool(self.waiting) or any(map(len, self.fans))

    def is_active(self, now: float) -> bool:
        is_flowing = self.received_at is not None and now - self.received_at < ACTIVE_S
        return self.is_live and not self.is_stalled and is_flowing

    def is_arriving(self, now: float) -> bool:
        return self.received_at is not None and now - self.received_at < ARRIVING_S

    def is_available(self, now: float) -> bool:
        """It is sent, or would be if somebody wanted it."""
        return self.is_active(now) or (self.is_live and self.watch.is_expected(now))

    def measure_rate(self, now: float) -> None:
        """Keep the rates; every 50 ms."""
        self.rate.update(now)
        self.sent.update(now)
        if not self.is_active(now):
            self.began_at = None
        elif self.began_at is None:
            self.began_at = now
        elif now - self.began_at > RATE_KNOWN_AFTER_S and not self.watch.is_paused:
            weight = min(1.0, (now - self._measured_at) / USUAL_S) if self.usual_bps else 1.0
            self.usual_bps += weight * (self.rate.bitrate_bps - self.usual_bps)
        self._measured_at = now

    def cost_bps(self, now: float) -> float:
        """What it takes over some seconds, or would; 0 while unknown.

        A key frame makes no layer dearer; one that really takes more is believed at once.
        """
        rate_bps = self.rate.bitrate_bps
        return rate_bps if rate_bps > MUCH_MORE * self.usual_bps else self.usual_bps

    def deliver(self, packet: MediaPacket, now: float) -> None:
        """Give a packet to all who take the layer."""
        for slot in list(self.waiting):
            slot.begin(self, packet, now)
        self.fans[0].forward(packet, now)
        if self.voice is not None:
            self.sent.count(len(packet.payload) + SOUND_OVERHEAD_BYTES)
        for copies, fan in enumerate(self.fans[1:], 1):
            if self.voice is not None and len(fan):
                fan.forward(self._repeat(self.voice, packet, copies), now)

    def skip(self, sequence: int) -> None:
        """This sequence number carries nothing to forward (padding)."""
        for fan in self.fans:
            fan.drop(MediaPacket(sequence, 0, 0, b""))

    def _repeat(self, voice: RecentVoice, packet: MediaPacket, copies: int) -> MediaPacket:
        extended = self.reception.extend(packet.sequence)
        payload = voice.repeat(
            extended,
            packet.timestamp,
            packet.payload,
            copies,
            send_codec("audio").payload_type,
        )
        return MediaPacket(
            packet.sequence, packet.timestamp, packet.marker, payload, level=packet.level
        )

    def is_key_frame_due(self, now: float) -> bool:
        """Whether to ask the sender for one now; counts as asked."""
        missing = self.missing
        is_mending = not self.waiting and missing is not None and missing.is_hopeful
        return self.key_frames.due(now, is_mending=is_mending)

    def request_key_frame(self) -> None:
        self.key_frames.request()
        self._on_wanted(self)

    def capture_ticks(self, timestamp: int) -> float | None:
        """When a frame was captured, in ticks of the sender's wall clock; None before a report.

        Comparable between the layers of one sender, whose RTP clocks start at random values.
        """
        report: SenderReport | None = self.reception.last_report
        if report is None:
            return None
        delta = ((timestamp - report.timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return report.ntp / (1 << 32) * self.reception.clock_rate + delta

    def timestamp_at(self, now: float) -> int | None:
        """The source's RTP time at `now` as its last report tells; None before one."""
        report = self.reception.last_report
        if report is None:
            return None
        elapsed = (now - self.reception.last_report_at) * self.reception.clock_rate
        return (report.timestamp + int(elapsed)) & 0xFFFFFFFF


class Track:
    """One source of one member, with the layers seen so far by rid ("" without simulcast)."""

    def __init__(self, key: SourceKey, agreed: AgreedTrack, muted: bool) -> None:
        self.key = key
        self.agreed = agreed
        self.muted = muted
        self.layers: dict[str, Layer] = {}
        self.sound = Bucket(SOUND)  # of the track: a sender may make new layers as it likes

    @property
    def is_video(self) -> bool:
        return self.agreed.codec.kind == "video"

    @property
    def wanted_rids(self) -> tuple[str, ...]:
        """The layers that the sender is to send: those not seen yet, too."""
        rids = self.agreed.rids or ("",)
        paused = {rid for rid, layer in self.layers.items() if layer.watch.is_paused}
        return tuple(rid for rid in rids if rid not in paused)

    @property
    def audio_layer(self) -> Layer | None:
        return self.layers.get("")

    def available_layers(self, now: float) -> list[Layer]:
        """Layers that are sent, or would be, smallest picture first."""
        if not self.agreed.rids:
            return [layer for layer in self.layers.values() if layer.is_live]
        return self._in_order([one for one in self.layers.values() if one.is_available(now)])

    def judge_stalls(self) -> bool:
        """Note which layers have stopped while smaller ones go on; True when that changed."""
        changed = False
        latest = float("-inf")
        for layer in self._in_order([one for one in self.layers.values() if one.is_live]):
            received_at = layer.received_at
            if received_at is None:
                continue
            is_stalled = latest - received_at > STALLED_S
            changed |= is_stalled != layer.is_stalled
            layer.is_stalled = is_stalled
            latest = max(latest, received_at)
        return changed

    def measure(self, now: float) -> tuple[SourceMeasurement, int, int]:
        """Its state, and the packets expected and received since the last call."""
        layers = list(self.layers.values())
        losses = [layer.reception.measure_loss() for layer in layers]
        expected = sum(item[0] for item in losses)
        received = sum(item[1] for item in losses)
        measured = SourceMeasurement(
            self.key.source,
            self.muted,
            sum(layer.reception.packets for layer in layers),
            sum(layer.reception.payload_bytes for layer in layers),
            sum(layer.rate.bitrate_bps for layer in layers if layer.is_active(now)),
            lost_fraction(expected, received),
            max((layer.reception.jitter_ms for layer in layers), default=0.0),
            tuple(
                LayerMeasurement(
                    layer.rid,
                    layer.rate.bitrate_bps,
                    layer.rate.fps,
                    layer.width_px,
                    layer.height_px,
                    layer.is_active(now),
                )
                for layer in layers
            ),
        )
        return measured, expected, received

    def _in_order(self, layers: list[Layer]) -> list[Layer]:
        """The smallest picture first: by height, or as offered while that is not known."""
        order = {rid: index for index, rid in enumerate(self.agreed.rids)}
        known = all(layer.height_px for layer in layers)
        layers.sort(key=lambda layer: layer.height_px if known else order.get(layer.rid, 0))
        return layers
