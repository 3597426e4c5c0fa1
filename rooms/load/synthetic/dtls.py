"""The client's half of DTLS-SRTP. The only file here that touches aiortc's private names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from aiortc import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from rooms.media.port.dtls import Certificate, Datagrams

# As long as a browser tries. A hub that joins hundreds at once lets the last ones wait.
HANDSHAKE_TIMEOUT_S = 30.0
CLOSE_TIMEOUT_S = 2.0


class DtlsClient:
    """One association. After `handshake`, `protect` and the others work on whole packets."""

    def __init__(self, certificate: Certificate, send: Callable[[bytes], None]) -> None:
        self._datagrams = Datagrams(send)
        self._dtls = RTCDtlsTransport(cast(Any, self._datagrams), [certificate.rtc])
        self.cipher = ""
        self.protect: Callable[[bytes], bytes] = _not_yet
        self.protect_rtcp: Callable[[bytes], bytes] = _not_yet
        self.unprotect: Callable[[bytes], bytes] = _not_yet
        self.unprotect_rtcp: Callable[[bytes], bytes] = _not_yet

    @property
    def is_connected(self) -> bool:
        return self.protect is not _not_yet

    def feed(self, datagram: bytes) -> None:
        """A datagram of first byte 20..63; dropped when nobody takes them any more."""
        self._datagrams.put(datagram)

    async def handshake(self, fingerprints: Sequence[tuple[str, str]]) -> None:
        """Raises TimeoutError, or ConnectionError when the hub is not who its offer said."""
        parameters = RTCDtlsParameters(
            [RTCDtlsFingerprint(algorithm, value) for algorithm, value in fingerprints]
        )
        async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
            await self._dtls.start(parameters)
        if self._dtls.state != "connected":
            raise ConnectionError("DTLS handshake failed")
        dtls: Any = self._dtls
        self.cipher = dtls._ssl.get_selected_srtp_profile().decode()
        self.protect, self.protect_rtcp = dtls._tx_srtp.protect, dtls._tx_srtp.protect_rtcp
        self.unprotect, self.unprotect_rtcp = dtls._rx_srtp.unprotect, dtls._rx_srtp.unprotect_rtcp

    async def close(self) -> None:
        """Say goodbye; returns within the timeout whatever happens."""
        pump = self._dtls._task
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._dtls.stop()
                if pump is not None:
                    await asyncio.gather(pump, return_exceptions=True)
        except TimeoutError:
            return


def _not_yet(_packet: bytes) -> bytes:
    raise ConnectionError("no keys yet")
