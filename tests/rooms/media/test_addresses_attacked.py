"""Datagrams in another's name: who has a seat may write any source address.

Another's address is here a socket of another, and what an attacker sends in its name is really
sent from there: that is all the hub could know.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import socket
from collections.abc import AsyncIterator

import pytest
from aiortc import RTCDtlsFingerprint, RTCDtlsParameters

from rooms.media.port import stun
from rooms.media.port.moves import MOST_PER_S
from rooms.media.port.path import AMPLIFICATION
from rooms.media.port.transport import MAX_DTLS_PER_S
from rooms.media.rtp import rtcp
from tests.rooms.media.hall import SOURCES, VOICE, Hall, Sender, headers, open_hall, until
from tests.rooms.media.packets import rtp
from tests.rooms.media.peer import Peer, send_offer

VOICES = 100


class Bystander:
    """A machine that has nothing to do with the meeting, and counts what comes to it."""

    def __init__(self, hub: tuple[str, int]) -> None:
        self.came: list[bytes] = []
        self.in_its_name = 0  # bytes
        self._hub = hub
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.3", 0))
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)

    def send(self, data: bytes) -> None:
        """What somebody else sends with this one's address."""
        self.in_its_name += len(data)
        self._socket.sendto(data, self._hub)

    @property
    def bytes(self) -> int:
        return sum(map(len, self.came))

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._socket.getsockname()
        return host, port

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def _read(self) -> None:
        self.came.append(self._socket.recv(2048))


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with open_hall() as opened:
        yield opened


@pytest.fixture
async def bystander(hall: Hall) -> AsyncIterator[Bystander]:
    made = Bystander(("127.0.0.1", hall.router.port))
    yield made
    made.close()


def bad(hall: Hall, reason: str) -> int:
    return hall.router.stats().bad_datagrams.get(reason, 0)


async def heard(hall: Hall, sender: Sender, listener: Peer, count: int = VOICES) -> int:
    """How many of so many voice packets arrive, one after the other."""
    sender.voice()
    await until(lambda: "a" in hall.slots("b").values(), "a slot for the voice")
    before = len(headers(listener, 111))
    publisher = hall.conference.publisher("a")
    for _ in range(count):
        reception = publisher.tracks["microphone"].layers[""].reception
        packets, refused = reception.packets, hall.router.stats().srtp_failures
        sender.voice()
        await until(
            lambda n=packets, r=reception, f=refused: (  # type: ignore[misc]
                r.packets > n or hall.router.stats().srtp_failures > f
            ),
            "taken or refused",
        )
    await listener.check()  # what was sent to it before has arrived
    return len(headers(listener, 111)) - before


async def test_a_nomination_in_anothers_name_sends_it_no_media(
    hall: Hall, bystander: Bystander
) -> None:
    sender, attacker = await hall.sender("a"), await hall.receiver("b")
    agent = hall.conference.subscriber("b").transport.agent
    selected = agent.selected
    for _ in range(20):
        bystander.send(attacker.check_request())
        attacker.send_rtcp(rtcp.build_packet(rtcp.RR, 0, (1).to_bytes(4, "big")))
    await until(lambda: agent.nominated is not None, "the nomination has come")
    assert await heard(hall, sender, attacker) >= VOICES - 1  # the attacker's own matter
    assert agent.selected == selected
    assert {data[0] >> 6 for data in bystander.came} == {0}  # STUN
    assert bystander.bytes <= AMPLIFICATION * bystander.in_its_name


async def test_a_handshake_in_anothers_name_brings_it_three_times_its_bytes_at_most(
    hall: Hall, bystander: Bystander
) -> None:
    attacker = Peer()
    hall.peers.append(attacker)
    publisher = hall.conference.publisher("a")
    attacker.follow(await publisher.answer(send_offer(attacker), SOURCES))
    hello: list[bytes] = []
    attacker._link._datagram = hello.append
    bystander.send(attacker.check_request())
    shaking = asyncio.create_task(attacker._dtls.start(_parameters(attacker)))
    await until(lambda: hello, "the first flight")
    shaking.cancel()
    await asyncio.gather(shaking, return_exceptions=True)
    for number in range(20):
        bystander.send(hello[0])
        seen = number + 3
        await until(lambda n=seen: hall.router.stats().datagrams_in >= n - 1, "taken")  # type: ignore[misc]
        assert bystander.bytes <= AMPLIFICATION * bystander.in_its_name
    await until(lambda: any(data[0] == 22 for data in bystander.came), "the hub's half")
    await until(lambda: bad(hall, "path_unproved"), "some of it was held back")
    assert bystander.bytes <= AMPLIFICATION * bystander.in_its_name
    assert publisher.transport.agent.selected is None


