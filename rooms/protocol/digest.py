"""Browsers' digests are believed within reason: numbers are clamped to what can be. Pure."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from confhub.quality import Devices, Digest, Inbound, Outbound, Path

MAX_MS = 60_000.0  # a minute of delay is the same as no link
MAX_BPS = 10e9  # the fastest line card anybody has
MAX_COUNT = 10_000_000  # packets or samples in one interval; 48 kHz for a minute is 2.9 million
MAX_FPS = 240.0
MAX_HEIGHT_PX = 4320
MIN_INTERVAL_MS = 500  # rates over less are noise
MAX_VERSION_LETTERS = 40

Number = TypeVar("Number", int, float)


def _within(value: Number, low: Number, high: Number) -> Number:
    return min(max(value, low), high)


def _maybe(value: Number | None, high: Number) -> Number | None:
    """Nothing negative can be measured: a negative number is no number."""
    return None if value is None or value < 0 else min(value, high)


def clamp_digest(digest: Digest) -> Digest:
    """The digest with every number in its possible range; unknown stays None."""
    return Digest(
        interval_ms=_within(digest.interval_ms, MIN_INTERVAL_MS, int(MAX_MS)),
        audio_in=_inbound(digest.audio_in),
        video_in=_inbound(digest.video_in),
        audio_out=_outbound(digest.audio_out),
        video_out=_outbound(digest.video_out),
        path=_path(digest.path),
        devices=_devices(digest.devices),
        app_version=digest.app_version[:MAX_VERSION_LETTERS],
    )


def _inbound(inbound: Inbound) -> Inbound:
    return Inbound(
        packets_received=_within(inbound.packets_received, 0, MAX_COUNT),
        # webrtc-stats: packetsLost may fall when late packets come after all
        packets_lost=_within(inbound.packets_lost, 0, MAX_COUNT),
        jitter_ms=_maybe(inbound.jitter_ms, MAX_MS),
        jitter_buffer_ms=_maybe(inbound.jitter_buffer_ms, MAX_MS),
        samples_received=_within(inbound.samples_received, 0, MAX_COUNT),
        concealed_samples=_within(inbound.concealed_samples, 0, MAX_COUNT),
        freezes=_within(inbound.freezes, 0, MAX_COUNT),
        frames_per_second=_maybe(inbound.frames_per_second, MAX_FPS),
        frame_height=_maybe(inbound.frame_height, MAX_HEIGHT_PX),
    )


def _outbound(outbound: Outbound) -> Outbound:
    return msgspec.structs.replace(
        outbound,
        packets_sent=_within(outbound.packets_sent, 0, MAX_COUNT),
        rtt_ms=_maybe(outbound.rtt_ms, MAX_MS),
        loss_fraction=_maybe(outbound.loss_fraction, 1.0),
        target_bps=_maybe(outbound.target_bps, MAX_BPS),
        frames_per_second=_maybe(outbound.frames_per_second, MAX_FPS),
        frame_height=_maybe(outbound.frame_height, MAX_HEIGHT_PX),
    )


def _path(path: Path) -> Path:
    return msgspec.structs.replace(
        path,
        rtt_ms=_maybe(path.rtt_ms, MAX_MS),
        available_out_bps=_maybe(path.available_out_bps, MAX_BPS),
    )


def _devices(devices: Devices) -> Devices:
    return msgspec.structs.replace(devices, microphone_level=_maybe(devices.microphone_level, 1.0))
