"""DTLS-SRTP over our own datagrams (RFC 5764), always as the passive side.

aiortc's RTCDtlsTransport does the handshake, checks the fingerprint and derives the keys; the
media path then bypasses it. What it needs of an ICE transport is three names, given by
`Datagrams`. This is the only file that touches aiortc's private names; a contract test
fails when they move.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcdtlstransport import SRTPProtectionProfile, certificate_digest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from OpenSSL import SSL, crypto

from rooms.media.engine.srtp import PacketBuffer, SrtpSession, outbound

logger = logging.getLogger(__name__)

# From the first datagram on. A handshake takes four flights; with a third of the packets lost,
# retransmissions after 1, 2, 4 and 8 s still fit, and a browser gives up by itself at 30.
HANDSHAKE_TIMEOUT_S = 30.0
# Until the first datagram. ICE on the other side gives up within 40 s (RFC 8445 section 14.3),
# and whoever tries again then asks again.
ARRIVAL_TIMEOUT_S = 60.0
# Closing sends one alert and waits for nothing.
CLOSE_TIMEOUT_S = 2.0
# One flight of a browser is up to 6 datagrams when its certificate is long.
MAX_QUEUED = 16
# A whole handshake of a browser is 3 KB, its five repetitions on a bad line 15.
MAX_HANDSHAKE_BYTES = 32 * 1024
# Browsers' certificates have 65537. A key of 3,072 bits with an exponent as long takes 11 ms.
MAX_EXPONENT_BITS = 32

DtlsState = Literal["new", "connecting", "connected", "failed", "closed"]


def _is_taken(
    _connection: SSL.Connection, certificate: crypto.X509, _error: int, depth: int, _is_good: int
) -> bool:
    """The peer's own certificate is known by its fingerprint, whoever signed it (RFC 8122 section
    5). What it brings along vouches for nothing: each signature there would cost milliseconds."""
    key = certificate.to_cryptography().public_key()
    if isinstance(key, RSAPublicKey) and key.public_numbers().e.bit_length() > MAX_EXPONENT_BITS:
        return False
    return depth == 0


class HubCertificate(RTCCertificate):
    """aiortc's, which would have OpenSSL check every signature of the chain that a peer sends."""

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _is_taken)
        context.set_verify_depth(0)
        return context


class Certificate:
    """Made once and shared: by all transports of a router, by all synthetic sites of a process."""

    def __init__(self) -> None:
        self.rtc = HubCertificate.generateCertificate()
        self.fingerprint = next(
            f"{item.algorithm} {item.value}"
            for item in self.rtc.getFingerprints()
            if item.algorithm == "sha-256"
        )


class Datagrams:
    """What RTCDtlsTransport needs of an ICE transport. The queue is bounded: it drops."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_QUEUED)
        self._send_datagram = send
        self.begun = asyncio.Event()  # the first one has come

    def put(self, datagram: bytes) -> bool:
        self.begun.set()
        if self._queue.full():
            return False
        self._queue.put_nowait(datagram)
        return True

    async def _recv(self) -> bytes:
        return await self._queue.get()

    async def _send(self, datagram: bytes) -> None:
        self._send_datagram(datagram)


class Association(RTCDtlsTransport):
    """aiortc's, which would have every fingerprint of a description match: one of a certificate
    that was not used, or is to be used later, may stand there too (RFC 8122 section 5)."""

    def _validate_peer_identity(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803
        certificate = self._ssl.get_peer_certificate(as_cryptography=True)  # type: ignore[union-attr]
        described = remoteParameters.fingerprints
        own = [
            item
            for item in described
            if certificate is not None
            and item.value.upper() == certificate_digest(certificate, item.algorithm.lower())
        ]
        super()._validate_peer_identity(RTCDtlsParameters(own or described))


class DtlsLink:
    """One DTLS association. `on_state` is called from the loop when `state` has changed.

    Datagrams may be fed before `start`: the browser can be faster than its own answer.
    """

    def __init__(
        self,
        certificate: Certificate,
        buffer: PacketBuffer,
        send: Callable[[bytes], None],
        on_state: Callable[[], None],
    ) -> None:
        self.state: DtlsState = "new"
        self.srtp: SrtpSession | None = None
        self.fingerprints: tuple[tuple[str, str], ...] = ()
        self._buffer = buffer
        self._on_state = on_state
        self._datagrams = Datagrams(send)
        self._dtls = Association(cast(Any, self._datagrams), [certificate.rtc])
        self._dtls._set_role("server")
        self._dtls.on("statechange", self._watch)
        self._task: asyncio.Task[None] | None = None
        self._handshake_bytes = 0

    @property
    def cipher(self) -> str | None:
        return self.srtp.cipher if self.srtp else None

    def start(self, fingerprints: Sequence[tuple[str, str]]) -> None:
        """Begin to answer the browser's handshake. `fingerprints`: (algorithm, hex pairs)."""
        self.fingerprints = tuple(fingerprints)
        self._task = asyncio.get_running_loop().create_task(
            self._handshake(), name="DTLS handshake"
        )

    def feed(self, datagram: bytes) -> bool:
        """Take a datagram of first byte 20..63; False when it had to be dropped."""
        if self.state != "connected":
            self._handshake_bytes += len(datagram)
            if self._handshake_bytes > MAX_HANDSHAKE_BYTES:
                return False
        return self._datagrams.put(datagram)

    async def close(self) -> None:
        """Tell the peer and end; returns within the timeout whatever happens."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        pump = self._dtls._task
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._dtls.stop()
                if pump is not None:
                    await asyncio.gather(pump, return_exceptions=True)
        except TimeoutError:
            logger.warning("closing a DTLS transport took too long")
        self.srtp = None
        self._set("closed")

    async def _handshake(self) -> None:
        self._set("connecting")
        parameters = RTCDtlsParameters(
            fingerprints=[
                RTCDtlsFingerprint(algorithm=algorithm, value=value)
                for algorithm, value in self.fingerprints
            ]
        )
        try:
            async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
                await self._datagrams.begun.wait()
            async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                await self._dtls.start(parameters)
        except TimeoutError:
            self._set("failed")
            return
        except Exception:
            # Whatever OpenSSL or the peer's certificate does, only this peer is concerned.
            logger.warning("DTLS handshake failed", exc_info=True)
            self._set("failed")
            return
        if self._dtls.state != "connected":
            self._set("failed")
            return
        self.srtp = self._make_session()
        self._set("connected")

    def _make_session(self) -> SrtpSession:
        """Ours for what we send: aiortc's would protect two packets of one number."""
        dtls: Any = self._dtls
        name: bytes = dtls._ssl.get_selected_srtp_profile()
        profile = next(one for one in dtls._srtp_profiles if one.openssl_profile == name)
        size = 2 * (profile.key_length + profile.salt_length)
        material = dtls._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
        key = profile.get_key_and_salt(material, 1)  # of the server (RFC 5764 section 4.2)
        dtls._tx_srtp = None
        tx = outbound(key, profile.libsrtp_profile)
        return SrtpSession(dtls._rx_srtp, tx, name.decode(), self._buffer)

    def _watch(self) -> None:
        # The pump ends when the peer closes; the handshake's own states are set above.
        if self._dtls.state == "closed" and self.state == "connected":
            self.srtp = None
            self._set("closed")

    def _set(self, state: DtlsState) -> None:
        if state != self.state:
            self.state = state
            self._on_state()
