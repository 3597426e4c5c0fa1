"""A send time inside a packet's payload, where no decoder looks. Pure.

The hub writes header extensions anew, so the time travels in the encrypted payload: behind the
last partition of a VP8 frame, which its decoder ends before, or as padding of an Opus packet
(RFC 6716 section 3.2.5). CLOCK_MONOTONIC in nanoseconds: sender and receiver share the machine.
"""

from __future__ import annotations

from struct import Struct

MAGIC = b"\xc0\x0f\xb5\x7a"
_STAMP = Struct("!4sQ")
STAMP_BYTES = _STAMP.size


def make_stamp(now_ns: int) -> bytes:
    return _STAMP.pack(MAGIC, now_ns)


def read_stamp(payload: bytes) -> int | None:
    """When the packet was sent, or None if it has no stamp at its end."""
    if len(payload) < STAMP_BYTES:
        return None
    magic, sent_ns = _STAMP.unpack_from(payload, len(payload) - STAMP_BYTES)
    return sent_ns if magic == MAGIC else None


def padded_opus(packet: bytes) -> bytes:
    """The packet with its frame repacked so that a stamp may be appended as padding.

    ValueError unless it is of one frame (code 0), as encoders make them for 20 ms.
    """
    if not packet or packet[0] & 3:
        raise ValueError("not an Opus packet of one frame")
    # Code 3: one frame, constant size, padding; then the padding's length.
    return bytes([packet[0] | 3, 0x41, STAMP_BYTES]) + packet[1:]
