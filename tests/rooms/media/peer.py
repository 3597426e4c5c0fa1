"""A small client: ICE checks and media over one UDP socket or TCP connection, DTLS by aiortc.
No browser needed.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from typing import Any, cast

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtp import is_rtcp

from rooms.media.port import stun
from rooms.media.port.ice import make_credentials
from rooms.media.sdp.attributes import lines_of
from rooms.media.sdp.description import Description, parse_description

# A busy machine takes seconds for what takes milliseconds.
PATIENCE_S = 20


class _Queue:
    """What RTCDtlsTransport needs of an ICE transport."""

    role = "controlling"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(64)
        self._datagram = send

    async def _recv(self) -> bytes:
        return await self.queue.get()

    async def _send(self, data: bytes) -> None:
        self._datagram(data)


class Peer:
    """Connects to a description of the hub's. `rtp` and `rtcp` collect decrypted packets.

    `lose`, when set, says which received SRTP datagrams are lost on the way.
    """

    def __init__(self, host: str = "127.0.0.1", *, tcp: bool = False) -> None:
        self.tcp = tcp
        self.refused = 0  # packets that were not under our keys
        self.is_shut = False  # the hub has ended the TCP connection
        self.credentials = make_credentials()
        self.certificate = RTCCertificate.generateCertificate()
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.replies: list[stun.StunMessage] = []
        self.asked: list[stun.StunMessage] = []  # checks of the hub's own
        self.is_mute = False  # answers none of them
        self.lose: Callable[[bytes], bool] = lambda _data: False
        self._host = host
        self._stream = b""
        self._socket = self._bind()
        self._hub: Description | None = None
        self._remote: tuple[str, int] = ("", 0)
        self._link = _Queue(self.send_raw)
        self._dtls = RTCDtlsTransport(cast(Any, self._link), [self.certificate])
        self._dtls._set_role("client")

    @property
    def fingerprint(self) -> str:
        return next(
            f"{item.algorithm} {item.value}"
            for item in self.certificate.getFingerprints()
            if item.algorithm == "sha-256"
        )

    def transport_lines(self, setup: str) -> list[str]:
        return [
            f"a=ice-ufrag:{self.credentials.ufrag}",
            f"a=ice-pwd:{self.credentials.password}",
            f"a=fingerprint:{self.fingerprint}",
            f"a=setup:{setup}",
            "a=rtcp-mux",
        ]

    def follow(self, sdp: str) -> None:
        """Take the hub's address and credentials from its description."""
        self._hub = parse_description(sdp)
        candidates = [item.split() for item in lines_of(sdp) if item.startswith("a=candidate:")]
        candidates = [item for item in candidates if item[2] == ("tcp" if self.tcp else "udp")]
        words = next((item for item in candidates if item[4] == self._host), candidates[0])
        self._remote = (words[4], int(words[5]))
        if self.tcp:
            self._dial()

    async def connect(self) -> None:
        """Nominate the path and do the DTLS handshake; raises TimeoutError."""
        assert self._hub is not None
        await self.check()
        algorithm, value = self._hub.fingerprints[0]
        parameters = RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)])
        async with asyncio.timeout(PATIENCE_S):
            await self._dtls.start(parameters)
        assert self._dtls.state == "connected"

    async def check(self) -> None:
        """One connectivity check with USE-CANDIDATE, repeated until answered."""
        count = len(self.replies)
        async with asyncio.timeout(PATIENCE_S):
            while len(self.replies) == count:
                self.send_raw(self.check_request())
                for _ in range(20):
                    if len(self.replies) > count:
                        break
                    await asyncio.sleep(0.005)

    def check_request(self) -> bytes:
        assert self._hub is not None
        username = f"{self._hub.ufrag}:{self.credentials.ufrag}".encode()
        return stun.build_message(
            stun.BINDING_REQUEST,
            secrets.token_bytes(12),
            [
                (stun.USERNAME, username),
                (stun.PRIORITY, bytes([0x6E, 0, 0, 0xFF])),
                (stun.ICE_CONTROLLING, bytes(8)),
                (stun.USE_CANDIDATE, b""),
            ],
            self._hub.password,
        )

    def _answer(self, request: stun.StunMessage) -> None:
        """As every agent does that was asked under its own password, unless `is_mute`."""
        self.asked.append(request)
        if self.is_mute or not request.is_authentic(self.credentials.password):
            return
        mapped = stun.pack_xor_address(*self._remote, request.transaction_id)
        self.send_raw(
            stun.build_message(
                stun.BINDING_SUCCESS,
                request.transaction_id,
                [(stun.XOR_MAPPED_ADDRESS, mapped)],
                self.credentials.password,
            )
        )

    def send_rtp(self, packet: bytes) -> None:
        self.send_raw(self._dtls._tx_srtp.protect(packet))

    def send_rtcp(self, compound: bytes) -> None:
        self.send_raw(self._dtls._tx_srtp.protect_rtcp(compound))

    def send_raw(self, data: bytes) -> None:
        if self.tcp:
            self._socket.sendall(len(data).to_bytes(2, "big") + data)
        else:
            self._socket.sendto(data, self._remote)

    def roam(self) -> None:
        """Leave the old address for a new one, as a network change does."""
        self._unbind()
        self._socket = self._bind()
        if self.tcp:
            self._dial()

    async def close(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._dtls.stop()
        self._unbind()

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        item = socket.socket(family, socket.SOCK_STREAM if self.tcp else socket.SOCK_DGRAM)
        item.bind((self._host, 0))
        item.setblocking(False)
        if not self.tcp:
            asyncio.get_running_loop().add_reader(item.fileno(), self._drain, item)
        return item

    def _dial(self) -> None:
        """Loopback accepts at once."""
        self._stream = b""
        self._socket.setblocking(True)
        self._socket.connect(self._remote)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(PATIENCE_S)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read, self._socket)

    def stop_reading(self) -> None:
        """Leave what comes in the kernel: a reader that is too slow for anything."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())

    def start_reading(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read, self._socket)

    def _read(self, item: socket.socket) -> None:
        data = item.recv(65_536)
        if not data:
            asyncio.get_running_loop().remove_reader(item.fileno())
            self.is_shut = True
            return
        self._stream += data
        while len(self._stream) >= 2:
            end = 2 + int.from_bytes(self._stream[:2], "big")
            if end > len(self._stream):
                break
            packet, self._stream = self._stream[2:end], self._stream[end:]
            self._receive(packet)

    def _unbind(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def _drain(self, item: socket.socket) -> None:
        for _ in range(64):
            try:
                data = item.recv(2048)
            except BlockingIOError:
                return
            self._receive(data)

    def _receive(self, data: bytes) -> None:
        if data[0] < 4:
            message = stun.parse_message(data)
            if message.message_type == stun.BINDING_REQUEST:
                self._answer(message)
            else:
                self.replies.append(message)
        elif data[0] < 64:
            self._link.queue.put_nowait(data)
        elif self._dtls._rx_srtp is None or self.lose(data):
            return
        else:
            self._unprotect(data)

    def _unprotect(self, data: bytes) -> None:
        try:
            if is_rtcp(data):
                self.rtcp.append(self._dtls._rx_srtp.unprotect_rtcp(data))
            else:
                self.rtp.append(self._dtls._rx_srtp.unprotect(data))
        except pylibsrtp.Error:
            self.refused += 1


def send_offer(
    peer: Peer,
    *,
    rids: tuple[str, ...] = ("l", "h"),
    camera: bool = True,
    levels: bool = True,
    red: bool = False,
    said: tuple[str, ...] = (),
) -> str:
    """An offer to send a voice (mid 0, PT 111, RED 63) and a camera (mid 1, PT 96, RTX 97);
    `said` is said of the camera besides."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE 0 1" if camera else "a=group:BUNDLE 0")
    formats = "111 63" if red else "111"
    lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {formats}", "a=mid:0", "a=sendonly"]
    lines += peer.transport_lines("actpass")
    lines += [
        "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
        *(["a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level"] if levels else []),
        "a=rtpmap:111 opus/48000/2",
        *(["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"] if red else []),
    ]
    if camera:
        lines += ["m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=mid:1", "a=sendonly"]
        lines += peer.transport_lines("actpass")
        lines += [
            "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
            "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            "a=rtpmap:96 VP8/90000",
            "a=rtcp-fb:96 nack",
            "a=rtcp-fb:96 nack pli",
            "a=rtpmap:97 rtx/90000",
            "a=fmtp:97 apt=96",
        ]
        lines += [f"a=rid:{rid} send" for rid in rids]
        if rids:
            lines.append("a=simulcast:send " + ";".join(rids))
        lines += said
    return "\r\n".join(lines) + "\r\n"


