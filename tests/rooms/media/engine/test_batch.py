"""What a batch says of its datagrams before anybody takes one."""

from __future__ import annotations

import socket

import pytest

from rooms.media.engine.batch import NO_STREAM
from rooms.media.engine.choice import EngineName, make_engine
from rooms.media.engine.srtp import PacketBuffer
from tests.rooms.media.packets import rtp


@pytest.mark.parametrize("name", ["native", "python"])
def test_a_run_can_only_be_of_media_that_has_company(name: EngineName) -> None:
    media = [rtp(ssrc=7, sequence=at, timestamp=0, payload_type=96, payload=b"x") for at in (1, 2)]
    single = rtp(ssrc=8, sequence=1, timestamp=0, payload_type=96, payload=b"x")
    check, report = bytes(40), bytes([0x80, 200]) + bytes(26)
    sent = [check, media[0], report, single, check, media[1], report, b"\x80", b"\x80", b""]
    engine = make_engine(PacketBuffer(), name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))
        here.setblocking(False)
        for datagram in sent:
            here.sendto(datagram, here.getsockname())
        batch = engine.receive(here, 64)
        assert [one.data for one in batch] == sent
        assert {batch.address(at) for at in range(len(batch))} == {here.getsockname()}
    runs = {1: 7, 5: 7} if batch.has_runs else {}
    assert [batch.ssrc(at) for at in range(len(batch))] == [
        runs.get(at, NO_STREAM) for at in range(len(sent))
    ]
    assert not any(map(batch.is_taken, range(len(batch))))
