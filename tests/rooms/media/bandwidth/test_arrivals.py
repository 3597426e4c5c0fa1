"""What feedback tells in sum; both engines must read the same out of it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.media.bandwidth.arrivals import ArrivalReader, Span, Told
from rooms.media.engine.choice import EngineName
from rooms.media.engine.interface import StreamStart, shape_header
from rooms.media.receiving.feedback import ArrivalRecorder
from rooms.media.rtp.packet import MediaPacket
from tests.rooms.media.engine_line import Line

SHAPE = shape_header(7, 111, "a0", wide_id=4)
# Exact in binary, so that microseconds and seconds are the same times.
STEP_S = 1 / 64


class Talk:
    """Packets that one engine sent to one receiver, and the reader of what that tells."""

    def __init__(self, name: EngineName) -> None:
        self.line = Line(name)
        self.reader: ArrivalReader = self.line.peer.arrivals()
        self._fan = self.line.engine.fan()
        stream = self.line.make_stream(StreamStart(0, 0, 0, 0), keeps_packets=False)
        stream.shape(SHAPE, None)
        self._fan.add(stream)
        stream.switch(MediaPacket(0, 0, 0, b"x"), 1)
        self._count = 0

    def send(self, size: int, now: float) -> int:
        """Returns the packet's transport-wide number."""
        packet = MediaPacket(self._count & 0xFFFF, 0, 0, bytes(size))
        self._fan.forward(packet, now)
        self._count += 1
        return (self._count - 1) & 0xFFFF


def feedback(first: int, arrivals: list[int | None], reference: int = 0) -> bytes:
    """A body with a chunk for each packet; arrivals in quarters of a millisecond."""
    head = pack("!LLHHL", 1, 2, first & 0xFFFF, len(arrivals), (reference & 0xFFFFFF) << 8)
    chunks = b"".join(pack("!H", (0 if one is None else 2) << 13 | 1) for one in arrivals)
    known = [one for one in arrivals if one is not None]
    steps = [after - before for before, after in zip([0, *known], known, strict=False)]
    return head + chunks + b"".join(pack("!h", step) for step in steps)


