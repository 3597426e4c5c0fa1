"""How loud a voice is whose sender does not say so (RFC 6464): decoded here, only to be measured.

Browsers write the level into every packet; hardware encoders and GStreamer mostly do not, and a
voice that counts as silent would never be among the loudest that are forwarded.
"""

from __future__ import annotations

import math
from array import array

import av
from av.audio.codeccontext import AudioCodecContext

SILENCE = 127
# Every fourth sample of 48 kHz: speech has little above 6 kHz, and a mean needs no more.
STEP = 4
FULL_SCALE = 32_767.0
RATE_HZ = 48_000


class Loudness:
    """Of one Opus stream. The decoder (25 us a packet) is made at the first packet."""

    def __init__(self) -> None:
        self._decoder: AudioCodecContext | None = None

    def measure(self, payload: bytes) -> int:
        """-dBov as RFC 6464 has it: 0 is the loudest, 127 silence or what does not decode."""
        if not payload:
            return SILENCE  # to the decoder it would mean that the stream has ended
        if self._decoder is None:
            self._decoder = _make_decoder()
        try:
            frames = self._decoder.decode(av.Packet(payload))
        except av.FFmpegError:
            return SILENCE
        squares = count = 0
        for frame in frames:
            samples = array("h", bytes(frame.planes[0]))[: frame.samples : STEP]
            squares += sum(value * value for value in samples)
            count += len(samples)
        return _level(squares / count) if count else SILENCE


def _level(mean_square: float) -> int:
    if mean_square < 1.0:
        return SILENCE
    return min(SILENCE, max(0, round(-20 * math.log10(math.sqrt(mean_square) / FULL_SCALE))))


def _make_decoder() -> AudioCodecContext:
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate = RATE_HZ
    decoder.layout = "mono"
    return decoder
