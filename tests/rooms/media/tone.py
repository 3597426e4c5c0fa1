"""A tone in Opus, of a known loudness."""

from __future__ import annotations

import math
from array import array

import av
from av.audio.codeccontext import AudioCodecContext


def encode(peak: float, packets: int = 20) -> list[bytes]:
    """Opus packets of a 440 Hz tone of this peak, 1.0 being full scale."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoded = []
    for start in range(0, packets * 960, 960):
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.sample_rate, frame.pts = 48_000, start
        tone = (
            int(32_767 * peak * math.sin(2 * math.pi * 440 * at / 48_000))
            for at in range(start, start + 960)
        )
        frame.planes[0].update(array("h", tone).tobytes())
        encoded += [bytes(packet) for packet in encoder.encode(frame)]
    return encoded
