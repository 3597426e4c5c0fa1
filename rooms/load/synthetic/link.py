"""A client's end of one media connection: a socket, ICE as the controlling side, DTLS, SRTP.

Reading is cheap so that hundreds of sites fit one process: many datagrams per wake-up, into one
buffer, and what to do with a media packet is the sink's to say.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from struct import Struct
from typing import Protocol

from rooms.load.synthetic.dtls import DtlsClient
from rooms.media.engine.interface import SO_TIMESTAMPNS
from rooms.media.port import stun
from rooms.media.port.addresses import local_addresses
from rooms.media.port.dtls import Certificate
from rooms.media.port.ice import make_credentials
from rooms.media.sdp.attributes import lines_of
from rooms.media.sdp.description import parse_description

# Browsers repeat an unanswered check after 50 ms and more, and check consent every 2.5 s.
CHECK_RETRY_S = 0.1
CHECK_TIMEOUT_S = 15.0
CONSENT_S = 2.5
# One wake-up empties a burst, and lets the other sockets of the process wait a millisecond.
MAX_BATCH = 64
DATAGRAM_BYTES = 2048
# A second of a chair's picture and three voices: a late process loses nothing in the kernel.
RECEIVE_BUFFER_BYTES = 1 << 20
# struct timespec of SO_TIMESTAMPNS.
_TIMESPEC = Struct("@ll")
# SO_MEMINFO: nine numbers, of which the last counts datagrams that found the buffer full.
SO_MEMINFO = 55
_MEMINFO = Struct("@9I")


class NotLocal(ValueError):
    """The address is of another machine: load goes nowhere else than here."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The other side, as its description gives it."""

    host: str
    port: int
    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]


class Sink(Protocol):
    """Who takes what comes. `datagram` is a view that holds until the call returns."""

    def receive_rtp(self, datagram: memoryview, at_s: float) -> None: ...
    def receive_rtcp(self, compound: bytes, at_s: float) -> None: ...


def is_local(host: str) -> bool:
    """Whether an address belongs to this machine."""
    try:
        return ip_address(host).is_loopback or host in local_addresses()
    except ValueError:
        return False


def read_remote(sdp: str) -> Remote:
    """The side that wrote `sdp`, at its UDP candidate nearest to us; NotLocal without one here."""
    description = parse_description(sdp)
    candidates = [
        (words[4], int(words[5]))
        for line in lines_of(sdp)
        if line.startswith("a=candidate:") and len(words := line.split()) > 7
        if words[2].lower() == "udp" and is_local(words[4])
    ]
    if not candidates:
        raise NotLocal("no candidate of this machine in the description")
    host, port = min(candidates, key=lambda item: (item[0] != "127.0.0.1", ":" in item[0]))
    return Remote(host, port, description.ufrag, description.password, description.fingerprints)


