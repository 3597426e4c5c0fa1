"""Measurement types shared by rooms (which gather them) and monitoring (which judges them)."""

from __future__ import annotations

from typing import Literal

import msgspec

LinkState = Literal["absent", "good", "fair", "poor", "lost"]
TransportState = Literal["new", "connecting", "connected", "disconnected", "failed", "closed"]


class Inbound(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a browser receives, summed over its streams of one kind since the last digest.

    Counters are increases over the digest's interval; levels are the value at its end.
    Source: W3C webrtc-stats, RTCInboundRtpStreamStats.
    """

    packets_received: int = 0
    packets_lost: int = 0
    jitter_ms: float | None = None
    jitter_buffer_ms: float | None = None  # jitterBufferDelay / jitterBufferEmittedCount
    samples_received: int = 0  # of streams that had packets: an empty slot plays silence
    concealed_samples: int = 0  # of those, without the silent ones
    freezes: int = 0
    frames_per_second: float | None = None
    frame_height: int | None = None


class Outbound(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a browser sends, as seen by it and by the hub's receiver reports.

    Source: W3C webrtc-stats, RTCOutboundRtpStreamStats and RTCRemoteInboundRtpStreamStats.
    """

    packets_sent: int = 0
    rtt_ms: float | None = None
    loss_fraction: float | None = None
    limitation: Literal["none", "cpu", "bandwidth", "other"] | None = None
    target_bps: float | None = None
    frames_per_second: float | None = None
    frame_height: int | None = None


class Path(msgspec.Struct, frozen=True, omit_defaults=True):
    """The nominated candidate pair. Source: RTCIceCandidatePairStats."""

    rtt_ms: float | None = None
    available_out_bps: float | None = None
    candidate_type: Literal["host", "srflx", "prflx", "relay"] | None = None
    transport: Literal["udp", "tcp", "tls"] | None = None


class Devices(msgspec.Struct, frozen=True, omit_defaults=True):
    camera: bool = False
    microphone: bool = False
    speaker: bool = False
    microphone_level: float | None = None  # 0 silence .. 1 full scale


class Digest(msgspec.Struct, frozen=True, omit_defaults=True):
    """One browser's account of its link over the last interval, sent every 5 s."""

    interval_ms: int
    audio_in: Inbound = Inbound()
    video_in: Inbound = Inbound()
    audio_out: Outbound = Outbound()
    video_out: Outbound = Outbound()
    path: Path = Path()
    devices: Devices = Devices()
    app_version: str = ""


class HubSide(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the hub itself measures of one site's two transports over the last interval."""

    send_state: str = (
        "new"  # site -> hub transport: new, connecting, connected, disconnected, failed
    )
    receive_state: str = "new"  # hub -> site
    rtt_ms: float | None = None
    loss_up_fraction: float | None = None
    loss_down_fraction: float | None = None
    jitter_up_ms: float | None = None
    jitter_down_ms: float | None = None
    up_bps: float = 0.0
    down_bps: float = 0.0
    budget_bps: float | None = None
    cipher: str | None = None
    device: bool = False  # a hardware encoder: it only sends, and tells nothing of its own


class SitePresence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a site is right now: in which meeting, and whether its socket is up."""

    site_id: str
    meeting_id: str
    member_id: str
    connected: bool
    since: float  # unix seconds at which `connected` took its value
    left: bool = False  # the seat was given up, or the meeting is over: absent rather than lost
