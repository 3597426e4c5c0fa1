"""Our own identifiers: opaque, short, safe in addresses and file names."""

from __future__ import annotations

import base64
import secrets

# 32 letters a person can read over the telephone: no i, l, o, u.
_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_FROM_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
ID_LENGTH = 16  # 80 random bits: no collision in a lifetime of meetings


def new_id() -> str:
    """A fresh identifier of `ID_LENGTH` characters."""
    return base64.b32encode(secrets.token_bytes(10)).translate(_FROM_BASE32).decode("ascii")
