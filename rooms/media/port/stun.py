"""STUN messages: the part of RFC 8489 that an ICE-lite agent needs. Pure.

Parsing looks only at bytes that are there, raises ValueError and nothing else, and costs no
hashing until a username has been recognised, so strangers cannot buy much work with it.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from struct import pack, pack_into, unpack_from

COOKIE = 0x2112A442
HEADER_BYTES = 20
# Browsers write ten; whoever writes more need not have the password.
MAX_ATTRIBUTES = 32
INTEGRITY_BYTES = 24  # attribute header and a SHA-1
FINGERPRINT_XOR = 0x5354554E

BINDING_REQUEST = 0x0001
BINDING_INDICATION = 0x0011
BINDING_SUCCESS = 0x0101
BINDING_ERROR = 0x0111

USERNAME = 0x0006
MESSAGE_INTEGRITY = 0x0008
ERROR_CODE = 0x0009
UNKNOWN_ATTRIBUTES = 0x000A
XOR_MAPPED_ADDRESS = 0x0020
PRIORITY = 0x0024
USE_CANDIDATE = 0x0025
FINGERPRINT = 0x8028
ICE_CONTROLLED = 0x8029
ICE_CONTROLLING = 0x802A

# Comprehension-required attributes (below 0x8000) that may come in a binding request.
UNDERSTOOD = frozenset({USERNAME, MESSAGE_INTEGRITY, XOR_MAPPED_ADDRESS, PRIORITY, USE_CANDIDATE})

REASONS = {
    400: b"Bad Request",
    401: b"Unauthenticated",
    420: b"Unknown Attribute",
    487: b"Role Conflict",
}


@dataclass(frozen=True, slots=True)
class StunMessage:
    """`integrity_at` is the offset of MESSAGE-INTEGRITY in `data`, or None without one.

    Attributes after MESSAGE-INTEGRITY are not authenticated and are left out
    (RFC 8489 section 14.5), except that FINGERPRINT has been checked.
    """

    data: bytes
    message_type: int
    transaction_id: bytes
    attributes: dict[int, bytes]
    integrity_at: int | None
    has_fingerprint: bool

    @property
    def local_ufrag(self) -> str | None:
        """The half of USERNAME that names the receiver (RFC 8445 section 7.3)."""
        username = self.attributes.get(USERNAME)
        if username is None:
            return None
        return username.split(b":", 1)[0].decode("ascii", "replace")

    @property
    def remote_ufrag(self) -> str:
        """The other half, which names the sender; "" without one."""
        username = self.attributes.get(USERNAME, b"")
        return username.partition(b":")[2].decode("ascii", "replace")

    def unknown_required(self) -> list[int]:
        return [kind for kind in self.attributes if kind < 0x8000 and kind not in UNDERSTOOD]

    def is_authentic(self, password: str) -> bool:
        """Whether MESSAGE-INTEGRITY was made with `password`, compared in constant time."""
        at = self.integrity_at
        if at is None:
            return False
        mac = _integrity(self.data[:at], password)
        return hmac.compare_digest(mac, self.attributes[MESSAGE_INTEGRITY])


def parse_message(data: bytes) -> StunMessage:
    """Read a STUN message. Raises ValueError when it is not a well-formed one."""
    if len(data) < HEADER_BYTES:
        raise ValueError("STUN message is shorter than its header")
    message_type, length, cookie = unpack_from("!HHI", data)
    if message_type & 0xC000 or cookie != COOKIE:
        raise ValueError("not a STUN message")
    if length % 4 or length != len(data) - HEADER_BYTES:
        raise ValueError("STUN length does not match the datagram")
    attributes: dict[int, bytes] = {}
    integrity_at: int | None = None
    has_fingerprint = False
    at = HEADER_BYTES
    count = 0
    while at < len(data):
        count += 1
        if count > MAX_ATTRIBUTES:
            raise ValueError("STUN message has too many attributes")
        if at + 4 > len(data):
            raise ValueError("STUN attribute is truncated")
        kind, size = unpack_from("!HH", data, at)
        value = data[at + 4 : at + 4 + size]
        if len(value) != size:
            raise ValueError("STUN attribute is truncated")
        if kind == FINGERPRINT:
            _check_fingerprint(data, at, value)
            has_fingerprint = True
        elif integrity_at is None:
            if kind == MESSAGE_INTEGRITY:
                if size != INTEGRITY_BYTES - 4:
                    raise ValueError("MESSAGE-INTEGRITY has a wrong length")
                integrity_at = at
            attributes.setdefault(kind, value)
        at += 4 + size + (-size % 4)
    return StunMessage(data, message_type, data[8:20], attributes, integrity_at, has_fingerprint)


def build_message(
    message_type: int,
    transaction_id: bytes,
    attributes: Iterable[tuple[int, bytes]],
    password: str | None,
) -> bytes:
    """Serialise, with MESSAGE-INTEGRITY when `password` is given, and FINGERPRINT always."""
    body = b"".join(
        pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in attributes
    )
    message = pack("!HHI", message_type, len(body), COOKIE) + transaction_id + body
    if password is not None:
        mac = _integrity(message, password)
        message = _with_length(message, len(message) - HEADER_BYTES + INTEGRITY_BYTES)
        message += pack("!HH", MESSAGE_INTEGRITY, len(mac)) + mac
    message = _with_length(message, len(message) - HEADER_BYTES + 8)
    return message + pack("!HHI", FINGERPRINT, 4, zlib.crc32(message) ^ FINGERPRINT_XOR)


def build_error(
    request: StunMessage,
    code: int,
    password: str | None,
    extra: Iterable[tuple[int, bytes]] = (),
) -> bytes:
    """The error response to `request`; without a password where no key is shared yet."""
    value = pack("!HBB", 0, code // 100, code % 100) + REASONS[code]
    return build_message(
        BINDING_ERROR, request.transaction_id, [(ERROR_CODE, value), *extra], password
    )


def pack_xor_address(host: str, port: int, transaction_id: bytes) -> bytes:
    """XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). IPv4-mapped hosts count as IPv4."""
    address = ip_address(host.split("%", 1)[0])
    packed = address.packed
    pad = pack("!I", COOKIE) + transaction_id
    masked = bytes(a ^ b for a, b in zip(packed, pad, strict=False))
    family = 1 if len(packed) == 4 else 2
    return pack("!BBH", 0, family, port ^ (COOKIE >> 16)) + masked


def _with_length(message: bytes, length: int) -> bytes:
    buffer = bytearray(message)
    pack_into("!H", buffer, 2, length)
    return bytes(buffer)


def _integrity(before: bytes, password: str) -> bytes:
    covered = _with_length(before, len(before) - HEADER_BYTES + INTEGRITY_BYTES)
    return hmac.new(password.encode(), covered, hashlib.sha1).digest()


def _check_fingerprint(data: bytes, at: int, value: bytes) -> None:
    if len(value) != 4 or at + 8 != len(data):
        raise ValueError("FINGERPRINT is not the last attribute")
    if unpack_from("!I", value)[0] != zlib.crc32(data[:at]) ^ FINGERPRINT_XOR:
        raise ValueError("FINGERPRINT does not match")
