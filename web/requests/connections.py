"""The TCP connections of the pages: accepted here, so that they can be counted and bounded.

A client that stalls holds a file handle. Each gets a deadline for the TLS handshake, for each
request's head (as for idleness), for a body (web/requests/form_body.py) and for taking what we
send; and no address, and not all together, may hold so many that others find the door shut.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, cast

from confhub.seldom import Seldom
from web.requests.addresses import is_trusted, network_of
from web.requests.shaping import Pieces, Shaped

log = logging.getLogger(__name__)

# Longer than the 60 s for which nginx keeps connections to us, so that it never uses one that
# is just being closed; a page that was left sends nothing anyway.
KEEPALIVE_S = 75.0
# Two round trips of a satellite line are 1.5 s.
HANDSHAKE_S = 10.0
# How long what we sent may lie unacknowledged, or unsent because the window is shut (tcp(7)).
SEND_TIMEOUT_MS = 60_000
# Listeners take turns with everything else on the loop.
ACCEPT_AT_ONCE = 64
RETRY_S = 1.0
# Who comes in a crowd is refused many times a second; a line a minute names who it is now.
LOG_INTERVAL_S = 60.0

_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
Refusal = Literal["address", "total"]


class Connections:
    """`serve` once; `stop` accepting, then `close` what is left."""

    def __init__(self, *, limit: int, per_address: int, trusted: tuple[str, ...] = ()) -> None:
        """`limit` is for all addresses together; proxies are `trusted` with any number.

        One address never gets more than half of all.
        """
        self.limit = limit
        self._per_address = min(per_address, max(self.limit // 2, 1))
        self._trusted = trusted
        self._open: Counter[str] = Counter()
        self.refused: Counter[str] = Counter(address=0, total=0)
        self._seldom = Seldom()
        self.pieces = Pieces()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[socket.socket] = []
        self._server: Callable[[], asyncio.Protocol] = asyncio.Protocol
        self._tls: ssl.SSLContext | None = None

    @property
    def count(self) -> int:
        """Connections that are open now, those in their TLS handshake included."""
        return self._open.total()

    def serve(
        self,
        listeners: Sequence[socket.socket],
        server: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
    ) -> None:
        self._server, self._tls = server, tls
        self._listeners = list(listeners)
        self._listen()

    def stop(self) -> None:
        """Accept no more."""
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            loop.remove_reader(listener)
            listener.close()
        self._listeners = []

    async def close(self) -> None:
        """End what the server has not closed: handshakes that stall."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _listen(self) -> None:
        for listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(ACCEPT_AT_ONCE):
            try:
                connection, peer = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                log.error("no connection can be accepted: %s", error.strerror)
                loop = asyncio.get_running_loop()
                loop.remove_reader(listener)
                loop.call_later(RETRY_S, self._listen)
                return
            network = network_of(peer[0])
            refusal = self._refusal(peer[0], network)
            if refusal is None:
                self._take(connection, network)
            else:
                self._refuse(connection, network, refusal)

    def _refusal(self, address: str, network: str) -> Refusal | None:
        if self.count >= self.limit:
            return "total"
        if self._open[network] >= self._per_address and not is_trusted(address, self._trusted):
            return "address"
        return None

    def _refuse(self, connection: socket.socket, network: str, refusal: Refusal) -> None:
        now = asyncio.get_running_loop().time()
        if self._seldom.due(refusal, now, LOG_INTERVAL_S) is not None:
            log.warning("too many connections (%s): %s is refused further ones", refusal, network)
        self.refused[refusal] += 1
        connection.close()

    def _take(self, connection: socket.socket, network: str) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SEND_TIMEOUT_MS)
        self._open[network] += 1
        task = asyncio.get_running_loop().create_task(
            self._hold(connection, network), name=f"connection {network}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self, connection: socket.socket, network: str) -> None:
        """Until the connection is closed, whoever closes it."""
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()
        transport: asyncio.BaseTransport | None = None
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: _Watched(self._server(), network, self.pieces, closed),
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
            )
            await closed
        except (OSError, TimeoutError) as error:
            log.debug("no TLS with %s: %s", network, error)
        finally:
            if transport is None:
                connection.close()
            elif not transport.is_closing():
                cast("asyncio.Transport", transport).abort()  # uvloop's are no subclasses
            self._open[network] -= 1
            if not self._open[network]:
                del self._open[network]


class _Watched(Shaped):
    """The server's protocol, which it stands for, and word of the connection's end."""

    def __init__(
        self,
        inner: asyncio.Protocol,
        network: str,
        pieces: Pieces,
        closed: asyncio.Future[None],
    ) -> None:
        super().__init__(inner, network, pieces)
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        try:
            super().connection_lost(exc)
        finally:
            with contextlib.suppress(asyncio.InvalidStateError):
                self._closed.set_result(None)
