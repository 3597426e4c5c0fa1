"""The media port: the sockets, and which connection a datagram belongs to.

One port, UDP and TCP, for all media of a hub, so a firewall needs one rule. First by the first
byte (RFC 7983), then STUN by the local ufrag it names, the rest by the remote address that a
check with a valid MESSAGE-INTEGRITY has come from. A stranger's datagram leaves no state.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from confhub.durations import Durations
from rooms.media import stun
from rooms.media.engine import Engine
from rooms.media.ice import IceAgent, Path
from rooms.media.tcp import TcpDoor

logger = logging.getLogger(__name__)

# Datagrams per readable event: enough to empty a burst, few enough that timers and
# WebSockets on the same loop wait under a few milliseconds.
MAX_BATCH = 64
# Error answers to strangers: real browsers with stale credentials send a few a second.
# They are no longer than the requests that cause them, but need no flood either.
MAX_ERRORS_PER_S = 100
# Media from addresses that are not known: a hundred sites whose router was restarted send 5,000
# packets a second, and one of each is enough. Each of a stranger's costs a look at every peer.
MAX_MOVES_PER_S = 200
# One log line per this time about bad datagrams, whatever their number.
LOG_INTERVAL_S = 10.0
# A drain of one packet of sound takes tens of microseconds; 20 ms is a packet's own length, and
# what takes longer is heard.
DRAIN_BOUNDS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1)


class Endpoint(Protocol):
    """A connection, as the port sees it."""

    agent: IceAgent

    def path_checked(self, now: float) -> None: ...
    def path_lost(self, path: Path, now: float) -> None: ...
    def receive_dtls(self, datagram: bytes) -> None: ...
    def has_heard(self, ssrc: bytes) -> bool: ...
    def receive_media(self, datagram: bytes, now: float) -> bool: ...


class PortCounters:
    """What went through, packets of TCP connections too. `bad` counts what was dropped, and
    connections that were refused, by reason; `drains` how long each emptying of a socket took."""

    def __init__(self) -> None:
        self.datagrams_in = 0
        self.datagrams_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.send_drops = 0
        self.bad: Counter[str] = Counter()
        self.drains = Durations(DRAIN_BOUNDS_S)


class Allowance:
    """So many of something each second."""

    def __init__(self, per_s: int) -> None:
        self._per_s = self._left = per_s
        self._second = 0

    def take(self, now: float) -> bool:
        """One of this second's, if there is any left."""
        second = int(now)
        if second != self._second:
            self._second, self._left = second, self._per_s
        self._left -= 1
        return self._left >= 0


