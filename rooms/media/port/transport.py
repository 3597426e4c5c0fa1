"""One connection with a browser: ICE-lite, DTLS, SRTP, and what state they are in together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from confhub.bucket import TokenBucket, each_second
from confhub.quality import TransportState
from rooms.media.engine.batch import Batch, Run
from rooms.media.engine.srtp import PacketBuffer, SrtpError, SrtpSession
from rooms.media.port.dtls import Certificate, DtlsLink
from rooms.media.port.ice import Credentials, IceAgent, make_credentials
from rooms.media.port.path import Path
from rooms.media.port.port import MediaPort
from rooms.media.rtp import rtcp
from rooms.media.rtp.bucket import Bucket, Rate
from rooms.media.rtp.rtcp import RtcpMessage
from rooms.media.rtp.rtcp_budget import RtcpBudget

# All media of a connection, twice what may be passed on of pictures and sound: probes, what comes
# again, what nobody asked for. Each packet costs the hub some 30 us before more is known of it.
MEDIA = Rate(packets_per_s=2_500, bits_per_s=24e6, burst_s=1.0)
# Of a handshake, held back until its path is proved: one flight of ours.
MAX_HELD = 4
# A handshake takes ten datagrams of the peer's, each sent again a few times; each costs more
# than a media packet does.
MAX_DTLS_PER_S = 100


class MediaSink(Protocol):
    """Where decrypted packets go. Called from the datagram path: quick, never blocking."""

    def receive_rtp(self, data: bytes, now: float, waited_s: float) -> None: ...
    def receive_run(
        self, batch: Batch, at: int, srtp: SrtpSession, media: Bucket, now: float
    ) -> Run | None:
        """Let datagram `at` and what follows in its stream go through the core, within `media`;
        None where that can't be: then it comes as `receive_rtp`."""

    def receive_rtcp(self, messages: Iterable[RtcpMessage], now: float) -> None: ...
    def transport_changed(self, state: TransportState, cipher: str | None) -> None: ...
    def pictures_dropped(self) -> None:
        """The line is too slow for what was sent: pictures can go on with a key frame only."""