@pytest.fixture(params=["python", "native"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk(request.param)
    yield made
    made.line.close()


def test_a_message_tells_what_came_what_did_not_and_how_long_it_took(talk: Talk) -> None:
    for index in range(4):
        talk.send(100, 10 + index * STEP_S)
    told = talk.reader.read(feedback(0, [0, None, 125, 190], reference=15))
    assert (told.packets, told.fresh, told.lost) == (4, 4, 1)
    assert told.sent_until == 10 + 3 * STEP_S
    # Way of 0.96 s less 10 s, and half a step longer each time.
    assert told.delay_s == pytest.approx(0.96 - 10)
    assert (told.trend, told.is_over) == ("normal", False)
    assert told.rate_bps is None


def test_what_was_read_at_once_is_not_known_to_have_waited(talk: Talk) -> None:
    for index in range(6):
        talk.send(100 + index, 10 + index * STEP_S)
    evenly = talk.reader.read(feedback(0, [0, 63, 125], reference=15))
    assert evenly.sure_s == pytest.approx(evenly.delay_s, abs=2 * STEP_S)
    # The others lay for half a second and more, and were read together.
    at_once = talk.reader.read(feedback(3, [2500, 2501, 2502], reference=15))
    assert at_once.delay_s - evenly.delay_s > 0.5
    assert at_once.sure_s <= evenly.delay_s


def test_what_is_told_again_is_not_counted_again(talk: Talk) -> None:
    for index in range(3):
        talk.send(100, 10 + index * STEP_S)
    talk.reader.read(feedback(0, [0, None, 100]))
    again = talk.reader.read(feedback(0, [0, None, 100]))
    assert again.packets == 0
    assert isinf(again.delay_s)
    late = talk.reader.read(feedback(0, [0, 50, 100]))
    assert (late.packets, late.fresh, late.lost) == (1, 0, -1)


def test_packets_of_a_probe_are_told_one_by_one(talk: Talk) -> None:
    for index in range(4):
        talk.send(100 + index, 10 + index * STEP_S)
    span = (10 + STEP_S, 10 + 2 * STEP_S)
    told = talk.reader.read(feedback(0, [0, 60, None, 180]), span)
    assert [one.sent_at for one in told.probed] == [10 + STEP_S, 10 + 2 * STEP_S]
    assert [one.arrived_at for one in told.probed] == [pytest.approx(0.015), None]


def test_a_steady_stream_has_a_rate_and_a_growing_wait_a_trend(talk: Talk) -> None:
    told = Told(0)
    for index in range(100):
        talk.send(1_000, 10 + index * STEP_S)
    size = talk.line.peer.sent_bytes / 100
    # Each comes 4 ms later than it should: 64 a second become 51.
    for first in range(0, 100, 10):
        at = [round((first + index) * (STEP_S + 0.004) * 4000) for index in range(10)]
        told = talk.reader.read(
            feedback(first, [one - at[0] for one in at], reference=at[0] // 256)
        )
        if told.is_over:
            break
    assert told.is_over
    assert told.trend == "over"
    assert told.rate_bps == pytest.approx(size * 8 / (STEP_S + 0.004), rel=0.1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes(15),
        feedback(0, []),
        feedback(0, [0, 0])[:-1],
        pack("!LLHHLH", 1, 2, 0, 3, 0, 0x8000 | 0x2AAA),
        pack("!LLHHLH", 1, 2, 0, 1, 0, 3 << 13 | 1) + bytes(8),
        pack("!LLHHLH", 1, 2, 0, 2049, 0, 0x1FFF),
    ],
)
def test_what_is_malformed_is_refused_and_changes_nothing(talk: Talk, body: bytes) -> None:
    talk.send(100, 10)
    with pytest.raises(ValueError, match="transport feedback"):
        talk.reader.read(body)
    assert talk.reader.read(feedback(0, [0])).packets == 1


def same(one: Told, other: Told) -> None:
    one, other = (told._replace(probed=tuple(told.probed)) for told in (one, other))
    for mine, theirs in zip(one, other, strict=True):
        if isinstance(mine, float) and isinstance(theirs, float):
            assert mine == pytest.approx(theirs, rel=1e-9)
        else:
            assert mine == theirs


# How many are sent, how many of them are told of, how far back the message begins, and the
# quarters of a millisecond from one to the next (None: lost).
MESSAGE = st.tuples(
    st.integers(0, 30),
    st.integers(-3, 12),
    st.lists(st.one_of(st.none(), st.integers(-200, 800)), min_size=1, max_size=40),
    st.integers(-2, 40),
    st.sampled_from([None, 0.05, 0.2]),
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 0xFFFF), st.lists(MESSAGE, min_size=1, max_size=40), st.data())
def test_both_engines_read_the_same(
    reference: int,
    messages: list[tuple[int, int, list[int | None], int, float | None]],
    data: st.DataObject,
) -> None:
    talks = [Talk("python"), Talk("native")]
    now, sent = 10.0, 0
    try:
        for count, back, gaps, later, probe_s in messages:
            for _ in range(count):
                now += STEP_S * data.draw(st.integers(0, 3))
                size = data.draw(st.sampled_from([40, 900]))
                for talk in talks:
                    talk.send(size, now)
                sent += 1
            reference += later
            at, arrivals = 0, list[int | None]()
            for gap in gaps:
                at += gap or 0
                arrivals.append(None if gap is None else at)
            body = feedback(sent - len(gaps) - back, arrivals, reference)
            span: Span | None = None if probe_s is None else (now - probe_s, now)
            same(*(talk.reader.read(body, span) for talk in talks))
    finally:
        for talk in talks:
            talk.line.close()


@given(st.lists(st.binary(max_size=400), max_size=5))
def test_no_bytes_do_harm(bodies: list[bytes]) -> None:
    talks = [Talk("python"), Talk("native")]
    try:
        for body in bodies:
            found: list[Told | None] = []
            for talk in talks:
                talk.send(50, 10.0)
                try:
                    found.append(talk.reader.read(body))
                except ValueError:
                    found.append(None)
            mine, theirs = found
            assert (mine is None) == (theirs is None)
            if mine is not None and theirs is not None:
                same(mine, theirs)
    finally:
        for talk in talks:
            talk.line.close()


def test_what_a_recorder_writes_is_read(talk: Talk) -> None:
    recorder = ArrivalRecorder()
    for index in range(50):
        number = talk.send(200, 10 + index * STEP_S)
        if index % 5:
            recorder.record(number, 5_000_000 + index * 15_625)
    told = [talk.reader.read(packet[4:]) for packet in recorder.flush(1, 2)]
    assert sum(one.packets for one in told) == 49  # nothing is said before the first that came
    assert sum(one.lost for one in told) == 9
