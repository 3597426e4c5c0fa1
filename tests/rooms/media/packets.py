"""Packets as a browser would write them."""

from __future__ import annotations

from struct import pack


def rtp(
    *,
    ssrc: int,
    sequence: int,
    timestamp: int,
    payload_type: int,
    payload: bytes,
    marker: bool = False,
    extensions: dict[int, bytes] | None = None,
) -> bytes:
    block = b"".join(
        bytes([number << 4 | len(value) - 1]) + value
        for number, value in (extensions or {}).items()
    )
    block += bytes(-len(block) % 4)
    header = pack(
        "!BBHII",
        0x90 if block else 0x80,
        marker << 7 | payload_type,
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )
    if block:
        header += pack("!HH", 0xBEDE, len(block) // 4) + block
    return header + payload


def vp8(
    *,
    picture: int,
    tl0: int = 0,
    key: bool = False,
    start: bool = True,
    height: int = 180,
    temporal: int = 0,
    sync: bool = False,
) -> bytes:
    """A VP8 payload: 15-bit picture id, TL0PICIDX, temporal layer, and a body."""
    descriptor = bytes([0x90 if start else 0x80, 0xE0])
    descriptor += pack("!H", 0x8000 | picture & 0x7FFF) + bytes(
        [tl0 & 0xFF, temporal << 6 | sync << 5]
    )
    if not start:
        return descriptor + b"more of the frame"
    if not key:
        return descriptor + b"\x01\x00\x00 a frame"
    width = height * 16 // 9
    return descriptor + b"\x10\x00\x00\x9d\x01\x2a" + pack("<HH", width, height) + b" a key frame"


def asked(*sequences: int) -> bytes:
    """The pairs of a NACK that asks for these."""
    return b"".join(pack("!HH", sequence & 0xFFFF, 0) for sequence in sequences)