async def test_the_same_hello_again_and_again_is_hardly_answered(hall: Hall) -> None:
    """Not more often than the retransmission timer says (RFC 6347 section 4.2.4): from 1 s on."""
    attacker = Peer()
    hall.peers.append(attacker)
    publisher = hall.conference.publisher("a")
    attacker.follow(await publisher.answer(send_offer(attacker), SOURCES))
    await attacker.check()
    hello: list[bytes] = []
    attacker._link._datagram = hello.append
    shaking = asyncio.create_task(attacker._dtls.start(_parameters(attacker)))
    await until(lambda: hello, "the first flight")
    shaking.cancel()
    await asyncio.gather(shaking, return_exceptions=True)
    attacker._link.queue = asyncio.Queue()
    began = publisher.transport.now()
    for number in range(10 * MAX_DTLS_PER_S):
        attacker.send_raw(hello[0])
        if number % 50 == 49:
            seen = number + 2
            await until(lambda n=seen: hall.router.stats().datagrams_in >= n, "taken")  # type: ignore[misc]
    await attacker.check()  # what was sent before has arrived
    came = [attacker._link.queue.get_nowait() for _ in range(attacker._link.queue.qsize())]
    server_hellos = [data for data in came if data[0] == 22 and data[13] == 2]
    passed_s = publisher.transport.now() - began
    assert 1 <= len(server_hellos) <= 2 + math.log2(1 + passed_s)


async def test_an_attackers_check_from_a_members_address_silences_nobody(hall: Hall) -> None:
    victim, listener = await hall.sender("a"), await hall.receiver("b")
    attacker = await hall.receiver("c")
    for _ in range(5):
        victim.peer.send_raw(attacker.check_request())
    await until(lambda: bad(hall, "path_taken") == 5, "the claims have come")
    assert await heard(hall, victim, listener) >= VOICES - 1
    for _ in range(5):
        listener.send_raw(attacker.check_request())
    await until(lambda: bad(hall, "path_taken") == 10, "the claims have come")
    assert await heard(hall, victim, listener) >= VOICES - 1
    assert hall.router.stats().srtp_failures == 0
    agent = hall.conference.subscriber("c").transport.agent
    assert agent.selected is not None
    assert agent.selected.address[1] == attacker._socket.getsockname()[1]


async def test_who_claims_an_address_first_keeps_nobody_from_connecting_there(hall: Hall) -> None:
    attacker = await hall.receiver("c")
    victim = Peer()
    hall.peers.append(victim)
    publisher = hall.conference.publisher("a")
    victim.follow(await publisher.answer(send_offer(victim), SOURCES))
    for _ in range(5):
        victim.send_raw(attacker.check_request())
    await until(lambda: hall.router.stats().known_addresses == 2, "claimed")
    await victim.connect()
    await until(lambda: publisher.transport.state == "connected", "connected")
    listener = await hall.receiver("b")
    assert await heard(hall, Sender(victim, has_rids=True), listener) >= VOICES - 1


async def test_members_whose_addresses_were_exchanged_are_heard_at_once_and_hear_again(
    hall: Hall,
) -> None:
    """As a router gives them out that was restarted: each has one that was another's."""
    one, other = await hall.sender("a", rids=()), await hall.receiver("b")
    await heard(hall, one, other, 1)
    exchange(one.peer, other)
    reception = hall.conference.publisher("a").tracks["microphone"].layers[""].reception
    before = reception.packets
    for number in range(VOICES):
        one.voice()
        await until(lambda n=number: reception.packets > before + n, "heard at once")  # type: ignore[misc]
    await one.peer.check()
    await other.check()
    for member, peer in (("a", one.peer), ("b", other)):
        party = hall.conference.publisher(member) if member == "a" else None
        transport = (party or hall.conference.subscriber(member)).transport
        port = peer._socket.getsockname()[1]
        await until(
            lambda t=transport, p=port: t.agent.selected.address[1] == p,  # type: ignore[misc]
            "moved",
        )
    assert await heard(hall, one, other) >= VOICES - 1
    count = len(one.peer.rtcp)
    await until(lambda: len(one.peer.rtcp) > count, "reports")


def exchange(one: Peer, other: Peer) -> None:
    loop = asyncio.get_running_loop()
    one._socket, other._socket = other._socket, one._socket
    for peer in (one, other):
        loop.remove_reader(peer._socket.fileno())
        loop.add_reader(peer._socket.fileno(), peer._drain, peer._socket)


async def test_a_flood_of_strangers_media_keeps_no_moved_member_from_being_heard(
    hall: Hall, bystander: Bystander
) -> None:
    sender, listener = await hall.sender("a"), await hall.receiver("b")
    await heard(hall, sender, listener, 1)
    for number in range(600):
        ssrc = 0x40000000 + number
        bystander.send(rtp(ssrc=ssrc, sequence=1, timestamp=1, payload_type=111, payload=b"x" * 30))
        if number % 50 == 49:
            seen = number + 1
            await until(lambda n=seen: bad(hall, "media_unknown_address") >= n, "counted")  # type: ignore[misc]
    sender.peer.roam()
    assert await heard(hall, sender, listener) >= VOICES - 1
    assert bystander.came == []


