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
from functools import partial
from typing import Literal, cast

from confhub.networks import networks_of
from confhub.rounds import Place
from confhub.seldom import Seldom
from web.requests.addresses import is_trusted
from web.wire.guests import Guest, Guests
from web.wire.handshake_turns import HandshakeTurns
from web.wire.shaping import FromNetwork, Pieces, Shaped, Stage
from web.wire.tls import TlsLayer

log = logging.getLogger(__name__)

# A page's first request comes with the connection; a line of 32 kbit/s carries it in 2 s.
FIRST_HEAD_S = 10.0
# Where there is no room, who came or was answered within this is left to say what he wants.
YOUNG_S = 1.0
# Longer than the 60 s for which nginx keeps connections to us, so that it never uses one that
# is just being closed; a page that was left sends nothing anyway.
KEEPALIVE_S = 75.0
# Two round trips of a satellite line are 1.5 s.
HANDSHAKE_S = 10.0
# How long what we sent may lie unacknowledged, or unsent because the window is shut (tcp(7)).
SEND_TIMEOUT_MS = 60_000
# What the kernel holds at most of what we said to one, which would be 4 MB: a line of 600 ms there
# and back, by satellite, still carries 100 KB/s. The rest waits here, where it is counted.
SEND_BYTES = 64 * 1024
# Listeners take turns with everything else on the loop: one at least, more while the turn has as
# much left. Each costs some tenths of a millisecond.
ACCEPT_AT_ONCE = 8
RETRY_S = 1.0
# Who comes in a crowd is refused many times a second; a line a minute names who it is now.
LOG_INTERVAL_S = 60.0

_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
Refusal = Literal["address", "total"]


