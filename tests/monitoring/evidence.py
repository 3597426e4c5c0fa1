"""Evidence of a healthy site, to be spoilt one thing at a time."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from confhub.quality import Devices, Digest, HubSide, Inbound, Outbound, Path, SitePresence
from monitoring.score import Evidence

NOW = 1_000_000.0

HEALTHY_DIGEST = Digest(
    interval_ms=5000,
    audio_in=Inbound(
        packets_received=250, jitter_ms=4, jitter_buffer_ms=40, samples_received=240_000
    ),
    video_in=Inbound(packets_received=900, frames_per_second=25, frame_height=720),
    audio_out=Outbound(packets_sent=250, rtt_ms=20, loss_fraction=0.0),
    video_out=Outbound(packets_sent=800, limitation="none"),
    path=Path(rtt_ms=20, available_out_bps=2e6, candidate_type="host", transport="udp"),
    devices=Devices(camera=True, microphone=True, speaker=True),
)
HEALTHY_HUB_SIDE = HubSide(
    send_state="connected",
    receive_state="connected",
    rtt_ms=20,
    loss_up_fraction=0.0,
    loss_down_fraction=0.0,
    jitter_up_ms=3,
    up_bps=1.1e6,
    down_bps=1.8e6,
    budget_bps=3e6,
    cipher="SRTP_AEAD_AES_256_GCM",
)


def presence(
    *, since: float = NOW - 60, connected: bool = True, left: bool = False
) -> SitePresence:
    return SitePresence("site", "meeting", "s-site", connected, since, left)


def evidence(
    digest: dict[str, Any] | None = None,
    hub_side: dict[str, Any] | None = None,
    present: SitePresence | None = None,
    digest_age_s: float = 1.0,
    hub_side_age_s: float = 1.0,
) -> Evidence:
    return Evidence(
        presence=present or presence(),
        digest=replace(HEALTHY_DIGEST, **(digest or {})),
        digest_at=NOW - digest_age_s,
        hub_side=replace(HEALTHY_HUB_SIDE, **(hub_side or {})),
        hub_side_at=NOW - hub_side_age_s,
    )