class Link:
    """Make it, write `transport_lines` into a description, `connect`, then send."""

    def __init__(self, certificate: Certificate, sink: Sink, *, stamped: bool = False) -> None:
        """`stamped`: the kernel notes each arrival, so that a late process measures no delay."""
        self.credentials = make_credentials()
        self.datagrams = 0
        self._certificate = certificate
        self._sink = sink
        self._stamped = stamped
        self._socket: socket.socket | None = None
        self._buffer = bytearray(DATAGRAM_BYTES)
        self._view = memoryview(self._buffer)
        self._remote: Remote | None = None
        self._answered = asyncio.Event()
        self._dtls = DtlsClient(certificate, self._send)
        self._consent: asyncio.Task[None] | None = None

    @property
    def cipher(self) -> str:
        return self._dtls.cipher

    @property
    def is_connected(self) -> bool:
        return self._dtls.is_connected

    @property
    def own_drops(self) -> int:
        """Datagrams for which our socket had no room: this process was late, not the hub."""
        if self._socket is None:
            return 0
        numbers = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size)
        return int(_MEMINFO.unpack(numbers)[-1])

    def transport_lines(self, setup: str) -> list[str]:
        return [
            f"a=ice-ufrag:{self.credentials.ufrag}",
            f"a=ice-pwd:{self.credentials.password}",
            f"a=fingerprint:{self._certificate.fingerprint}",
            f"a=setup:{setup}",
            "a=rtcp-mux",
        ]

    def open(self, remote: Remote) -> str:
        """Take a socket towards `remote`, once; returns our candidate line's value."""
        if self._socket is None:
            self._remote = remote
            self._socket = self._bind(remote)
        host, port = self._socket.getsockname()[:2]
        return f"candidate:1 1 udp 2130706431 {host} {port} typ host"

    async def connect(self, remote: Remote) -> None:
        """Nominate the path and shake hands; TimeoutError or ConnectionError."""
        self.open(remote)
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            while not self._answered.is_set():
                self._send(self._check(remote))
                try:
                    async with asyncio.timeout(CHECK_RETRY_S):
                        await self._answered.wait()
                except TimeoutError:
                    continue
        self._consent = asyncio.get_running_loop().create_task(self._keep_consent(remote))
        await self._dtls.handshake(remote.fingerprints)

    def send_rtp(self, packet: bytes) -> None:
        self._send(self._dtls.protect(packet))

    def send_rtcp(self, compound: bytes) -> None:
        if self._dtls.is_connected:
            self._send(self._dtls.protect_rtcp(compound))

    def unprotect(self, datagram: bytes) -> bytes:
        """The plain RTP packet. An exception of pylibsrtp.Error when it does not decrypt."""
        return self._dtls.unprotect(datagram)

    async def close(self) -> None:
        if self._consent is not None:
            self._consent.cancel()
            await asyncio.gather(self._consent, return_exceptions=True)
        await self._dtls.close()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    async def _keep_consent(self, remote: Remote) -> None:
        while True:
            await asyncio.sleep(CONSENT_S)
            self._send(self._check(remote))

    def _check(self, remote: Remote) -> bytes:
        username = f"{remote.ufrag}:{self.credentials.ufrag}".encode()
        return stun.build_message(
            stun.BINDING_REQUEST,
            secrets.token_bytes(12),
            [
                (stun.USERNAME, username),
                (stun.PRIORITY, bytes([0x6E, 0, 0, 0xFF])),
                (stun.ICE_CONTROLLING, bytes(8)),
                (stun.USE_CANDIDATE, b""),
            ],
            remote.password,
        )

    def _bind(self, remote: Remote) -> socket.socket:
        family = socket.AF_INET6 if ":" in remote.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        if self._stamped:
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        # Only the hub's datagrams come in, and each goes out without a look at the address.
        sock.connect((remote.host, remote.port))
        read = self._drain_stamped if self._stamped else self._drain
        asyncio.get_running_loop().add_reader(sock.fileno(), read, sock)
        return sock

    def _send(self, data: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(data)
        except (BlockingIOError, ConnectionError):
            return  # a full buffer, or a hub that has just gone: the counts will say so

    def _drain(self, sock: socket.socket) -> None:
        now = time.monotonic()
        for _ in range(MAX_BATCH):
            try:
                size = sock.recv_into(self._buffer)
            except (BlockingIOError, ConnectionError):
                return
            self._take(size, now)

    def _drain_stamped(self, sock: socket.socket) -> None:
        # The kernel stamps with the clock of the day; the difference to ours is read each time,
        # so that a clock that is set does not matter.
        ahead_ns = time.time_ns() - time.monotonic_ns()
        for _ in range(MAX_BATCH):
            try:
                size, notes, _flags, _from = sock.recvmsg_into([self._buffer], 64)
            except (BlockingIOError, ConnectionError):
                return
            seconds, nanoseconds = _TIMESPEC.unpack(notes[0][2])
            self._take(size, (seconds * 1_000_000_000 + nanoseconds - ahead_ns) / 1e9)

    def _take(self, size: int, at_s: float) -> None:
        self.datagrams += 1
        first = self._buffer[0]
        if first >= 128:
            if 192 <= self._buffer[1] < 224:  # RFC 5761 section 4
                self._take_rtcp(bytes(self._view[:size]), at_s)
            else:
                self._sink.receive_rtp(self._view[:size], at_s)
        elif first >= 20:
            self._dtls.feed(bytes(self._view[:size]))
        elif self._remote is not None:
            self._take_stun(bytes(self._view[:size]), self._remote)

    def _take_rtcp(self, datagram: bytes, at_s: float) -> None:
        if self._dtls.is_connected:
            self._sink.receive_rtcp(self._dtls.unprotect_rtcp(datagram), at_s)

    def _take_stun(self, data: bytes, remote: Remote) -> None:
        message = stun.parse_message(data)
        if message.message_type == stun.BINDING_REQUEST:
            self._answer_check(message, remote)
        elif self._answered.is_set() or message.message_type != stun.BINDING_SUCCESS:
            return
        elif message.is_authentic(remote.password):
            self._answered.set()

    def _answer_check(self, request: stun.StunMessage, remote: Remote) -> None:
        """A hub sends media only to who answers its checks; libnice as a lite agent waits for that
        too."""
        if not request.is_authentic(self.credentials.password):
            return
        mapped = stun.pack_xor_address(remote.host, remote.port, request.transaction_id)
        reply = [(stun.XOR_MAPPED_ADDRESS, mapped)]
        self._send(
            stun.build_message(
                stun.BINDING_SUCCESS, request.transaction_id, reply, self.credentials.password
            )
        )