async def test_a_flood_that_names_an_attackers_own_stream_hides_no_moved_member(
    hall: Hall, bystander: Bystander
) -> None:
    sender, listener = await hall.sender("a"), await hall.receiver("b")
    await hall.sender("attacker", camera=False)
    await heard(hall, sender, listener, 1)
    junk = rtp(ssrc=VOICE, sequence=1, timestamp=1, payload_type=111, payload=b"x" * 30)
    for number in range(MOST_PER_S // 50):
        for _ in range(50):
            bystander.send(junk)
        seen = 50 * (number + 1)
        await until(lambda n=seen: bad(hall, "media_unknown_address") >= n, "counted")  # type: ignore[misc]
    sender.peer.roam()
    assert await heard(hall, sender, listener) >= VOICES - 1


async def test_a_device_that_answers_no_check_is_served_where_it_shook_hands_and_only_there(
    hall: Hall, bystander: Bystander
) -> None:
    mute = Peer()
    mute.is_mute = True
    hall.peers.append(mute)
    publisher = hall.conference.publisher("a")
    mute.follow(await publisher.answer(send_offer(mute), SOURCES))
    await mute.connect()
    await until(lambda: publisher.transport.is_connected, "connected")
    selected = publisher.transport.agent.selected
    bystander.send(mute.check_request())
    await until(lambda: publisher.transport.agent.nominated, "nominated")
    listener = await hall.receiver("b")
    assert await heard(hall, Sender(mute, has_rids=True), listener) >= VOICES - 1
    await until(lambda: mute.rtcp, "reports")
    assert publisher.transport.agent.selected == selected
    assert {data[0] >> 6 for data in bystander.came} == {0}


async def test_answers_that_nobody_asked_for_are_counted_and_leave_nothing(
    hall: Hall, bystander: Bystander
) -> None:
    listener = await hall.receiver("b")
    known = hall.router.stats().known_addresses
    for send in (bystander.send, listener.send_raw):
        for _ in range(20):
            number = secrets.token_bytes(12)
            send(stun.build_message(stun.BINDING_SUCCESS, number, [], "x" * 32))
            send(stun.build_message(stun.BINDING_ERROR, number, [], None))
    await until(lambda: bad(hall, "stun_unexpected") == 80, "counted")
    assert hall.router.stats().known_addresses == known
    assert bystander.came == []


async def test_a_flood_of_dtls_from_a_members_address_reaches_its_association_in_part_only(
    hall: Hall,
) -> None:
    victim, listener = await hall.sender("a"), await hall.receiver("b")
    for _ in range(3 * MAX_DTLS_PER_S):
        victim.peer.send_raw(bytes([22]) + secrets.token_bytes(60))
    await until(lambda: bad(hall, "dtls_flood"), "refused")
    assert await heard(hall, victim, listener) >= VOICES - 1


async def test_a_tcp_connection_is_one_members_as_long_as_it_lives() -> None:
    async with open_hall(tcp=True) as hall:
        victim, listener = await hall.sender("a", camera=False), await hall.receiver("b")
        attacker = await hall.receiver("c")
        victim.peer.send_raw(attacker.check_request())
        await until(lambda: bad(hall, "path_taken") == 1, "refused")
        assert await heard(hall, victim, listener, 5) >= 4
        assert hall.router.stats().tcp_connections == 3


async def test_refusals_of_well_formed_checks_are_no_amplifier(
    hall: Hall, bystander: Bystander
) -> None:
    attacker = await hall.receiver("b")
    assert attacker._hub is not None
    username = (stun.USERNAME, f"{attacker._hub.ufrag}:".encode())
    # USERNAME, MESSAGE-INTEGRITY and FINGERPRINT count too.
    unknown = [(0x7000 + n, b"") for n in range(stun.MAX_ATTRIBUTES - 3)]
    for extra in [(0x7001, b"")], unknown, [(0x8029, bytes(8))]:
        request = stun.build_message(
            stun.BINDING_REQUEST, bytes(12), [username, *extra], attacker._hub.password
        )
        count = len(bystander.came)
        bystander.send(request)
        await until(lambda n=count: len(bystander.came) > n, "refused")  # type: ignore[misc]
        assert len(bystander.came[-1]) <= 2 * len(request)
    assert hall.router.stats().known_addresses == 1


def _parameters(peer: Peer) -> RTCDtlsParameters:
    assert peer._hub is not None
    algorithm, value = peer._hub.fingerprints[0]
    return RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)])