class MediaPort:
    """Owns the sockets it is given. `now` is monotonic seconds."""

    def __init__(
        self,
        sockets: list[socket.socket],
        port: int,
        engine: Engine,
        now: Callable[[], float] = time.monotonic,
        listeners: Sequence[socket.socket] = (),
    ) -> None:
        """`sockets` are UDP, `listeners` TCP, on the same port; without them it is UDP only."""
        self.port = port
        self.engine = engine
        self.counters = PortCounters()
        self._sockets = sockets
        self.now = now
        self.door = TcpDoor(listeners, self, now)
        self._by_ufrag: dict[str, Endpoint] = {}
        self._ufrags: dict[Endpoint, list[str]] = {}
        self._by_path: dict[Path, Endpoint] = {}
        self._errors = Allowance(MAX_ERRORS_PER_S)
        self._moves = Allowance(MAX_MOVES_PER_S)
        self._logged_at = -LOG_INTERVAL_S
        self.resume()

    def resume(self) -> None:
        """Read from the sockets."""
        loop = asyncio.get_running_loop()
        for index, item in enumerate(self._sockets):
            loop.add_reader(item.fileno(), self._drain, index, item)
        self.door.resume()

    def pause(self) -> None:
        """Leave datagrams in the kernel, where they are dropped when its buffer is full."""
        loop = asyncio.get_running_loop()
        for item in self._sockets:
            loop.remove_reader(item.fileno())
        self.door.pause()

    def close(self) -> None:
        self.pause()
        self.door.close()
        for item in self._sockets:
            item.close()
        self._by_ufrag.clear()
        self._by_path.clear()

    @property
    def paths(self) -> int:
        """How many remote addresses are known; all of them have proved a password."""
        return len(self._by_path)

    def register(self, endpoint: Endpoint) -> None:
        """Route STUN that names one of the agent's ufrags; call again after a restart."""
        for ufrag in self._ufrags.pop(endpoint, ()):
            self._by_ufrag.pop(ufrag, None)
        ufrags = self._ufrags[endpoint] = endpoint.agent.ufrags()
        for ufrag in ufrags:
            self._by_ufrag[ufrag] = endpoint

    def unregister(self, endpoint: Endpoint) -> None:
        for ufrag in self._ufrags.pop(endpoint, ()):
            self._by_ufrag.pop(ufrag, None)
        for path in endpoint.agent.paths:
            self._forget(path, endpoint)

    def _forget(self, path: Path, endpoint: Endpoint) -> None:
        if self._by_path.get(path) is endpoint:
            del self._by_path[path]
            if path.is_stream:
                self.door.release(path, self.now())

    def tick(self, now: float) -> None:
        """Time passes; a few times a second. Sends what waits, ends connections that had theirs."""
        self.engine.flush()
        self.door.expire(now)

    def socket_of(self, path: Path) -> socket.socket:
        """The UDP socket of a path that is no stream."""
        return self._sockets[path.socket]

    def send(self, data: bytes | memoryview, path: Path) -> bool:
        """Send now, or drop and count it when the kernel's buffer is full."""
        if path.is_stream:
            return self.send_framed([(bytes(data), False)], path)
        try:
            self._sockets[path.socket].sendto(data, path.address)
        except BlockingIOError:
            self.counters.send_drops += 1
            return False
        except OSError as error:
            # No route, a firewall's refusal, an interface that left: the peer's consent
            # will run out and say so.
            self._refuse(f"send_errno_{error.errno}")
            return False
        self.counters.datagrams_out += 1
        self.counters.bytes_out += len(data)
        return True

    def send_framed(self, packets: Sequence[tuple[bytes, bool]], path: Path) -> bool:
        """Write (packet, is_picture) pairs to a TCP connection. False: pictures were dropped."""
        connection = self.door.connections.get(path)
        if connection is None:
            self.counters.send_drops += len(packets)
            return True
        self.counters.datagrams_out += len(packets)
        self.counters.bytes_out += sum(len(packet) for packet, _ in packets)
        return connection.send(packets, self.now())

    # From the door

    def receive_framed(self, packet: bytes, path: Path, now: float) -> None:
        """One packet of a TCP connection; `flush` follows the last of those that came at once."""
        self._take(packet, path, now)

    def flush(self) -> None:
        self.engine.flush()

    def path_closed(self, path: Path, now: float) -> None:
        endpoint = self._by_path.pop(path, None)
        if endpoint is not None:
            endpoint.path_lost(path, now)

    def count_bad(self, reason: str) -> None:
        """Count a datagram that a connection had to drop."""
        self._refuse(reason)

    # From the kernel

    def _drain(self, index: int, sock: socket.socket) -> None:
        began = self.now()
        self._empty(index, sock, began)
        self.counters.drains.add(self.now() - began)

    def _empty(self, index: int, sock: socket.socket, now: float) -> None:
        try:
            datagrams = self.engine.receive(sock, MAX_BATCH)
        except OSError as error:
            self._refuse(f"receive_errno_{error.errno}")
            return
        for data, address in datagrams:
            self._take(data, Path(index, address), now)
        self.engine.flush()

    def _take(self, data: bytes, path: Path, now: float) -> None:
        self.counters.datagrams_in += 1
        self.counters.bytes_in += len(data)
        try:
            self._route(data, path, now)
        except Exception as error:
            # The boundary: nothing a peer sends may stop the port.
            self._refuse("exception", error)

    def _route(self, data: bytes, path: Path, now: float) -> None:
        first = data[0] if data else 255
        if 128 <= first < 192:
            endpoint = self._by_path.get(path)
            if endpoint is None:
                self._receive_moved(data, path, now)
            elif endpoint.receive_media(data, now) and path.is_stream:
                self.door.prove(path, now)
        elif 20 <= first < 64:
            endpoint = self._by_path.get(path)
            if endpoint is None:
                self._refuse("dtls_unknown_address")
            else:
                endpoint.receive_dtls(data)
        elif first < 4:
            self._handle_stun(data, path, now)
        else:
            self._refuse("unknown_protocol")

    def _receive_moved(self, data: bytes, path: Path, now: float) -> None:
        """Media of a peer whose address changed on the way, seconds before its next check.

        What decrypts, and is no replay, is its own: it is heard at once. Nothing is sent to the
        new address before a check has come from it (RFC 7675).
        """
        ssrc = data[4:8] if len(data) > 1 and 192 <= data[1] < 224 else data[8:12]
        if not path.is_stream and self._moves.take(now):
            for endpoint in self._ufrags:
                if endpoint.has_heard(ssrc) and endpoint.receive_media(data, now):
                    self._by_path[path] = endpoint
                    forgotten = endpoint.agent.remember(path, now)
                    if forgotten is not None:
                        self._forget(forgotten, endpoint)
                    return
        self._refuse("media_unknown_address")

    def _handle_stun(self, data: bytes, path: Path, now: float) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            self._refuse("stun_malformed")
            return
        if message.message_type != stun.BINDING_REQUEST:
            # Consent indications need no answer; a lite agent has asked nothing.
            if message.message_type != stun.BINDING_INDICATION:
                self._refuse("stun_unexpected")
            return
        if message.local_ufrag is None or message.integrity_at is None:
            self._refuse_request(message, path, now, 400)
            return
        endpoint = self._by_ufrag.get(message.local_ufrag)
        if endpoint is None:
            self._refuse_request(message, path, now, 401)
            return
        self._check(endpoint, message, path, now)

    def _check(self, endpoint: Endpoint, message: stun.StunMessage, path: Path, now: float) -> None:
        verdict = endpoint.agent.handle_request(message, path, now)
        if verdict.refusal == 401:
            self._refuse_request(message, path, now, 401)
            return
        if not verdict.authentic:
            self._refuse(f"stun_{verdict.refusal}")
            self.send(verdict.reply, path)
            return
        if self._by_path.get(path) is not endpoint:
            self._by_path[path] = endpoint
        if path.is_stream:
            self.door.prove(path, now)
        if verdict.forgotten is not None:
            self._forget(verdict.forgotten, endpoint)
        self.send(verdict.reply, path)
        endpoint.path_checked(now)

    def _refuse_request(self, message: stun.StunMessage, path: Path, now: float, code: int) -> None:
        """Answer a stranger's well-formed request with 400 or 401, or with nothing.

        Without FINGERPRINT it is hardly ICE (RFC 8445 section 7.1 requires it), and an
        answer could be longer than the request.
        """
        self._refuse(f"stun_{code}")
        reply = stun.build_error(message, code, None)
        is_short = message.has_fingerprint and len(reply) <= len(message.data)
        if is_short and self._errors.take(now):
            self.send(reply, path)

    def _refuse(self, reason: str, error: Exception | None = None) -> None:
        self.counters.bad[reason] += 1
        now = self.now()
        if error is not None and now - self._logged_at >= LOG_INTERVAL_S:
            self._logged_at = now
            logger.error("a datagram caused an error", exc_info=error)
