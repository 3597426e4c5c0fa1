"""Transport-wide feedback as receivers write it, matched with what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.bandwidth.wide_feedback import (
    MAX_STATUSES,
    FeedbackMatcher,
    PacketResult,
    WideFeedback,
    read_wide_feedback,
)
from rooms.media.engine.interface import SentPacket
from rooms.media.receiving.feedback import ArrivalRecorder
from rooms.media.rtp.rtcp import TransportFeedback, parse_compound


def body(first: int, count: int, chunks: Sequence[int], deltas: bytes, reference: int = 0) -> bytes:
    head = pack("!LLHHL", 1, 2, first, count, reference << 8)
    return head + b"".join(pack("!H", chunk) for chunk in chunks) + deltas


def run(symbol: int, length: int) -> int:
    return symbol << 13 | length


@pytest.mark.parametrize(
    ("chunks", "count", "deltas", "arrivals"),
    [
        ([run(1, 3)], 3, bytes([4, 4, 8]), (1_000, 2_000, 4_000)),
        ([run(2, 2)], 2, pack("!hh", 8_000, -400), (2_000_000, 1_900_000)),
        ([run(0, 2), run(1, 1)], 3, bytes([1]), (None, None, 250)),
        ([0x8000 | 0b10100000000000], 3, bytes([1, 1]), (250, None, 500)),
        ([0xC000 | 0b0110 << 10], 2, bytes([1]) + pack("!h", 2), (250, 750)),
        ([run(1, 0x1FFF)], 2, bytes([1, 1]), (250, 500)),  # more than are counted
    ],
)
def test_each_form_of_chunk_is_read(
    chunks: list[int], count: int, deltas: bytes, arrivals: tuple[int | None, ...]
) -> None:
    told = read_wide_feedback(body(7, count, chunks, deltas, reference=5))
    assert told == WideFeedback(7, 5, arrivals)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(15),
        body(0, 0, [], b""),
        body(0, MAX_STATUSES + 1, [run(0, 0x1FFF)], b""),
        body(0, 3, [], b""),
        body(0, 8, [0xC000], b""),
        body(0, 2, [run(1, 2)], bytes([1])),
        body(0, 1, [run(2, 1)], bytes([1])),
        body(0, 1, [run(3, 1)], bytes(8)),
        body(0, 1, [0xF000], bytes(8)),
    ],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="transport feedback"):
        read_wide_feedback(data)


@given(st.binary(max_size=1_200))
def test_no_bytes_do_harm(data: bytes) -> None:
    try:
        told = read_wide_feedback(data)
    except ValueError:
        return
    assert 0 < len(told.arrivals) <= MAX_STATUSES


class Sending:
    """What was sent, as a peer remembers it."""

    def __init__(self, first: int, times: Sequence[float]) -> None:
        self.first = first
        self.sent = {
            (first + index) & 0xFFFF: SentPacket(at, 100 + index) for index, at in enumerate(times)
        }
        self.matcher = FeedbackMatcher(self.sent.get)

    def told(self, first: int, *arrivals: int | None, reference: int = 0) -> list[PacketResult]:
        return self.matcher.match(WideFeedback(first & 0xFFFF, reference, arrivals))


@given(st.integers(0, 0xFFFF), st.lists(st.booleans(), min_size=1, max_size=200))
def test_what_a_receiver_records_is_what_the_sender_learns(first: int, came: list[bool]) -> None:
    times = [10 + index / 100 for index in range(len(came))]
    sending = Sending(first, times)
    recorder = ArrivalRecorder()
    for index, is_here in enumerate(came):
        if is_here:
            recorder.record((first + index) & 0xFFFF, 5_000_000 + 20_000 * index)
    results = [
        result
        for packet in recorder.flush(1, 2)
        for message in parse_compound(packet)
        if isinstance(message, TransportFeedback)
        for result in sending.matcher.match(read_wide_feedback(message.body))
    ]
    arrived = {round(one.sent_at, 3): one.arrived_at for one in results if one.arrived_at}
    assert arrived == {
        round(10 + index / 100, 3): pytest.approx(5 + index / 50, abs=0.00025)
        for index, is_here in enumerate(came)
        if is_here
    }


def test_a_packet_is_told_once() -> None:
    sending = Sending(0xFFFE, [1.0, 1.1, 1.2])
    assert [one.sent_at for one in sending.told(0xFFFE, 0, None, 250)] == [1.0, 1.1, 1.2]
    assert sending.told(0xFFFE, 0, None, 250) == []


def test_a_packet_called_lost_that_came_late_is_told_again() -> None:
    sending = Sending(5, [1.0, 1.1])
    assert sending.told(5, None, 250)[0].arrived_at is None
    assert sending.told(5, 1_000) == [PacketResult(1.0, 100, 0.001, was_lost=True)]


def test_a_number_used_anew_is_another_packet() -> None:
    sending = Sending(5, [1.0])
    sending.told(5, 0)
    sending.sent[5] = SentPacket(900.0, 100)
    assert [one.sent_at for one in sending.told(5, 0)] == [900.0]


def test_what_was_never_sent_is_passed_over() -> None:
    assert Sending(5, [1.0]).told(400, 0, None, 0) == []


def test_the_reference_goes_on_when_its_24_bits_wrap() -> None:
    sending = Sending(0, [1.0, 1.1, 1.2])
    (one,) = sending.told(0, 0, reference=0xFFFFFF)
    (two,) = sending.told(1, 0, reference=0)
    assert one.arrived_at is not None
    assert two.arrived_at is not None
    assert two.arrived_at - one.arrived_at == pytest.approx(0.064)


def test_feedback_that_was_lost_leaves_bytes_of_which_nothing_is_known() -> None:
    sending = Sending(0xFFFE, [1.0, 1.1, 1.2, 1.3])
    sending.told(0xFFFE, 0)
    assert sending.matcher.skipped_bytes == 0
    sending.told(0xFFFE + 3, 0)
    assert sending.matcher.skipped_bytes == 101 + 102
    sending.told(0xFFFE + 1, 0, 0)  # it was only late
    assert sending.matcher.skipped_bytes == 0
