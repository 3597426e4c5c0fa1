"""The media port: the sockets, and which connection a datagram belongs to.

One port, UDP and TCP, for all media of a hub, so a firewall needs one rule. First by the first
byte (RFC 7983), then STUN by the local ufrag it names, the rest by the remote address, which is
its who has shown to be there (see claims.py). A stranger's datagram leaves no state.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from confhub.bucket import TokenBucket, each_second
from rooms.media.engine.batch import NO_STREAM, Batch, Run
from rooms.media.engine.interface import Engine
from rooms.media.port import stun
from rooms.media.port.claims import Claims
from rooms.media.port.counters import PortCounters
from rooms.media.port.moves import Moves
from rooms.media.port.path import AMPLIFICATION, Path
from rooms.media.port.streams import Sender, Streams
from rooms.media.port.tcp import MAX_CONNECTIONS, TcpDoor

logger = logging.getLogger(__name__)

# Datagrams per readable event: enough to empty a burst, few enough that timers and
# WebSockets on the same loop wait under a few milliseconds.
MAX_BATCH = 64
# Error answers to strangers: real browsers with stale credentials send a few a second.
# They are no longer than the requests that cause them, but need no flood either.
MAX_ERRORS_PER_S = 100
# One log line per this time about bad datagrams, whatever their number.
LOG_INTERVAL_S = 10.0


class Endpoint(Sender, Protocol):
    """A connection, as the port sees it."""

    def path_checked(self, now: float) -> None:
        """An authentic check, or the answer to one, has come: states may have changed."""

    def path_lost(self, path: Path, now: float) -> None: ...
    def receive_dtls(self, datagram: bytes, path: Path) -> None: ...

    @property
    def has_keys(self) -> bool: ...
    def receive_media(self, datagram: bytes, now: float, waited_s: float) -> bool:
        """Take a packet, or drop it unread where the peer's budget is spent. False, and nothing
        else: it is not under this peer's keys. `waited_s`: see Datagram."""

    def receive_run(self, batch: Batch, at: int, now: float) -> Run | None:
        """Take datagram `at` and those that follow it in its stream, if nothing about them has to
        be decided first. What was taken the batch knows."""

    def is_over_budget(self, now: float) -> bool:
        """Whether packets may be dropped unread, which says nothing of whose they are."""


