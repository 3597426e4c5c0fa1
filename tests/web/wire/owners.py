"""Sockets as programs of another user open them."""

from __future__ import annotations

import os
import socket

import pytest

NOBODY = 65534
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes sockets of other users")


def socket_of(user: int, family: int) -> socket.socket:
    """A TCP socket that the kernel holds to be `user`'s, whoever uses it."""
    own = os.geteuid()
    os.seteuid(user)
    try:
        return socket.socket(family)
    finally:
        os.seteuid(own)