def receive_answer(peer: Peer, offer: str, *, wide: bool = False) -> str:
    """The answer that takes what the hub offers. `wide`: transport-wide feedback too, which
    then somebody must send."""
    sections = offer.split("m=")
    names = [line for line in lines_of(sections[0]) if line.startswith("a=group")]
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", *names]
    keep = ("a=mid", "a=extmap", "a=rtpmap", "a=rtcp-fb", "a=fmtp")
    for section in sections[1:]:
        first, *rest = lines_of(section)
        lines += ["m=" + first, "a=recvonly", *peer.transport_lines("active")]
        lines += [
            line for line in rest if line.startswith(keep) and (wide or "transport-" not in line)
        ]
    return "\r\n".join(lines) + "\r\n"


def play_offer(peer: Peer, *, voices: int = 1, picture: bool = True) -> str:
    """A device's offer to receive, with numbers of its own: VP8 is 101, RTX 102, Opus 98."""
    mids = [f"sound{index}" for index in range(voices)] + ["picture"] * picture
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(mids))
    for mid in mids:
        is_voice = mid != "picture"
        formats = (
            "audio 9 UDP/TLS/RTP/SAVPF 98" if is_voice else "video 9 UDP/TLS/RTP/SAVPF 101 102"
        )
        lines += [f"m={formats}", f"a=mid:{mid}", "a=recvonly", *peer.transport_lines("actpass")]
        lines.append("a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid")
        if is_voice:
            lines.append("a=rtpmap:98 OPUS/48000/2")
        else:
            lines += [
                "a=rtpmap:101 VP8/90000",
                "a=rtcp-fb:101 nack",
                "a=rtcp-fb:101 nack pli",
                "a=rtpmap:102 rtx/90000",
                "a=fmtp:102 apt=101",
            ]
    return "\r\n".join(lines) + "\r\n"
