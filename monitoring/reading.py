"""One site's link as a row of numbers, put together from both of its ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from confhub.quality import Digest, HubSide, Inbound
from monitoring import voice

# A fraction of fewer packets says little: one lost of ten is 10 %. 50 packets are one second
# of Opus at 20 ms a packet.
MIN_PACKETS = 50
# One second of audio at 48 kHz, the clock of Opus (RFC 7587 section 4.1).
MIN_SAMPLES = 48_000
# Mouth to ear beside the network: 20 ms to fill a packet, 20 ms for sound cards at both ends.
FIXED_DELAY_MS = 40.0
# Where a browser tells nothing of its jitter buffer: what NetEq settles at on a calm link.
USUAL_BUFFER_MS = 40.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Numbers of the last interval; None where nobody measured. Up is site to hub."""

    rtt_ms: float | None = None  # site to hub and back
    delay_ms: float | None = None  # mouth to ear, to a site on an equal link
    loss_up_fraction: float | None = None
    loss_down_fraction: float | None = None
    jitter_up_ms: float | None = None
    jitter_down_ms: float | None = None
    concealed_fraction: float | None = None  # of the audio played
    freezes_per_min: float | None = None
    frames_per_second: float | None = None
    up_bps: float | None = None
    down_bps: float | None = None
    available_up_bps: float | None = None
    available_down_bps: float | None = None
    mos: float | None = None  # the worse direction, 1.0 .. 4.4


def read(digest: Digest | None, hub_side: HubSide | None) -> Reading:
    """Combine what the browser (`digest`) and the hub say; either may be missing.

    Sound goes before picture: where both give a number, the one of the audio is taken.
    """
    told, hub = digest or Digest(interval_ms=0), hub_side or HubSide()
    rtt_ms = _first(told.path.rtt_ms, told.audio_out.rtt_ms, hub.rtt_ms, told.video_out.rtt_ms)
    loss_up = _first(
        told.audio_out.loss_fraction, hub.loss_up_fraction, told.video_out.loss_fraction
    )
    loss_down = _first(_loss(told.audio_in), hub.loss_down_fraction, _loss(told.video_in))
    concealed = _concealed(told.audio_in)
    delay_ms = None
    if rtt_ms is not None:
        buffer_ms = told.audio_in.jitter_buffer_ms
        delay_ms = rtt_ms + FIXED_DELAY_MS + (USUAL_BUFFER_MS if buffer_ms is None else buffer_ms)
    return Reading(
        rtt_ms=rtt_ms,
        delay_ms=delay_ms,
        loss_up_fraction=loss_up,
        loss_down_fraction=loss_down,
        jitter_up_ms=hub.jitter_up_ms,
        jitter_down_ms=_first(told.audio_in.jitter_ms, told.video_in.jitter_ms, hub.jitter_down_ms),
        concealed_fraction=concealed,
        freezes_per_min=_freezes_per_min(digest),
        frames_per_second=told.video_in.frames_per_second,
        up_bps=hub_side.up_bps if hub_side else None,
        down_bps=hub_side.down_bps if hub_side else None,
        available_up_bps=told.path.available_out_bps,
        available_down_bps=hub.budget_bps,
        mos=_mos(delay_ms, loss_up, loss_down, concealed),
    )


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _loss(inbound: Inbound) -> float | None:
    # packetsLost of RFC 3550 goes down when duplicates arrive.
    lost = max(inbound.packets_lost, 0)
    sent = inbound.packets_received + lost
    return lost / sent if sent >= MIN_PACKETS else None


def _concealed(audio: Inbound) -> float | None:
    # A slot without a speaker "conceals" silence for as long as it is empty.
    if audio.samples_received < MIN_SAMPLES or audio.packets_received < MIN_PACKETS:
        return None
    return min(audio.concealed_samples / audio.samples_received, 1.0)


def _freezes_per_min(digest: Digest | None) -> float | None:
    if digest is None or digest.interval_ms <= 0:
        return None
    return digest.video_in.freezes * 60_000 / digest.interval_ms


def _mos(
    delay_ms: float | None, up: float | None, down: float | None, concealed: float | None
) -> float | None:
    if delay_ms is None and up is None and down is None and concealed is None:
        return None
    delay = FIXED_DELAY_MS + USUAL_BUFFER_MS if delay_ms is None else delay_ms
    heard = (
        voice.rate(delay, concealed, voice.CONCEALED_ROBUSTNESS)
        if concealed is not None
        else voice.rate(delay, down or 0.0, voice.NETWORK_LOSS_ROBUSTNESS)
    )
    spoken = voice.rate(delay, up or 0.0, voice.NETWORK_LOSS_ROBUSTNESS)
    return voice.opinion(min(heard, spoken))
