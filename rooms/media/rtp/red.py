"""Redundant audio (RFC 2198): a packet that carries voice of before once more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# The offset of a copy has 14 bits and its length 10; the length of the primary is what is left.
MAX_OFFSET_TICKS = 0x3FFF
MAX_COPY_BYTES = 0x3FF
# Browsers send one or two copies and at most nine; more is an attack on our time.
MAX_COPIES = 9
COPY_HEADER_BYTES = 4


class Copy(NamedTuple):
    """Voice sent before. `offset_ticks` is how much earlier than the primary, in RTP clock."""

    offset_ticks: int
    payload: bytes


class RedPayload(NamedTuple):
    """`copies` in the order of the packet: oldest first."""

    primary: bytes
    copies: tuple[Copy, ...] = ()


def parse_red(payload: bytes, payload_type: int) -> RedPayload:
    """Read what is encoded as `payload_type`; copies of other encodings are left out.

    Raises ValueError when the payload is malformed or its primary is of another encoding.
    """
    heads: list[tuple[int, int, int]] = []
    at = 0
    size = len(payload)
    while True:
        if at >= size:
            raise ValueError("RED header is truncated")
        first = payload[at]
        if not first & 0x80:
            break
        if len(heads) == MAX_COPIES or at + COPY_HEADER_BYTES > size:
            raise ValueError("RED headers are truncated or too many")
        word = int.from_bytes(payload[at + 1 : at + COPY_HEADER_BYTES], "big")
        heads.append((first & 0x7F, word >> 10, word & MAX_COPY_BYTES))
        at += COPY_HEADER_BYTES
    if first != payload_type:
        raise ValueError("RED primary is of another payload type")
    at += 1
    copies = []
    for kind, offset_ticks, length in heads:
        end = at + length
        if end > size:
            raise ValueError("RED copy is truncated")
        if kind == payload_type and length:
            copies.append(Copy(offset_ticks, payload[at:end]))
        at = end
    return RedPayload(payload[at:], tuple(copies))


def build_red(payload_type: int, primary: bytes, copies: Sequence[Copy]) -> bytes:
    """One payload; every copy must fit the limits above."""
    heads = b"".join(
        bytes([0x80 | payload_type])
        + (copy.offset_ticks << 10 | len(copy.payload)).to_bytes(3, "big")
        for copy in copies
    )
    return heads + bytes([payload_type]) + b"".join(copy.payload for copy in copies) + primary
