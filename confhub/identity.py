"""Our own identifiers: opaque, short, safe in addresses and file names."""

from __future__ import annotations

import base64
import hashlib
import secrets

# 32 letters a person can read over the telephone: no i, l, o, u.
_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_FROM_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
ID_LENGTH = 16  # 80 random bits: no collision in a lifetime of meetings
_ID_BYTES = 10


def new_id() -> str:
    """A fresh identifier of `ID_LENGTH` characters."""
    return _spelt(secrets.token_bytes(_ID_BYTES))


def part_id(whole_id: str, part: str) -> str:
    """The identifier of a part of something: always the same one, so that it is made once."""
    return _spelt(hashlib.sha256(f"{whole_id} {part}".encode()).digest()[:_ID_BYTES])


def is_id(text: str) -> bool:
    """Whether a text that came from outside could be an identifier of ours."""
    return len(text) == ID_LENGTH and all(letter in _ALPHABET for letter in text.encode())


def _spelt(data: bytes) -> str:
    return base64.b32encode(data).translate(_FROM_BASE32).decode("ascii")


def secret_hash(secret: str) -> str:
    """What of a secret is kept: of a sign-in's cookie, of an access token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
