"""TLS of a connection, fed by pieces of what the network brings, and with buffers of its own size.

The loop's own would read a quarter of a megabyte of records before anybody of ours saw a byte of
it, thousands of them if each holds one letter, and keep as much memory for every connection.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import sslproto
from typing import Any, cast

# A record is no longer (RFC 8446 section 5.1).
RECORD_BYTES = 16 * 1024
# While the server takes nothing, so much that came may wait before the network is told to stop:
# a record and its framing, for less could never be read, and what has arrived behind it.
UNREAD_BYTES = 2 * RECORD_BYTES
# Long enough that whoever asks for the handshake sees to its end first.
_LATEST_S = 60


class TlsLayer(sslproto.SSLProtocol, asyncio.Protocol):
    """Stands before `inner`, as a server. Give it to a transport that takes `data_received`.

    asyncio's, on every loop, whose own buffer this class does without: it is the only one that
    touches its inside (tests/web/wire/test_tls.py).
    """

    max_size = RECORD_BYTES

    def __init__(self, inner: asyncio.BaseProtocol, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        super().__init__(
            loop,
            inner,
            context,
            self.ready,
            server_side=True,
            ssl_handshake_timeout=_LATEST_S,
        )
        self._ssl_buffer = bytearray()
        self._ssl_buffer_view = memoryview(self._ssl_buffer)
        cast("Any", self)._get_app_transport().set_read_buffer_limits(high=UNREAD_BYTES)

    def data_received(self, data: bytes) -> None:
        """The next piece of what the other side sent."""
        self._ssl_buffer_view = memoryview(data)
        try:
            self.buffer_updated(len(data))
        finally:
            self._ssl_buffer_view = memoryview(self._ssl_buffer)
