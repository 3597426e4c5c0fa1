"""The VP8 payload descriptor (RFC 7741 section 4.2), read and rewritten. Pure."""

from __future__ import annotations


class Vp8Descriptor:
    """One parsed descriptor. Fields are None when the packet leaves them out.

    `size` is the descriptor's length in bytes. `is_key` holds on every packet that starts
    a key frame; `width`, `height` come from that frame's header.
    """

    __slots__ = (
        "first",
        "height",
        "is_key",
        "key_index",
        "layer_sync",
        "partition",
        "picture_bits",
        "picture_id",
        "size",
        "starts_frame",
        "temporal",
        "tl0_index",
        "width",
    )

    def __init__(self, payload: bytes) -> None:
        """Raises ValueError when the descriptor is truncated."""
        try:
            self._read(payload)
        except IndexError:
            raise ValueError("VP8 payload descriptor is truncated") from None

    def _read(self, payload: bytes) -> None:
        first = self.first = payload[0]
        self.partition = first & 0x07
        self.picture_id: int | None = None
        self.picture_bits = 15
        self.tl0_index: int | None = None
        self.temporal: int | None = None
        self.layer_sync = False
        self.key_index: int | None = None
        at = 1
        if first & 0x80:
            flags = payload[1]
            at = 2
            if flags & 0x80:
                value = payload[at]
                if value & 0x80:
                    value = (value & 0x7F) << 8 | payload[at + 1]
                    at += 1
                else:
                    self.picture_bits = 7
                self.picture_id = value
                at += 1
            if flags & 0x40:
                self.tl0_index = payload[at]
                at += 1
            if flags & 0x30:
                value = payload[at]
                if flags & 0x20:
                    self.temporal = value >> 6
                    self.layer_sync = bool(value & 0x20)
                if flags & 0x10:
                    self.key_index = value & 0x1F
                at += 1
        self.size = at
        if at >= len(payload):
            raise IndexError
        self.starts_frame = first & 0x17 == 0x10
        self.is_key = self.starts_frame and not payload[at] & 0x01
        self.width = self.height = 0
        if self.is_key and payload[at + 3 : at + 6] == b"\x9d\x01\x2a" and len(payload) >= at + 10:
            self.width = (payload[at + 6] | payload[at + 7] << 8) & 0x3FFF
            self.height = (payload[at + 8] | payload[at + 9] << 8) & 0x3FFF

    @property
    def rewritten_size(self) -> int:
        """How many bytes `rewritten` has."""
        has_last = self.temporal is not None or self.key_index is not None
        fields = 2 * (self.picture_id is not None) + (self.tl0_index is not None) + has_last
        return 2 + fields if fields else 1

    def rewritten(self, picture_id: int | None, tl0_index: int | None) -> bytes:
        """This descriptor with another picture id (always 15 bits) and TL0PICIDX."""
        flags = 0
        tail = b""
        if picture_id is not None:
            flags |= 0x80
            tail = bytes([0x80 | picture_id >> 8, picture_id & 0xFF])
        if tl0_index is not None:
            flags |= 0x40
            tail += bytes([tl0_index])
        if self.temporal is not None or self.key_index is not None:
            last = 0
            if self.temporal is not None:
                flags |= 0x20
                last = self.temporal << 6 | self.layer_sync << 5
            if self.key_index is not None:
                flags |= 0x10
                last |= self.key_index
            tail += bytes([last])
        if not flags:
            return bytes([self.first & 0x7F])
        return bytes([self.first | 0x80, flags]) + tail