class Connections:
    """`serve` once; `stop` accepting, then `close` what is left."""

    def __init__(self, *, limit: int, per_address: int, trusted: tuple[str, ...] = ()) -> None:
        """`limit` is for all addresses together; proxies are `trusted` with any number.

        One address never gets more than half of all. Where there is no room, one makes it who is
        not being answered (web/wire/guests.py).
        """
        self.limit = limit
        self._per_address = min(per_address, max(self.limit // 2, 1))
        self._trusted = trusted
        self._all = Guests()
        self._by_network: dict[str, Guests] = {}
        self.made_room = 0
        self.refused: Counter[str] = Counter(address=0, total=0)
        self._seldom = Seldom()
        self.pieces = Pieces()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[socket.socket] = []
        self._server: Callable[[], asyncio.Protocol] = asyncio.Protocol
        self._tls: ssl.SSLContext | None = None
        self._handshakes = HandshakeTurns()

    @property
    def count(self) -> int:
        """Connections that are open now, those in their TLS handshake included."""
        return self._all.count

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
        self._handshakes.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _listen(self) -> None:
        for listener in self._listeners:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        for number in range(ACCEPT_AT_ONCE):
            if not self.pieces.has_left and number > 0:
                return
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
            self.pieces.let_in()
            networks = networks_of(peer[0])
            refusal = self._make_room(peer[0], networks)
            if refusal is None:
                self._take(connection, networks, is_trusted(peer[0], self._trusted))
            else:
                self._refuse(connection, networks[0], refusal)

    def _make_room(self, address: str, networks: tuple[str, ...]) -> Refusal | None:
        """See to it that one more fits; why not, if not."""
        if not is_trusted(address, self._trusted):
            # A /56 may hold two of its customers' shares, a /48 four.
            for doubled, network in enumerate(networks):
                most = min(self._per_address << doubled, max(self.limit // 2, 1))
                guests = self._by_network.get(network)
                if guests is not None and guests.count >= most and not self._end_one(guests):
                    return "address"
        if self.count >= self.limit and not self._end_one(self._all):
            return "total"
        return None

    def _end_one(self, guests: Guests) -> bool:
        guest = guests.one_to_go(asyncio.get_running_loop().time(), YOUNG_S)
        if guest is None:
            return False
        self.made_room += 1
        self._leave(guest)
        guest.end()
        return True

    def _refuse(self, connection: socket.socket, network: str, refusal: Refusal) -> None:
        now = asyncio.get_running_loop().time()
        if self._seldom.due(refusal, now, LOG_INTERVAL_S) is not None:
            log.warning("too many connections (%s): %s is refused further ones", refusal, network)
        self.refused[refusal] += 1
        connection.close()

    def _take(self, connection: socket.socket, networks: tuple[str, ...], is_proxy: bool) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SEND_TIMEOUT_MS)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        loop = asyncio.get_running_loop()
        guest = Guest(networks, loop.time())
        for guests in self._counted_by(guest):
            guests.arrive(guest)
        guest.task = loop.create_task(
            self._hold(connection, guest, is_proxy), name=f"connection {networks[0]}"
        )
        self._tasks.add(guest.task)
        guest.task.add_done_callback(partial(self._over, connection, guest))

    def _over(self, connection: socket.socket, guest: Guest, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not guest.is_held:  # cancelled before it began
            connection.close()
            self._leave(guest)

    def _counted_by(self, guest: Guest) -> list[Guests]:
        known = self._by_network
        return [self._all, *(known.setdefault(name, Guests()) for name in guest.networks)]

    def _leave(self, guest: Guest) -> None:
        if not guest.here:
            return
        guest.here = False
        for guests in self._counted_by(guest):
            guests.leave(guest)
        for name in guest.networks:
            if not self._by_network[name].count:
                del self._by_network[name]

    def _note(self, guest: Guest, stage: Stage) -> None:
        if not guest.here:
            return
        guest.begin(asyncio.get_running_loop().time())
        for guests in self._counted_by(guest):
            guests.note(guest, stage)

    async def _hold(self, connection: socket.socket, guest: Guest, is_proxy: bool) -> None:
        """Until the connection is closed, whoever closes it."""
        guest.is_held = True
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()
        transport: asyncio.BaseTransport | None = None
        try:
            if self._tls and not is_proxy:
                async with asyncio.timeout(HANDSHAKE_S):
                    if not await self._handshakes.wait(guest.place, connection):
                        return
            outermost, handshake = self._protocols(guest, closed)
            transport, _ = await loop.connect_accepted_socket(lambda: outermost, connection)
            if handshake is not None:
                async with asyncio.timeout(HANDSHAKE_S):
                    await handshake
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if is_proxy else FIRST_HEAD_S):
                    await asyncio.shield(closed)
            if not guest.is_stranger:
                await closed
        except (OSError, TimeoutError) as error:
            log.debug("no TLS with %s: %s", guest.networks[0], error)
        finally:
            if transport is None:
                connection.close()
            else:  # also one that closes as soon as the rest is taken
                cast("asyncio.Transport", transport).abort()  # uvloop's are no subclasses
            self._leave(guest)

    def _protocols(
        self, guest: Guest, closed: asyncio.Future[None]
    ) -> tuple[FromNetwork, asyncio.Future[None] | None]:
        """What the socket is read by, before the server's protocol; and when its handshake ends."""
        server, place, pieces = self._server(), guest.place, self.pieces
        if self._tls is None:
            plain = _Plain(closed, server, place, pieces)
            self._watch(guest, plain)
            return plain, None
        inside = _Watched(closed, server, place, pieces, is_counted=True)
        self._watch(guest, inside)
        layer = TlsLayer(inside, self._tls)
        inside.below = FromNetwork(layer, place, pieces)
        return inside.below, layer.ready

    def _watch(self, guest: Guest, made: _Watched) -> None:
        made.on_stage = partial(self._note, guest)
        guest.shaped = made


class _Watched(Shaped):
    """The server's protocol, which it stands for, and word of the connection's end."""

    def __init__(
        self,
        closed: asyncio.Future[None],
        inner: asyncio.Protocol,
        place: Place,
        pieces: Pieces,
        *,
        is_counted: bool = False,
    ) -> None:
        super().__init__(inner, place, pieces, is_counted=is_counted)
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        try:
            super().connection_lost(exc)
        finally:
            with contextlib.suppress(asyncio.InvalidStateError):
                self._closed.set_result(None)


class _Plain(_Watched, FromNetwork):
    """The same without TLS."""
