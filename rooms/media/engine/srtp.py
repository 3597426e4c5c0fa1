"""SRTP sessions over libsrtp, working in place on one reused buffer.

pylibsrtp's own `protect` copies twice, allocates per call and refuses packets over 1,356
bytes; its cffi binding called directly costs half. This is the only file that touches that
private binding; tests/rooms/media/engine/test_srtp.py fails when it moves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import Any

import pylibsrtp
from pylibsrtp import Policy, Session, _binding

_ffi: Any = _binding.ffi
_lib: Any = _binding.lib
# These functions themselves, for code that is not Python's.
PROTECT_ADDRESS = int(_ffi.cast("uintptr_t", _ffi.addressof(_lib, "srtp_protect")))
UNPROTECT_ADDRESS = int(_ffi.cast("uintptr_t", _ffi.addressof(_lib, "srtp_unprotect")))

# An Ethernet frame, and room for the tag and index that protection adds.
BUFFER_BYTES = 2048
MAX_PACKET_BYTES = BUFFER_BYTES - pylibsrtp.SRTP_MAX_SRTCP_TRAILER_LEN
# Numbers that libsrtp remembers of each stream, in both directions; browsers take as many. A
# sender's retransmissions have streams of their own, so none comes again later than that.
REPLAY_WINDOW = 1024
# libsrtp keeps the replay window of each SSRC it has ever seen, in a list that it walks. A
# member sends 32 streams at most; the rest is room for what it has sent before.
MAX_STREAMS = 128


class SrtpError(Exception):
    """libsrtp refused a packet: forged, replayed, too old or too long."""


def outbound(key: bytes, profile: int) -> Session:
    """What protects all we send under `key` (master key and salt). A number used before, or one
    older than the window, is refused: under AES-GCM two packets of one number would give away the
    key stream and the key of authentication (RFC 7714 section 8.1)."""
    policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
    policy.allow_repeat_tx = False
    policy.window_size = REPLAY_WINDOW
    return Session(policy)


class PacketBuffer:
    """One packet's memory. Write plain bytes into `view`, then protect in place."""

    __slots__ = ("_length", "cdata", "view")

    def __init__(self) -> None:
        self.cdata = _ffi.new("char[]", BUFFER_BYTES)
        self.view = memoryview(_ffi.buffer(self.cdata)).cast("B")
        self._length = _ffi.new("int *")

    def apply(self, function: Any, session: Any, length: int) -> int:
        """Run a libsrtp function over the first `length` bytes; returns the new length."""
        if length > MAX_PACKET_BYTES:
            raise SrtpError("packet is too long")
        self._length[0] = length
        code = function(session[0], self.cdata, self._length)
        if code:
            raise SrtpError(pylibsrtp.ERRORS[code])
        result: int = self._length[0]
        return result


class SrtpSession:
    """Both directions of one connection. Not thread-safe, like everything here.

    Of the SSRCs that come in, the MAX_STREAMS used last are protected against replay; the
    peer, who alone can make new ones, cannot make the hub remember more.
    """

    __slots__ = ("_buffer", "_rx", "_rx_session", "_streams", "_tx", "_tx_session", "cipher")

    def __init__(self, rx: Any, tx: Any, cipher: str, buffer: PacketBuffer) -> None:
        """`rx` and `tx` are pylibsrtp Sessions; `buffer` may be shared by many sessions."""
        self._rx_session, self._tx_session = rx, tx  # keeps the C objects alive
        self._rx, self._tx = rx._srtp, tx._srtp
        self._buffer = buffer
        self._streams: OrderedDict[bytes, None] = OrderedDict()
        self.cipher = cipher

    @property
    def tx_address(self) -> int:
        """The outgoing srtp_t, as long as this object lives."""
        return int(_ffi.cast("uintptr_t", self._tx[0]))

    @property
    def rx_address(self) -> int:
        """The incoming srtp_t, as long as this object lives; `note_stream` what it decrypted."""
        return int(_ffi.cast("uintptr_t", self._rx[0]))

    @property
    def streams(self) -> Collection[bytes]:
        """The SSRCs of packets that have come, of late."""
        return self._streams.keys()

    def protect(self, length: int) -> memoryview:
        """Protect the RTP packet in the shared buffer; the result is valid until next use."""
        size = self._buffer.apply(_lib.srtp_protect, self._tx, length)
        return self._buffer.view[:size]

    def protect_rtcp(self, compound: bytes) -> memoryview:
        self._fill(compound)
        size = self._buffer.apply(_lib.srtp_protect_rtcp, self._tx, len(compound))
        return self._buffer.view[:size]

    def unprotect(self, data: bytes) -> bytes:
        self._fill(data)
        size = self._buffer.apply(_lib.srtp_unprotect, self._rx, len(data))
        self.note_stream(data[8:12])
        return bytes(self._buffer.view[:size])

    def unprotect_rtcp(self, data: bytes) -> bytes:
        self._fill(data)
        size = self._buffer.apply(_lib.srtp_unprotect_rtcp, self._rx, len(data))
        self.note_stream(data[4:8])
        return bytes(self._buffer.view[:size])

    def note_stream(self, ssrc: bytes) -> None:
        """A packet of this stream has been decrypted."""
        streams = self._streams
        if ssrc in streams:
            streams.move_to_end(ssrc)
            return
        streams[ssrc] = None
        if len(streams) > MAX_STREAMS:
            oldest, _ = streams.popitem(last=False)
            self._rx_session.remove_stream(int.from_bytes(oldest, "big"))

    def _fill(self, data: bytes) -> None:
        if len(data) > MAX_PACKET_BYTES:
            raise SrtpError("packet is too long")
        self._buffer.view[: len(data)] = data
