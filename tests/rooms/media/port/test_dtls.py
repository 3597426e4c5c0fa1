"""The private names of aiortc that rooms/media/port/dtls.py uses, and the states of an association.

When aiortc moves one of them, the first tests here say which; then read its
rtcdtlstransport.py again and follow in rooms/media/port/dtls.py.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pylibsrtp
import pytest
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcdtlstransport import SRTP_PROFILES, SRTPProtectionProfile
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import rooms.media.port.dtls as dtls
from rooms.media.engine.srtp import REPLAY_WINDOW, PacketBuffer, SrtpError
from rooms.media.port.dtls import MAX_QUEUED, Certificate, DtlsLink
from tests.rooms.media.hall import until
from tests.rooms.media.packets import rtp

HUB = Certificate()


class Client:
    """The browser's side: aiortc's transport over a queue."""

    role = "controlling"

    def __init__(self, certificate: Certificate, send: Callable[[bytes], object]) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(64)
        self.send = send
        self.dtls = RTCDtlsTransport(cast(Any, self), [certificate.rtc])
        self.dtls._set_role("client")

    async def _recv(self) -> bytes:
        return await self.queue.get()

    async def _send(self, datagram: bytes) -> None:
        self.send(datagram)

    async def start(self) -> None:
        algorithm, value = HUB.fingerprint.split()
        await self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))


class Pair:
    """A link of the hub and a client, joined. `states` are those the link has told."""

    def __init__(self, lose: Callable[[bytes], bool]) -> None:
        self.certificate = Certificate()
        self.states: list[str] = []
        self.link = DtlsLink(HUB, PacketBuffer(), self._to_client, self._note)
        self.client = Client(self.certificate, lambda data: lose(data) or self.link.feed(data))

    def _to_client(self, datagram: bytes) -> None:
        self.client.queue.put_nowait(datagram)

    def _note(self) -> None:
        self.states.append(self.link.state)

    def start(self, fingerprint: str | None = None) -> None:
        algorithm, value = (fingerprint or self.certificate.fingerprint).split()
        self.link.start([(algorithm, value)])

    async def connect(self) -> None:
        self.start()
        await self.connect_client()

    async def connect_client(self) -> None:
        await self.client.start()
        await until(lambda: self.link.state == "connected", "connected")


@asynccontextmanager
async def open_pair(lose: Callable[[bytes], bool] = lambda _data: False) -> AsyncIterator[Pair]:
    pair = Pair(lose)
    try:
        yield pair
    finally:
        await pair.link.close()
        await pair.client.dtls.stop()


def test_the_version_that_was_read_is_installed_and_pinned() -> None:
    assert version("aiortc") == "1.16.0"
    text = Path(__file__).parents[4].joinpath("pyproject.toml").read_text()
    assert '"aiortc==1.16.0"' in text


async def test_a_transport_has_the_private_names_in_use() -> None:
    transport = RTCDtlsTransport(cast(Any, Client), [HUB.rtc])
    assert transport.state == "new"
    for name in ("_ssl", "_task", "_rx_srtp", "_tx_srtp"):
        assert getattr(transport, name) is None, name
    assert transport._srtp_profiles == SRTP_PROFILES
    for profile in SRTP_PROFILES:
        assert list(inspect.signature(profile.get_key_and_salt).parameters) == ["src", "idx"]
    assert list(inspect.signature(transport._set_role).parameters) == ["role"]
    assert inspect.iscoroutinefunction(transport.start)
    assert inspect.iscoroutinefunction(transport.stop)
    transport._set_role("server")
    assert transport._role == "server"


def test_all_that_it_asks_of_an_ice_transport_is_known() -> None:
    """`Datagrams` gives these three; a fourth would only be missed in a call."""
    source = inspect.getsource(RTCDtlsTransport)
    asked = {
        part.split("(")[0].split(".")[0].split()[0].rstrip(":,)=")
        for owner in ("self._transport.", "self.transport.")
        for part in source.split(owner)[1:]
    }
    assert asked == {"role", "_recv", "_send"}


def test_the_strongest_cipher_is_preferred() -> None:
    names = [profile.openssl_profile for profile in SRTP_PROFILES]
    assert names[:2] == [b"SRTP_AEAD_AES_256_GCM", b"SRTP_AEAD_AES_128_GCM"]


async def test_a_handshake_gives_keys_that_both_sides_share() -> None:
    async with open_pair() as pair:
        await pair.connect()
        assert pair.states == ["connecting", "connected"]
        assert pair.link.cipher == "SRTP_AEAD_AES_256_GCM"
        link, client = pair.link.srtp, pair.client.dtls
        assert link is not None
        assert isinstance(pair.link._dtls._rx_srtp, pylibsrtp.Session)
        packet = rtp(ssrc=1, sequence=1, timestamp=1, payload_type=96, payload=b"x")
        assert link.unprotect(client._tx_srtp.protect(packet)) == packet
        link._buffer.view[: len(packet)] = packet
        assert client._rx_srtp.unprotect(bytes(link.protect(len(packet)))) == packet


@pytest.mark.parametrize("profile", SRTP_PROFILES, ids=lambda one: one.openssl_profile.decode())
async def test_no_number_is_protected_twice_under_any_cipher(
    profile: SRTPProtectionProfile,
) -> None:
    async with open_pair() as pair:
        pair.client.dtls._srtp_profiles = [profile]
        await pair.connect()
        assert pair.link.cipher == profile.openssl_profile.decode()
        link, receiving = pair.link.srtp, pair.client.dtls._rx_srtp
        assert link is not None

        def protect(sequence: int, payload: bytes) -> bytes:
            packet = rtp(ssrc=1, sequence=sequence, timestamp=1, payload_type=96, payload=payload)
            link._buffer.view[: len(packet)] = packet
            return bytes(link.protect(len(packet)))

        for sequence in (1, 2, 4, 3, 4 + REPLAY_WINDOW):
            assert receiving.unprotect(protect(sequence, b"first"))
        for sequence in (1, 2, 3, 4, 4 + REPLAY_WINDOW):
            with pytest.raises(SrtpError, match="replay"):
                protect(sequence, b"other")


async def test_the_clients_first_flight_may_come_before_the_answer_is_known() -> None:
    async with open_pair() as pair:
        shaking = asyncio.create_task(pair.client.start())
        await until(lambda: not pair.link._datagrams._queue.empty(), "the first flight")
        pair.start()
        await shaking
        await until(lambda: pair.link.state == "connected", "connected")


async def test_lost_datagrams_are_sent_again() -> None:
    lost: list[bytes] = []

    def lose_first(datagram: bytes) -> bool:
        lost.append(datagram)
        return len(lost) == 1

    async with open_pair(lose_first) as pair:
        await pair.connect()
        assert len(lost) > 2


async def test_a_certificate_that_was_not_described_is_refused() -> None:
    async with open_pair() as pair:
        pair.start(Certificate().fingerprint)
        await pair.client.start()
        await until(lambda: pair.link.state == "failed", "refused")
        assert pair.states == ["connecting", "failed"]
        assert pair.link.srtp is None
        assert pair.link._dtls._rx_srtp is None


@pytest.mark.parametrize("own_is_first", [True, False])
async def test_one_matching_fingerprint_among_others_is_enough(own_is_first: bool) -> None:
    async with open_pair() as pair:
        lines = [pair.certificate.fingerprint, Certificate().fingerprint]
        described = [(line.split()[0], line.split()[1]) for line in lines]
        pair.link.start(described if own_is_first else described[::-1])
        await pair.connect_client()
        assert pair.link.srtp is not None


async def test_of_several_fingerprints_without_a_match_none_is_taken() -> None:
    async with open_pair() as pair:
        lines = [Certificate().fingerprint, "sha-512 " + ":".join(["AB"] * 64)]
        pair.link.start([(line.split()[0], line.split()[1]) for line in lines])
        await pair.client.start()
        await until(lambda: pair.link.state == "failed", "refused")


async def test_nobody_has_the_hub_check_the_signatures_of_a_chain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sixty of them, each by a key of 3,072 bits with an exponent as long, took 0.7 s."""
    asked: list[int] = []
    taken, too_long = dtls._is_taken, 22  # X509_V_ERR_CERT_CHAIN_TOO_LONG

    def note(connection: Any, certificate: Any, error: int, depth: int, good: int) -> bool:
        asked.append(error)
        return taken(connection, certificate, error, depth, good)

    monkeypatch.setattr(dtls, "_is_taken", note)
    async with open_pair() as pair:
        pair.client.dtls = cast(Any, RTCDtlsTransport)(pair.client, [chained(pair.certificate)])
        pair.client.dtls._set_role("client")
        pair.start()
        shaking = asyncio.create_task(pair.client.start())
        await until(lambda: pair.link.state == "failed", "refused")
        shaking.cancel()
        assert asked == [too_long]  # nothing is looked at behind the length of the chain


