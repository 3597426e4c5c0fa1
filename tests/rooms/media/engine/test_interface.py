"""Both engines must send the same: numbers, headers, retransmissions, probes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.engine import compiled
from rooms.media.engine.compiled import pack_address, unpack_address
from rooms.media.engine.interface import (
    ALL_TEMPORAL,
    MAX_TAPPED_BYTES,
    HeaderShape,
    Stream,
    StreamStart,
    shape_header,
)
from rooms.media.rtp import rtcp
from rooms.media.rtp.packet import MediaPacket, RtpHeader
from rooms.media.rtp.vp8 import Vp8Descriptor
from tests.rooms.media.engine_line import Line
from tests.rooms.media.packets import asked, vp8

MEDIA = shape_header(11, 96, "v0", mid_id=1, send_time_id=2, wide_id=4)
REPAIR = shape_header(12, 97, "v0", mid_id=1, send_time_id=2, wide_id=4)
START = StreamStart(65_530, 0xFFFFFF00, 0x7FFE, 250, 65_535)


@pytest.fixture(
    params=[(name, by_sink) for name in ("python", "native") for by_sink in (False, True)],
    ids=["python", "python-sink", "native", "native-sink"],
)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    name, by_sink = request.param
    made = Line(name, by_sink=by_sink)
    yield made
    made.close()


@pytest.fixture(params=["python", "native"])
def sink_line(request: pytest.FixtureRequest) -> Iterator[Line]:
    made = Line(request.param, by_sink=True)
    yield made
    made.close()


def make_stream(line: Line, start: StreamStart = START) -> Stream:
    stream = line.engine.stream(line.peer, start, keeps_packets=True)
    stream.shape(MEDIA, REPAIR)
    return stream


def picture(
    sequence: int, timestamp: int, number: int, *, temporal: int = 0, sync: bool = False
) -> MediaPacket:
    payload = vp8(picture=number & 0x7FFF, tl0=number & 0xFF, temporal=temporal, sync=sync)
    described = Vp8Descriptor(payload)
    return MediaPacket(sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 1, payload, described)


def begin(line: Line, stream: Stream, packet: MediaPacket, elapsed: int = 1) -> None:
    stream.switch(packet, elapsed)
    fan = line.engine.fan()
    fan.add(stream)
    fan.forward(packet, 1.0)
    fan.remove(stream)


@given(
    st.integers(0, 14),
    st.integers(0, 14),
    st.integers(0, 14),
    st.integers(0, 14),
)
def test_a_shape_has_the_extensions_it_was_asked_for(
    mid_id: int, time_id: int, level_id: int, wide_id: int
) -> None:
    ids = [number for number in (mid_id, time_id, level_id, wide_id) if number]
    if len(set(ids)) != len(ids):
        return
    shape = shape_header(
        99, 111, "a0", mid_id=mid_id, send_time_id=time_id, level_id=level_id, wide_id=wide_id
    )
    header = RtpHeader(shape.template + b"x")
    assert header.payload_at == len(shape.template) <= 64
    assert header.extension(mid_id) == (b"a0" if mid_id else None)
    assert header.extension(time_id) == (bytes(3) if time_id else None)
    assert header.extension(level_id) == (bytes(1) if level_id else None)
    assert header.extension(wide_id) == (bytes(2) if wide_id else None)


def test_the_header_says_what_is_asked_of_it(line: Line) -> None:
    stream = line.engine.stream(line.peer, START, keeps_packets=False)
    stream.shape(shape_header(7, 111, "a0", mid_id=1, send_time_id=2, level_id=3), None)
    begin(line, stream, MediaPacket(9, 960, 1, b"opus", None, 33), 960)
    (sent,) = line.packets
    assert (sent.ssrc, sent.payload_type, sent.marker) == (7, 111, 1)
    assert (sent.sequence, sent.timestamp) == (65_531, (0xFFFFFF00 + 960) & 0xFFFFFFFF)
    assert sent.extension(1) == b"a0"
    assert sent.extension(2) == (1 << 18).to_bytes(3, "big")
    assert sent.extension(3) == bytes([33])
    assert sent.data[sent.payload_at :] == b"opus"


def test_the_peer_remembers_when_each_packet_was_sent(line: Line) -> None:
    stream = make_stream(line)
    fan = line.engine.fan()
    fan.add(stream)
    stream.switch(picture(1, 0, 1), 1)
    for index in range(3):
        fan.forward(picture(1 + index, 3_000 * index, 1 + index), 5.0 + index / 64)
    wide = [int.from_bytes(packet.extension(4) or b"", "big") for packet in line.packets]
    assert wide == [0, 1, 2]
    remembered = [line.peer.sent(number) for number in wide]
    assert [item.at for item in remembered if item] == [5.0, 5.015625, 5.03125]
    assert sum(item.size for item in remembered if item) == line.peer.sent_bytes
    assert line.peer.sent(3) is None


def test_a_temporal_layer_is_left_out_at_once_and_comes_back_in_step(line: Line) -> None:
    stream = make_stream(line)
    fan = line.engine.fan()
    fan.add(stream)
    first = picture(1, 0, 1, temporal=0)
    stream.switch(first, 1)
    fan.forward(first, 1.0)
    fan.forward(picture(2, 1, 2, temporal=1), 1.1)
    stream.limit_temporal(0)
    fan.forward(picture(3, 2, 3, temporal=0), 1.2)
    fan.forward(picture(4, 3, 4, temporal=1), 1.3)
    fan.forward(picture(5, 4, 5, temporal=0), 1.4)
    stream.limit_temporal(ALL_TEMPORAL)
    fan.forward(picture(6, 5, 6, temporal=1), 1.5)  # needs frames that were left out
    fan.forward(picture(7, 6, 7, temporal=0), 1.6)
    fan.forward(picture(8, 7, 8, temporal=1, sync=True), 1.7)
    fan.forward(picture(9, 8, 9, temporal=1), 1.8)
    sent = line.packets
    numbers = [Vp8Descriptor(packet.data[packet.payload_at :]) for packet in sent]
    assert [number.temporal for number in numbers] == [0, 1, 0, 0, 0, 1, 1]
    assert [(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(sent)] == [1] * 6
    ids = [number.picture_id or 0 for number in numbers]
    assert [(b - a) & 0x7FFF for a, b in pairwise(ids)] == [1] * 6


def test_a_probe_is_padding_on_the_repair_stream(line: Line) -> None:
    stream = make_stream(line)
    begin(line, stream, picture(1, 0, 1))
    assert stream.probe(200, 1.1)
    assert not stream.probe(225, 1.1)
    _, probe = line.packets
    assert (probe.ssrc, probe.payload_type) == (12, 97)
    assert probe.payload_end == probe.payload_at
    assert len(probe.data) == probe.payload_at + 200
    assert int.from_bytes(probe.extension(4) or b"", "big") == 1


def test_without_keys_or_a_path_nothing_is_sent_and_numbered(line: Line) -> None:
    stream = make_stream(line)
    begin(line, stream, picture(1, 0, 1))
    before = stream.state()
    line.unplug()
    fan = line.engine.fan()
    fan.add(stream)
    for sequence in range(2, 40_000):
        fan.forward(picture(sequence, sequence, sequence), 1.5)
    assert not stream.retransmit(asked(before.last_sequence), 9, 1.6)
    assert not stream.probe(100, 1.7)
    assert stream.state() == before  # no number is taken: SRTP would lose count of its turns
    line.plug()
    # What was kept can still be asked for.
    assert stream.retransmit(asked(before.last_sequence), 9, 2.0) == 1
    fan.forward(picture(40_000, 40_000, 40_000), 2.1)
    sent, again, after = line.packets
    assert (again.ssrc, again.sequence) == (12, 0)
    assert (after.sequence - sent.sequence) & 0xFFFF == 2


def test_many_packets_of_many_sizes_arrive_in_order_and_whole(line: Line) -> None:
    """Runs of one size go as one, whatever their neighbours are."""
    stream = line.engine.stream(line.peer, START, keeps_packets=False)
    stream.shape(HeaderShape(5, 96, b"\x80" + bytes(11)), None)
    fan = line.engine.fan()
    fan.add(stream)
    sizes = [1_000] * 50 + [1_001, 1_001, 400, 1_000, 1, 1_320] + [300] * 45
    stream.switch(MediaPacket(0, 0, 0, b"x"), 1)
    for index, size in enumerate(sizes):
        fan.forward(MediaPacket(index, index, 0, bytes([index]) * size), 1.0)
        if index % 40 == 39:
            line.packets  # noqa: B018 - reads, so that the socket's buffer does not fill
    received = line.packets
    assert [len(p.data) - p.payload_at for p in received] == sizes
    assert [p.data[-1] for p in received] == list(range(len(sizes)))
    assert line.engine.counts().datagrams == (0 if line.by_sink else len(sizes))


@dataclass
class Step:
    """One packet as it comes in: how far after the newest, and what is done with it."""

    ahead: int
    what: str  # "send", "drop" or "switch"
    picture: int
    ticks: int


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(-20, 20) | st.integers(-70_000, 70_000),
        st.sampled_from(["send", "send", "send", "drop", "switch"]),
        st.integers(0, 3),
        st.integers(0, 9_000),
    ),
    max_size=60,
)


@given(
    STEPS,
    st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0x7FFF)),
)
def test_both_engines_number_alike_whatever_comes(
    steps: list[Step], first: tuple[int, int, int]
) -> None:
    sent = []
    for name in ("python", "native"):
        line = Line(name)
        try:
            sent.append(_play(line, steps, first))
        finally:
            line.close()
    assert sent[0] == sent[1]


def _play(line: Line, steps: list[Step], first: tuple[int, int, int]) -> list[bytes]:
    stream = make_stream(line)
    fan = line.engine.fan()
    fan.add(stream)
    sequence, timestamp, number = first
    opening = picture(sequence, timestamp, number)
    stream.switch(opening, 1)
    fan.forward(opening, 1.0)
    for at, step in enumerate(steps):
        timestamp += step.ticks
        number += step.picture
        packet = picture(sequence + step.ahead, timestamp, number)
        sequence = max(sequence, sequence + step.ahead)
        if step.what == "switch":
            stream.switch(packet, step.ticks)
        if step.what == "drop":
            fan.drop(packet)
        else:
            fan.forward(packet, 1.0 + at / 64)  # whole microseconds, in which the core counts
    last = stream.state().last_sequence
    assert stream.retransmit(asked(*(last - back for back in range(5))), 9, 9.0) <= 5
    state = stream.state()
    return [*(packet.data for packet in line.packets), repr(state).encode()]


@given(
    st.lists(st.tuples(st.integers(-30, 30), st.integers(0, 0xFFFF)), max_size=8),
    st.integers(0, 40),
)
def test_what_a_nack_names_is_sent_again_in_its_order(
    pairs: list[tuple[int, int]], most: int
) -> None:
    """Numbers with masks, once each, and no more than may be."""
    for name in ("python", "native"):
        line = Line(name)
        try:
            stream = make_stream(line)
            fan = line.engine.fan()
            fan.add(stream)
            stream.switch(picture(1, 0, 1), 1)
            for sequence in range(1, 31):
                fan.forward(picture(sequence, sequence, sequence), 1.0)
            kept = [packet.sequence for packet in line.packets]
            body = b"".join(pack("!HH", (kept[0] + at) & 0xFFFF, mask) for at, mask in pairs)
            wanted = dict.fromkeys(n for n in rtcp.Nack(11, body).sequences if n in kept)
            assert stream.retransmit(body, most, 2.0) == min(most, len(wanted))
            again = line.packets[len(kept) :]
            named = [int.from_bytes(one.data[one.payload_at :][:2], "big") for one in again]
            assert named == list(wanted)[:most]
        finally:
            line.close()


def test_a_sink_is_told_which_packets_are_of_a_picture(sink_line: Line) -> None:
    picture_stream = make_stream(sink_line)
    begin(sink_line, picture_stream, picture(1, 0, 1))
    voice = sink_line.engine.stream(sink_line.peer, START, keeps_packets=False)
    voice.shape(shape_header(7, 111, "a0"), None)
    begin(sink_line, voice, MediaPacket(9, 960, 1, b"opus", None, 33))
    picture_stream.probe(100, 1.1)
    assert sink_line.sunk == []  # until the flush
    sink_line.engine.flush()
    assert [is_picture for _, is_picture in sink_line.sunk] == [True, False, True]


def test_what_a_sink_waits_for_goes_to_it_though_the_path_changes(sink_line: Line) -> None:
    stream = make_stream(sink_line)
    begin(sink_line, stream, picture(1, 0, 1))
    sink_line.by_sink = False
    sink_line.plug()
    assert len(sink_line.sunk) == 1
    fan = sink_line.engine.fan()
    fan.add(stream)
    fan.forward(picture(2, 3_000, 2), 1.1)
    assert len(sink_line.packets) == 2
    assert sink_line.engine.counts().datagrams == 1


def test_what_waits_for_a_sink_is_bounded_and_the_rest_counted(sink_line: Line) -> None:
    stream = make_stream(sink_line)
    fan = sink_line.engine.fan()
    fan.add(stream)
    payload = vp8(picture=1, tl0=1, key=True) + bytes(1_200)
    packet = MediaPacket(1, 0, 0, payload, Vp8Descriptor(payload))
    stream.switch(packet, 1)
    for number in range(1, 201):
        fan.forward(MediaPacket(number, 0, 0, payload, Vp8Descriptor(payload)), 1.0)
    sink_line.engine.flush()
    kept = len(sink_line.sunk)
    assert kept + sink_line.engine.counts().drops == 200
    assert sum(len(data) for data, _ in sink_line.sunk) > MAX_TAPPED_BYTES - 1_500
    assert sum(len(data) for data, _ in sink_line.sunk) <= MAX_TAPPED_BYTES
    fan.forward(MediaPacket(201, 0, 1, payload, Vp8Descriptor(payload)), 1.1)
    sink_line.engine.flush()
    assert len(sink_line.sunk) == kept + 1


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 8081), ("203.0.113.7", 65_535), ("fd00::2", 9, 0, 0)]
)
def test_addresses_survive_the_core(address: tuple[object, ...]) -> None:
    assert unpack_address(pack_address(2 if len(address) == 2 else 10, address)) == address


def test_a_core_of_older_sources_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert compiled.load() is not None
    newer = tmp_path / "core.h"  # a struct with one field more
    newer.write_text(
        compiled.HEADER.read_text("utf-8").replace("} told;", "    int more;\n} told;")
    )
    assert newer.read_text("utf-8") != compiled.HEADER.read_text("utf-8")
    monkeypatch.setattr(compiled, "HEADER", newer)
    assert compiled.load() is None
