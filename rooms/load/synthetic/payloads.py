"""Frames as RTP payloads (RFC 7741 for VP8), cut as libwebrtc cuts them. Pure."""

from __future__ import annotations

# libwebrtc fills packets up to 1,200 bytes in all; header, extensions, tag and the stamp take
# up to 90 of them.
MAX_PAYLOAD = 1100
# X bit; then I, L and T: a 15-bit picture id, TL0PICIDX and a temporal index.
EXTENDED = 0x80
STARTS = 0x10
FLAGS = 0xE0


def vp8_payloads(
    frame: bytes, picture_id: int, tl0_index: int, behind_bytes: int = 0
) -> list[bytes]:
    """The packets' payloads, the first marked as the frame's start.

    With `behind_bytes` appended to the last they differ by one byte at most, the longer ones
    last: so libwebrtc cuts, and what sends runs of equal packets in one call depends on it.
    """
    total = len(frame) + behind_bytes
    count = -(-total // MAX_PAYLOAD)
    size, longer = divmod(total, count)
    tail = bytes([FLAGS, 0x80 | picture_id >> 8 & 0x7F, picture_id & 0xFF, tl0_index & 0xFF, 0])
    payloads = []
    at = 0
    for index in range(count):
        end = at + size + (index >= count - longer)
        first = EXTENDED | (STARTS if index == 0 else 0)
        payloads.append(bytes([first]) + tail + frame[at:end])
        at = end
    return payloads
