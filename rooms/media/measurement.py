"""What the media plane measures. Plain data; rates are smoothed over about a second.

Losses are over the time since the same object was last measured, None when nothing was
expected or reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from confhub.quality import TransportState
from confhub.words.durations import Durations
from rooms.media.source import Source


def lost_fraction(expected: int, received: int) -> float | None:
    return None if expected <= 0 else max(0.0, 1 - received / expected)


@dataclass(frozen=True, slots=True)
class LayerMeasurement:
    """One simulcast layer as it arrives. `rid` is "" without simulcast."""

    rid: str
    bitrate_bps: float
    fps: float
    width_px: int
    height_px: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class SourceMeasurement:
    """One source as it arrives, over all its layers. Counters since it was published."""

    source: Source
    muted: bool
    packets: int
    payload_bytes: int
    bitrate_bps: float
    loss_fraction: float | None
    jitter_ms: float
    layers: tuple[LayerMeasurement, ...]


@dataclass(frozen=True, slots=True)
class PublisherMeasurement:
    """A member's send connection. `rtt_ms` by RTCP extended reports (RFC 3611)."""

    state: TransportState
    cipher: str | None
    rtt_ms: float | None
    bitrate_bps: float
    loss_fraction: float | None
    sources: tuple[SourceMeasurement, ...]
    nacks_sent: int
    key_frames_asked: int
    voice_filled: int = 0  # lost packets of sound that later ones brought


@dataclass(frozen=True, slots=True)
class SubscriberMeasurement:
    """A member's receive connection. `rtt_ms`, loss and jitter by its receiver reports."""

    state: TransportState
    cipher: str | None
    rtt_ms: float | None
    loss_fraction: float | None
    jitter_ms: float | None
    budget_bps: float
    remb_bps: float | None
    sent_bps: float
    packets: int
    payload_bytes: int
    retransmitted: int
    nacks_received: int
    key_frames_asked: int
    video_slots: int
    tiles_shown: int
    tiles_paused: int


@dataclass(frozen=True, slots=True)
class RouterStats:
    """Counters of the whole router since it opened, and what it holds now."""

    datagrams_in: int
    datagrams_out: int
    bytes_in: int
    bytes_out: int
    drains: Durations  # one for each time the socket was emptied
    bad_datagrams: dict[str, int] = field(default_factory=dict)
    send_drops: int = 0
    srtp_failures: int = 0
    conferences: int = 0
    transports: int = 0
    connected: int = 0
    known_addresses: int = 0
    tcp_connections: int = 0
