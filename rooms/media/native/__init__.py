"""The compiled core, built by build.py."""

from __future__ import annotations

import hashlib


def digest(header: str) -> str:
    """What a core says of the `core.h` that it was compiled with: another one has other structs."""
    return hashlib.sha256(header.encode()).hexdigest()
