"""The end of a connection: closed once the other side has taken what was said to it.

Whatever is closed before lives on in the kernel, where nobody counts it, for as long as the other
side likes to take nothing. So a connection stays one of ours until then, and what nobody takes is
thrown away with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Callable

# What a line of 32 kbit/s carries.
SLOWEST_BYTES_S = 4096
# Three retransmissions of what a bad line has lost; then a second for each 4 KB that was taken.
STUCK_S = 10.0
# A round trip in the country, then twice as long each time: whoever takes all is soon let go.
FIRST_LOOK_S = 0.05
LAST_LOOK_S = 1.0
_RESET = struct.pack("ii", 1, 0)


def in_kernel(transport: asyncio.Transport) -> int:
    """What was sent to the kernel and not acknowledged by the other side: tcp(7), SIOCOUTQ."""
    sock = transport.get_extra_info("socket")
    try:
        return int.from_bytes(fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except (OSError, ValueError):  # it is being closed
        return 0


def throw_away(transport: asyncio.Transport) -> None:
    """What the kernel has still to send goes with the connection: socket(7), SO_LINGER of 0 s."""
    with contextlib.suppress(OSError, ValueError):  # it is being closed
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


class Leaving:
    """Says the end of what was said, and closes when it was taken; after STUCK_S and a second for
    each SLOWEST_BYTES_S that were, it is thrown away."""

    def __init__(self, transport: asyncio.Transport, unsent: Callable[[], int]) -> None:
        """`unsent` gives the bytes that were not taken yet, in the kernel too."""
        self._transport, self._unsent = transport, unsent
        self._loop = asyncio.get_running_loop()
        self._began, self._first = self._loop.time(), unsent()
        self._pause = FIRST_LOOK_S
        with contextlib.suppress(OSError, RuntimeError):  # it was reset
            transport.write_eof()
        self._handle = self._loop.call_later(self._pause, self._look_again)

    def look(self) -> None:
        """Close or throw away, if it is time to."""
        unsent = self._unsent()
        if not unsent:
            self._transport.close()
            return
        taken_s = (self._first - unsent) / SLOWEST_BYTES_S
        if self._loop.time() > self._began + STUCK_S + taken_s:
            throw_away(self._transport)
            self._transport.abort()

    def end(self) -> None:
        """The connection is over."""
        self._handle.cancel()

    def _look_again(self) -> None:
        self._pause = min(2 * self._pause, LAST_LOOK_S)
        self._handle = self._loop.call_later(self._pause, self._look_again)
        self.look()
