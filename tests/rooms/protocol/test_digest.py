"""Browsers' digests pass whole, within reason."""

from __future__ import annotations

import msgspec
import pytest

from confhub.quality import Devices, Digest, Inbound, Outbound, Path
from rooms.protocol.digest import MAX_BPS, MAX_COUNT, MAX_MS, MAX_VERSION_LETTERS, clamp_digest

INBOUND = Inbound(250, 3, 4.5, 40.0, 240_000, 1200, 1, 25.0, 720)
OUTBOUND = Outbound(250, 30.0, 0.02, "cpu", 9e5, 24.0, 720)
FULL = Digest(
    interval_ms=5000,
    audio_in=INBOUND,
    video_in=INBOUND,
    audio_out=OUTBOUND,
    video_out=OUTBOUND,
    path=Path(20.0, 2e6, "prflx", "udp"),
    devices=Devices(True, True, True, 0.4),
    app_version="0.1.0",
)


def test_every_field_passes() -> None:
    for part in (FULL, FULL.audio_in, FULL.video_out, FULL.path, FULL.devices):
        plain = msgspec.to_builtins(part)
        assert plain.keys() == {field.name for field in msgspec.structs.fields(part)}, part
    assert clamp_digest(FULL) == FULL
    assert msgspec.json.decode(msgspec.json.encode(FULL), type=Digest) == FULL


@pytest.mark.parametrize("far", [1e300, float("inf")])
def test_what_cannot_be_is_cut_to_what_can(far: float) -> None:
    replace = msgspec.structs.replace
    digest = replace(
        FULL,
        interval_ms=1,
        audio_in=replace(INBOUND, packets_received=10**15, packets_lost=-5, jitter_ms=far),
        video_out=replace(OUTBOUND, loss_fraction=far, target_bps=far, rtt_ms=-1.0),
        app_version="v" * 1000,
    )
    made = clamp_digest(digest)
    assert made.interval_ms == 500
    assert (made.audio_in.packets_received, made.audio_in.packets_lost) == (MAX_COUNT, 0)
    assert made.audio_in.jitter_ms == MAX_MS
    assert made.video_out.loss_fraction == 1.0
    assert made.video_out.target_bps == MAX_BPS
    assert made.video_out.rtt_ms is None
    assert len(made.app_version) == MAX_VERSION_LETTERS