def chained(certificate: Certificate) -> RTCCertificate:
    """The same with three above it."""
    key = certificate.rtc._key
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"c{n}")]) for n in range(4)]
    now = dt.datetime.now(dt.UTC)

    def sign(number: int, public: Any, by: Any) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[min(number + 1, 3)])
            .public_key(public)
            .serial_number(number + 1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=number > 0, path_length=None), critical=True)
            .sign(by, hashes.SHA256())
        )

    leaf = sign(0, key.public_key(), keys[0])
    above = [sign(n + 1, keys[n].public_key(), keys[min(n + 1, 2)]) for n in range(3)]

    class Chained(RTCCertificate):
        def _create_ssl_context(self, srtp_profiles: Any) -> Any:
            context = super()._create_ssl_context(srtp_profiles)
            for one in above:
                context.add_extra_chain_cert(one)
            return context

    return Chained(key, leaf)


async def test_a_handshake_of_a_hundred_kilobytes_is_no_handshake() -> None:
    async with open_pair() as pair:
        pair.start()
        loud = bytes([22]) + bytes(1_199)
        taken = 0
        while pair.link.feed(loud):
            taken += 1
            await asyncio.sleep(0)
        assert taken * len(loud) <= dtls.MAX_HANDSHAKE_BYTES


async def test_the_time_for_a_handshake_begins_with_its_first_datagram(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever waits for a camera to be allowed comes when it is."""
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.2)
    async with open_pair() as pair:
        states = pair.states
        pair.start()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await until(lambda: loop.time() > began + 0.3, "longer than a handshake may take")
        assert states == ["connecting"]
        pair.link.feed(bytes([22]))
        await until(lambda: states[-1] == "failed", "given up")


async def test_a_client_that_stays_silent_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "ARRIVAL_TIMEOUT_S", 0.05)
    async with open_pair() as pair:
        pair.start()
        await until(lambda: pair.link.state == "failed", "given up")
        assert pair.states == ["connecting", "failed"]


async def test_a_client_that_stops_halfway_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.2)
    flights: list[bytes] = []

    def lose_all_but_the_first(datagram: bytes) -> bool:
        flights.append(datagram)
        return len(flights) > 1

    async with open_pair(lose_all_but_the_first) as pair:
        pair.start()
        shaking = asyncio.create_task(pair.client.start())
        await until(lambda: pair.link.state == "failed", "given up")
        shaking.cancel()
        await asyncio.gather(shaking, return_exceptions=True)


@pytest.mark.parametrize("junk", [bytes([22]), bytes([22]) * 40, bytes([63]) * 1_400])
async def test_junk_neither_ends_nor_stops_a_handshake(junk: bytes) -> None:
    async with open_pair() as pair:
        pair.start()
        for _ in range(5):
            pair.link.feed(junk)
        await pair.connect_client()
        for _ in range(5):
            pair.link.feed(junk)
        pair.link.feed(junk)
        assert pair.link.state == "connected"


async def test_what_waits_is_bounded() -> None:
    async with open_pair() as pair:
        taken = [pair.link.feed(bytes([22])) for _ in range(MAX_QUEUED + 5)]
        assert taken == [True] * MAX_QUEUED + [False] * 5


async def test_a_peer_that_closes_is_noticed_and_its_keys_are_dropped() -> None:
    async with open_pair() as pair:
        await pair.connect()
        await pair.client.dtls.stop()
        await until(lambda: pair.link.state == "closed", "noticed")
        assert pair.link.srtp is None


async def test_closing_tells_the_peer_and_can_be_repeated() -> None:
    async with open_pair() as pair:
        await pair.connect()
        await pair.link.close()
        await until(lambda: pair.client.dtls.state == "closed", "told")
        await pair.link.close()
        assert pair.states == ["connecting", "connected", "closed"]


async def test_closing_in_the_middle_of_a_handshake_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with open_pair() as pair:
        pair.start()
        await until(lambda: pair.link.state == "connecting", "begun")
    assert asyncio.all_tasks() == before