class MediaPort:
    """Owns the sockets it is given. `now` is monotonic seconds."""

    def __init__(
        self,
        sockets: list[socket.socket],
        port: int,
        engine: Engine,
        now: Callable[[], float] = time.monotonic,
        listeners: Sequence[socket.socket] = (),
        room: int = MAX_CONNECTIONS,
    ) -> None:
        """`sockets` are UDP, `listeners` TCP, on the same port; without them it is UDP only.

        `room` is how many TCP connections may be open at once.
        """
        self.port = port
        self.engine = engine
        self.counters = PortCounters()
        self._sockets = sockets
        self.now = now
        self.door = TcpDoor(listeners, self, now, room)
        self._by_ufrag: dict[str, Endpoint] = {}
        self._ufrags: dict[Endpoint, list[str]] = {}
        self._claims: Claims[Endpoint] = Claims()
        self._streams = Streams(self._ufrags)
        self._errors = TokenBucket(each_second(MAX_ERRORS_PER_S))
        self._moves = Moves()
        self._worthless = 0  # packets of no use to anybody
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
        self._claims.clear()

    @property
    def paths(self) -> int:
        """How many remote addresses are known; whoever named one knows a password."""
        return len(self._claims)

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
        is_free = self._claims.leave(path, endpoint)
        if is_free and path.is_stream:
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

    def receive_framed(self, packet: bytes, path: Path, now: float) -> bool:
        """One packet of a TCP connection; `flush` follows the last of those that came at once.
        False: it was of no use, whatever it cost."""
        before = self._worthless
        self._take(packet, path, now)
        return self._worthless == before

    def flush(self) -> None:
        self.engine.flush()

    def path_closed(self, path: Path, now: float) -> None:
        endpoint = self._claims.holder(path)
        if endpoint is not None:
            self._claims.leave(path, endpoint)
            endpoint.path_lost(path, now)

    def is_over_budget(self, path: Path, now: float) -> bool:
        """Whether who sends by this path has sent more than is read of one peer."""
        endpoint = self._claims.holder(path)
        return endpoint is not None and endpoint.is_over_budget(now)

    def count_bad(self, reason: str) -> None:
        """Count a packet that a connection had to drop, such as one over its rate."""
        self.counters.bad[reason] += 1

    def count_worthless(self, reason: str) -> None:
        """Count one that would have been of no use to anybody."""
        self._refuse(reason)

    # From the kernel

    def _drain(self, index: int, sock: socket.socket) -> None:
        began = self.now()
        self._empty(index, sock)
        self.counters.drains.add(self.now() - began)

    def _empty(self, index: int, sock: socket.socket) -> None:
        try:
            batch = self.engine.receive(sock, MAX_BATCH)
        except OSError as error:
            self._refuse(f"receive_errno_{error.errno}")
            return
        now = self.now()  # that of their reading, as what each waited until then
        for at in range(len(batch)):
            if batch.is_taken(at):
                continue
            path = Path(index, batch.address(at))
            if batch.ssrc(at) != NO_STREAM:
                self._take_run(batch, at, path, now)
                if batch.is_taken(at):
                    continue
            datagram = batch.datagram(at)
            self._take(datagram.data, path, now, datagram.waited_s)
        self.engine.flush()

    def _take_run(self, batch: Batch, at: int, path: Path, now: float) -> None:
        endpoint = self._claims.holder(path)
        if endpoint is None:
            return
        try:
            run = endpoint.receive_run(batch, at, now)
        except Exception as error:
            self._refuse("exception", error)
            return
        if run is not None:
            self.counters.datagrams_in += run.datagrams
            self.counters.bytes_in += run.datagram_bytes

    def _take(self, data: bytes, path: Path, now: float, waited_s: float = 0.0) -> None:
        self.counters.datagrams_in += 1
        self.counters.bytes_in += len(data)
        try:
            self._route(data, path, now, waited_s)
        except Exception as error:
            # The boundary: nothing a peer sends may stop the port.
            self._refuse("exception", error)

    def _route(self, data: bytes, path: Path, now: float, waited_s: float) -> None:
        first = data[0] if data else 255
        if 128 <= first < 192:
            endpoint = self._claims.holder(path)
            if endpoint is None or not endpoint.receive_media(data, now, waited_s):
                self._receive_stray(data, path, endpoint, now, waited_s)
            elif path.is_stream:
                self.door.prove(path, now)
        elif 20 <= first < 64:
            endpoint = self._claims.holder(path)
            if endpoint is None:
                self._refuse("dtls_unknown_address")
            else:
                endpoint.receive_dtls(data, path)
        elif first < 4:
            self._handle_stun(data, path, now)
        else:
            self._refuse("unknown_protocol")

    def _receive_stray(
        self, data: bytes, path: Path, holder: Endpoint | None, now: float, waited_s: float
    ) -> None:
        """Media that is not its who holds the address: of a peer whose address changed on the
        way, seconds before its next check, or whose address another one claims.

        What decrypts, and is no replay, is its own: it is heard at once. Nothing is sent there
        before it has answered from there (RFC 7675).
        """
        ssrc = data[4:8] if len(data) > 1 and 192 <= data[1] < 224 else data[8:12]
        for endpoint in () if path.is_stream else self._streams.find(ssrc, now):
            if endpoint is holder or endpoint.is_over_budget(now):
                continue
            is_known = endpoint in self._claims.others(path)
            heard_at = endpoint.agent.heard_at
            if not is_known and not self._moves.take(endpoint, str(path.address[0]), heard_at, now):
                continue
            if endpoint.receive_media(data, now, waited_s):
                self._claims.claim(path, endpoint)
                self._forget_one(endpoint.agent.remember(path, now), endpoint)
                return
        if holder is None:
            self._refuse("media_unknown_address")
        else:
            self._refuse("srtp_refused" if holder.has_keys else "media_before_keys")

    def _forget_one(self, path: Path | None, endpoint: Endpoint) -> None:
        if path is not None:
            self._forget(path, endpoint)

    def _handle_stun(self, data: bytes, path: Path, now: float) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            self._refuse("stun_malformed")
            return
        if message.message_type == stun.BINDING_SUCCESS:
            self._take_answer(message, path, now)
            return
        if message.message_type != stun.BINDING_REQUEST:
            # Indications keep a path open and need no answer.
            if message.message_type == stun.BINDING_INDICATION:
                self._worthless += 1
            else:
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

    def _take_answer(self, message: stun.StunMessage, path: Path, now: float) -> None:
        holder = self._claims.holder(path)
        for endpoint in (*self._claims.others(path), *([holder] if holder else [])):
            if endpoint.agent.handle_answer(message, path, now):
                self._claims.give(path, endpoint)
                if path.is_stream:
                    self.door.prove(path, now)
                endpoint.path_checked(now)
                return
        self._refuse("stun_unexpected")

    def _check(self, endpoint: Endpoint, message: stun.StunMessage, path: Path, now: float) -> None:
        holder = self._claims.holder(path)
        if path.is_stream and holder is not None and holder is not endpoint:
            self._refuse("path_taken")  # a connection is one peer's as long as it lives
            return
        verdict = endpoint.agent.handle_request(message, path, now)
        if verdict.refusal == 401:
            self._refuse_request(message, path, now, 401)
            return
        if not verdict.reply:
            self._refuse("stun_flood")
            return
        if not verdict.authentic:
            self._refuse(f"stun_{verdict.refusal}")
            if len(verdict.reply) <= AMPLIFICATION * len(message.data):
                self.send(verdict.reply, path)
            return
        self._claim(path, endpoint, holder, now)
        if path.is_stream:
            self.door.prove(path, now)
        self._forget_one(verdict.forgotten, endpoint)
        self.send(verdict.reply, path)
        endpoint.path_checked(now)

    def _claim(self, path: Path, endpoint: Endpoint, holder: Endpoint | None, now: float) -> None:
        if holder is endpoint:
            return
        if holder is None or not holder.agent.uses(path, now):
            self._claims.give(path, endpoint)
            return
        self._claims.claim(path, endpoint)
        self._refuse("path_taken")

    def _refuse_request(self, message: stun.StunMessage, path: Path, now: float, code: int) -> None:
        """Answer a stranger's well-formed request with 400 or 401, or with nothing.

        Without FINGERPRINT it is hardly ICE (RFC 8445 section 7.1 requires it), and an
        answer could be longer than the request.
        """
        self._refuse(f"stun_{code}")
        if message.has_fingerprint and self._errors.take(now):
            reply = stun.build_error(message, code, None)
            if len(reply) <= len(message.data):
                self.send(reply, path)

    def _refuse(self, reason: str, error: Exception | None = None) -> None:
        self.counters.bad[reason] += 1
        self._worthless += 1
        now = self.now()
        if error is not None and now - self._logged_at >= LOG_INTERVAL_S:
            self._logged_at = now
            logger.error("a datagram caused an error", exc_info=error)