class Transport:
    """Owned by one publisher or subscriber, which is its `sink`.

    `peer` is where streams made by `engine` send: it has the keys and the path of the moment.
    """

    def __init__(
        self, port: MediaPort, certificate: Certificate, buffer: PacketBuffer, sink: MediaSink
    ) -> None:
        self.agent = IceAgent(make_credentials())
        self.state: TransportState = "new"
        self.cipher: str | None = None
        self.remote_ufrag = ""
        self.rtcp_budget = RtcpBudget()
        self._media = Bucket(MEDIA)
        self.engine = port.engine
        self.peer = self.engine.peer()
        self._peer_has: tuple[SrtpSession | None, Path | None] = (None, None)
        self._buffer = buffer
        self._port = port
        self._certificate = certificate
        self._sink = sink
        self._dtls_allowance = TokenBucket(each_second(MAX_DTLS_PER_S))
        self._dtls_path: Path | None = None  # where the last datagram of the handshake came from
        self._answered: set[Path] = set()  # where ours went to
        self._held: deque[bytes] = deque(maxlen=MAX_HELD)
        self._link = self._make_link()
        self._closing: set[asyncio.Task[None]] = set()
        port.register(self)

    @property
    def credentials(self) -> Credentials:
        return self.agent.local

    @property
    def is_connected(self) -> bool:
        """DTLS is done and the peer consents to receive on a known path: media can be sent."""
        return self._link.srtp is not None and self._path() is not None

    def now(self) -> float:
        """Monotonic seconds, the clock of everything here."""
        return self._port.now()

    def restart_ice(self) -> None:
        """New credentials; the DTLS association and the present path stay in use."""
        self.agent.restart(make_credentials())
        self._port.register(self)

    def set_credentials(self, remote: Credentials) -> None:
        """The peer's half of ICE, new at each restart of its own."""
        self.remote_ufrag = remote.ufrag
        self.agent.set_remote(remote)
        self._ask(self.now())

    def set_remote(
        self, ufrag: str, password: str, fingerprints: Sequence[tuple[str, str]]
    ) -> bool:
        """Note the peer's half. True when DTLS began anew because it is another peer.

        The same fingerprint keeps the association (ICE restart, new tracks); another one
        means that the page was loaded again (RFC 8842 section 4).
        """
        self.set_credentials(Credentials(ufrag, password))
        link = self._link
        same = link.fingerprints == tuple(fingerprints)
        if same and link.state not in ("failed", "closed"):
            return False
        if link.state != "new":
            self._retire(link)
            self._dtls_path = None
            self._answered.clear()
            self._held.clear()
            self._link = self._make_link()
        self._link.start(fingerprints)
        return True

    def path_checked(self, now: float) -> None:
        self._ask(now)
        self._send_held()
        if self.state != "connected":
            self.update_state(now)
        self._tell_peer()

    def path_lost(self, path: Path, now: float) -> None:
        """A TCP connection has ended."""
        self.agent.forget(path)
        self.update_state(now)

    def receive_dtls(self, datagram: bytes, path: Path) -> None:
        self.agent.note_received(path, len(datagram))
        if not self._dtls_allowance.take(self.now()):
            self._port.count_worthless("dtls_flood")
            return
        self._dtls_path = path
        if not self._link.feed(datagram):
            self._port.count_worthless("dtls_overflow")
        self._send_held()

    @property
    def streams(self) -> Collection[bytes]:
        srtp = self._link.srtp
        return srtp.streams if srtp is not None else ()

    @property
    def has_keys(self) -> bool:
        return self._link.srtp is not None

    def is_over_budget(self, now: float) -> bool:
        return self.rtcp_budget.is_spent(now) or not self._media.has(now)

    def receive_media(self, datagram: bytes, now: float, waited_s: float = 0.0) -> bool:
        """Decrypt one SRTP or SRTCP datagram and hand it to the sink. False: not under our keys.
        `waited_s`: see Datagram."""
        srtp = self._link.srtp
        if srtp is None:
            return False
        is_rtcp = len(datagram) > 1 and 192 <= datagram[1] < 224  # RFC 5761 section 4
        if is_rtcp and self.rtcp_budget.is_spent(now):
            self._port.count_bad("rtcp_over_budget")
            return True
        if not is_rtcp and not self._media.has(now):
            self._port.count_bad("media_over_rate")
            return True
        try:
            plain = srtp.unprotect_rtcp(datagram) if is_rtcp else srtp.unprotect(datagram)
        except SrtpError:
            return False
        self.agent.heard_at = now
        if not is_rtcp:
            self._take_rtp(plain, now, waited_s)
            return True
        try:
            self._receive_rtcp(plain, now)
        except ValueError:
            self._port.count_bad("rtcp_malformed")
        return True

    def receive_run(self, batch: Batch, at: int, now: float) -> Run | None:
        """See Endpoint."""
        srtp = self._link.srtp
        run = self._sink.receive_run(batch, at, srtp, self._media, now) if srtp else None
        if srtp is None or run is None or not run.datagrams:
            return None
        self.agent.heard_at = now
        srtp.note_stream(batch.ssrc(at).to_bytes(4, "big"))
        if run.plain_at >= 0:
            self._take_rtp(batch.plain(run), now, batch.waited_s(run.plain_at))
        return run

    def _take_rtp(self, plain: bytes, now: float, waited_s: float) -> None:
        self._media.spend(len(plain))
        try:
            self._sink.receive_rtp(plain, now, waited_s)
        except ValueError:
            self._port.count_bad("rtp_malformed")

    def _receive_rtcp(self, compound: bytes, now: float) -> None:
        budget = self.rtcp_budget
        budget.begin(len(compound))
        refused = budget.refused
        self._sink.receive_rtcp(budget.admit(rtcp.parse_compound(compound)), now)
        if budget.refused > refused:
            self._port.count_bad("rtcp_over_budget")

    def count_bad(self, reason: str) -> None:
        """Count a packet that its owner had to drop."""
        self._port.count_bad(reason)

    def send_rtcp(self, compound: bytes) -> bool:
        srtp, path = self._link.srtp, self._path()
        if srtp is None or path is None:
            return False
        try:
            return self._port.send(srtp.protect_rtcp(compound), path)
        except SrtpError:
            self._port.count_bad("srtp_send_refused")
            return False

    def update_state(self, now: float) -> None:
        """Judge the state anew and tell the sink when it changed; called a few times a second."""
        if self.state == "closed":
            return
        self._ask(now)
        self._set(self._judge(now))
        self._tell_peer()

    async def close(self) -> None:
        """Leave the port at once and end DTLS; bounded in time."""
        self._port.unregister(self)
        self._set("closed")
        self._tell_peer()
        await self._link.close()
        if self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)

    def _path(self) -> Path | None:
        """Where media may go. Consent that ran out forbids it (RFC 7675 section 5.1): the
        address may be someone else's by now."""
        return None if self.state in ("failed", "closed") else self.agent.selected

    def _tell_peer(self) -> None:
        """Let streams send with the keys and to the path that hold now."""
        has = (self._link.srtp, self._path())
        if has == self._peer_has:
            return
        self._peer_has = has
        srtp, path = has
        self.peer.set_keys(srtp)
        if path is None:
            self.peer.set_path(None, ())
        elif path.is_stream:
            self.peer.set_sink(self._send_framed)
        else:
            self.peer.set_path(self._port.socket_of(path), path.address)

    def _send_framed(self, packets: Sequence[tuple[bytes, bool]]) -> None:
        path = self._path()
        if path is not None and path.is_stream and not self._port.send_framed(packets, path):
            self._sink.pictures_dropped()

    def _judge(self, now: float) -> TransportState:
        ice, dtls = self.agent.state(now), self._link.state
        if dtls == "failed" or ice == "failed":
            return "failed"
        if dtls == "closed":
            return "disconnected"  # the page left; it may come back with a new association
        if dtls == "connected":
            return "disconnected" if ice == "disconnected" else "connected"
        return "connecting" if ice != "new" or dtls == "connecting" else "new"

    def _set(self, state: TransportState) -> None:
        cipher = self._link.cipher
        if state != self.state or cipher != self.cipher:
            self.state, self.cipher = state, cipher
            self._sink.transport_changed(state, cipher)

    def _make_link(self) -> DtlsLink:
        return DtlsLink(
            self._certificate, self._buffer, self._send_dtls, on_state=self._dtls_changed
        )

    def _retire(self, link: DtlsLink) -> None:
        task = asyncio.get_running_loop().create_task(link.close(), name="DTLS that closes")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _ask(self, now: float) -> None:
        """Send the checks that are due."""
        for path, question in self.agent.questions(now):
            self._port.send(question, path)

    def _send_dtls(self, datagram: bytes) -> None:
        """To where the peer's last one came from. What may not go there yet waits."""
        path = self._dtls_path or self.agent.selected
        if path is None:
            return
        if not self.agent.may_send(path, len(datagram), self.now()):
            self._held.append(datagram)
            self._port.count_bad("path_unproved")
            return
        self._answered.add(path)
        self._port.send(datagram, path)

    def _send_held(self) -> None:
        if self._held:
            held, self._held = self._held, deque(maxlen=MAX_HELD)
            for datagram in held:
                self._send_dtls(datagram)

    def _dtls_changed(self) -> None:
        now = self.now()
        if self._link.state == "connected" and self._answered == {self._dtls_path}:
            # Nobody finishes a handshake who has not received our half of it there.
            for path in self._answered:
                self.agent.prove(path, now)
        if self.state != "closed":
            self._set(self._judge(now))
            self._tell_peer()


MakeTransport = Callable[[MediaSink], Transport]
