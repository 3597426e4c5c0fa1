"""A real socket with real keys for what an engine sends: what comes out, decrypted."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from pylibsrtp import Policy, Session

from rooms.media.engine.choice import EngineName, make_engine
from rooms.media.engine.interface import Engine, Peer, Stream, StreamStart
from rooms.media.engine.srtp import PacketBuffer, SrtpSession
from rooms.media.rtp.packet import RtpHeader

PROFILE = Policy.SRTP_PROFILE_AEAD_AES_256_GCM
KEY = bytes(range(44))
MAX_DATAGRAM_BYTES = 2048
REPLAY_WINDOW = 1024  # of browsers


class Line:
    """`packets` are all that one peer was sent since the line was made, by UDP or to a sink."""

    def __init__(
        self, name: EngineName, *, by_sink: bool = False, allow_repeat: bool = False
    ) -> None:
        """`allow_repeat`: the keys let a number be used twice, so that the receiver notices."""
        self.by_sink = by_sink
        self.sunk: list[tuple[bytes, bool]] = []
        buffer = PacketBuffer()
        self.engine: Engine = make_engine(buffer, name)
        self.peer: Peer = self.engine.peer()
        self._packets: list[RtpHeader] = []
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._in = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._in.bind(("127.0.0.1", 0))
        self._in.setblocking(False)
        self._receiving = Session(_policy(Policy.SSRC_ANY_INBOUND))
        policy = _policy(Policy.SSRC_ANY_OUTBOUND)
        policy.allow_repeat_tx = allow_repeat
        self.peer.set_keys(SrtpSession(self._receiving, Session(policy), "gcm", buffer))
        self.plug()

    def plug(self) -> None:
        if self.by_sink:
            self.peer.set_sink(self._take)
            return
        self.peer.set_path(self._out, self._in.getsockname())

    def unplug(self) -> None:
        self.peer.set_path(None, ())

    def make_stream(self, start: StreamStart, keeps_packets: bool) -> Stream:
        return self.engine.stream(self.peer, start, keeps_packets=keeps_packets)

    @property
    def packets(self) -> list[RtpHeader]:
        """All so far; on loopback what was sent has arrived."""
        self.engine.flush()
        while self.sunk:
            self._packets.append(RtpHeader(self._receiving.unprotect(self.sunk.pop(0)[0])))
        while True:
            try:
                data = self._in.recv(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                return self._packets
            self._packets.append(RtpHeader(self._receiving.unprotect(data)))

    def _take(self, packets: Sequence[tuple[bytes, bool]]) -> None:
        self.sunk += packets

    def close(self) -> None:
        self._out.close()
        self._in.close()


def _policy(kind: int) -> Policy:
    policy = Policy(key=KEY, ssrc_type=kind, srtp_profile=PROFILE)
    policy.window_size = REPLAY_WINDOW
    return policy
